"""The site: settings, addresses, set-up and processes. ``__version__`` is the one in pyproject.toml.

The version is found by a regular expression, because the installer imports this package with whatever Python there is,
and `tomllib` came with Python 3.11.
"""

import re
from pathlib import Path

_PROJECT = (Path(__file__).parent.parent / "pyproject.toml").read_text(encoding="utf-8")
__version__ = re.findall(r'^version = "(.+)"$', _PROJECT, re.MULTILINE)[0]
