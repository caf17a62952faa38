"""Recognition works by itself, where neither Django nor the platform is installed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import recognition
from tests.support import synthetic_pages

TEXT = ["繁體中文的光學文字辨識系統", "Optical character recognition 2026"]

SCRIPT = """
import importlib, json, pathlib, pkgutil, sys

ABSENT = ("django", "rest_framework", "allauth", "rq", "redis")

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0].startswith(ABSENT):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Absent())

import recognition
from recognition import engine, pipeline
from recognition.options import Options

modules = [module.name for module in pkgutil.walk_packages(recognition.__path__, "recognition.")]
for name in modules:
    importlib.import_module(name)

(page,) = pipeline.recognise(pathlib.Path(sys.argv[1]), Options(), engine.load(folder=pathlib.Path(sys.argv[2])))
platform = [name for name in ("documents", "accounts", "ocrsite") if importlib.util.find_spec(name)]
print(json.dumps({"modules": modules, "text": page.text, "platform": platform}))
"""


def test_every_module_is_imported_and_a_page_is_read_without_django(tmp_path: Path, weights_folder: Path) -> None:
    """Of the project, only the package ``recognition`` can be imported there."""
    (tmp_path / "recognition").symlink_to(Path(recognition.__file__).parent)
    synthetic_pages.horizontal(TEXT, size=40).save(tmp_path / "page.png")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("DJANGO", "PYTHON"))}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, "page.png", str(weights_folder.resolve())],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout.splitlines()[-1])
    assert said["text"].splitlines() == TEXT
    assert {"recognition.pipeline", "recognition.engine.reader", "recognition.batch"} <= set(said["modules"])
    assert said["platform"] == []
