"""Imports go downwards only, and the web process stays light."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
HEAVY = ("cv2", "onnxruntime", "openvino", "paddle", "paddleocr", "paddlex")

# From the top: a room imports only from lines below its own (docs/design-notes.md).
LAYERS = [
    ["ocrsite.urls", "ocrsite.wsgi", "ocrsite.launch"],
    ["ocrsite.settings", "ocrsite.cache", "ocrsite.install", "ocrsite.processes"],
    ["accounts.urls", "accounts.admin", "accounts.apps"],
    ["accounts.views", "accounts.templatetags"],
    ["accounts.adapters", "accounts.audit", "accounts.forms", "accounts.invitations"],
    ["accounts.seals", "accounts.teams"],
    ["documents.urls", "documents.admin", "documents.apps", "documents.management"],
    ["documents.api"],
    ["documents.views", "documents.templatetags", "documents.checks", "documents.migrations"],
    ["documents.inbox"],
    [
        "documents.forms",
        "documents.library_forms",
        "documents.messages",
        "documents.media",
        "documents.uploads",
        "documents.viewer",
    ],
    ["documents.marks"],
    ["documents.organise", "documents.listing"],
    ["documents.resumable"],
    ["documents.inspection", "documents.transfer"],
    ["documents.intake", "documents.webhooks"],
    ["recognition.live"],
    ["recognition.jobs"],
    ["recognition.batch", "documents.search"],
    ["recognition.pipeline", "documents.models"],
    ["documents.exports", "documents.comparison", "documents.outputs", "documents.outbound"],
    [
        "recognition.raster",
        "recognition.textlayer",
        "recognition.preprocess",
        "recognition.engine",
        "recognition.ordering",
        "recognition.convert",
        "recognition.legibility",
    ],
    ["recognition.pdfium", "recognition.weights"],
    ["recognition.page"],
    ["recognition.errors", "recognition.geometry"],
]
STEPS = next(layer for layer in LAYERS if "recognition.raster" in layer)


def room(module: str) -> str:
    """The room a module lies in: the first two parts of its name."""
    return ".".join(module.split(".")[:2])


def level(module: str) -> int:
    return next(n for n, layer in enumerate(LAYERS) if room(module) in layer)


def modules() -> Iterator[tuple[str, Path]]:
    for package in ("ocrsite", "accounts", "documents", "recognition"):
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            if "." in name:
                yield name, path


def imports(name: str, path: Path) -> Iterator[str]:
    """What a module imports of ours, by full name, wherever in its code it does; type checking aside."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING":
            node.body = []
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package.split(".")[: len(package.split(".")) - node.level + 1]) if node.level else ""
            start = f"{base}.{node.module}" if base and node.module else base or node.module or ""
            found = [f"{start}.{alias.name}" for alias in node.names]
        else:
            continue
        yield from (
            module for module in found if module.split(".")[0] in ("ocrsite", "accounts", "documents", "recognition")
        )


@pytest.mark.parametrize(("name", "path"), list(modules()), ids=lambda value: value if isinstance(value, str) else "")
def test_imports_go_downwards_only(name: str, path: Path) -> None:
    for imported in imports(name, path):
        if room(imported) == room(name) or "." not in imported:
            continue
        assert level(imported) > level(name), f"{name} imports {imported}"


def test_the_steps_of_recognition_know_neither_each_other_nor_django() -> None:
    for name, path in modules():
        if room(name) in STEPS:
            assert not {room(i) for i in imports(name, path)} & (set(STEPS) - {room(name)}), name
            assert "django" not in path.read_text(encoding="utf-8"), name


def test_the_import_check_sees_every_form_of_import(tmp_path: Path) -> None:
    source = tmp_path / "module.py"
    source.write_text(
        "from . import models\nfrom ..recognition import jobs\nimport documents.forms\nfrom .exports import txt\n"
        "def f():\n    from recognition.engine import load\n"
    )
    assert set(imports("documents.module", source)) == {
        "documents.models",
        "recognition.jobs",
        "documents.forms",
        "documents.exports.txt",
        "recognition.engine.load",
    }


def test_the_web_process_starts_without_the_engines() -> None:
    script = (
        "import sys, ocrsite.wsgi; from django.urls import get_resolver; get_resolver().url_patterns;"
        f"print([m for m in {HEAVY!r} if m in sys.modules])"
    )
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "ocrsite.settings"}
    shown = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert shown.stdout.strip() == "[]"
