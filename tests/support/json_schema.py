"""The schema of the JSON export."""

from __future__ import annotations

import json
from pathlib import Path

from documents import urls

SCHEMA = json.loads((Path(urls.__file__).parent / "schema" / "ocrsite-1.json").read_text())
