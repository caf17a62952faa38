"""Imports go downwards only, and the web process stays light."""

from __future__ import annotations

import ast
import graphlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.layers import DOCUMENT, LAYERS, ROOT, level, package_of, with_picture

HEAVY = ("cv2", "img2pdf", "onnxruntime", "openvino", "paddle", "paddleocr", "paddlex", "pikepdf")
"""What no web process loads: engines, and parsers that are used in confined processes only."""

STEPS = next(layer.modules for layer in LAYERS if "recognition.raster" in layer.modules)


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
        if package_of(imported) == package_of(name) or "." not in imported:
            continue
        assert level(imported) > level(name), f"{name} imports {imported}"


def test_the_picture_of_the_layers_is_up_to_date() -> None:
    shown = DOCUMENT.read_text(encoding="utf-8")
    assert shown == with_picture(shown), "run: python -m tests.support.layers"


def test_every_package_that_the_architecture_names_is_there() -> None:
    known = {name for name, _ in modules()} | {name.split(".")[0] for name, _ in modules()}
    named = set(
        re.findall(r"`((?:ocrsite|accounts|documents|recognition)[\w.]*)`", DOCUMENT.read_text(encoding="utf-8"))
    )
    assert named - known == set()


def imports_within(package: str) -> dict[str, set[str]]:
    """By module of ``package``, itself included: which others of it that module imports when it is loaded."""
    found = {name: path for name, path in modules() if name == package or name.startswith(f"{package}.")}
    graph: dict[str, set[str]] = {}
    for name, path in found.items():
        inside = [imported for imported in imports(name, path) if imported.startswith(f"{package}.")]
        graph[name] = {imported if imported in found else imported.rpartition(".")[0] for imported in inside} - {name}
    return graph


def test_the_models_import_each_other_in_no_circle() -> None:
    graph = imports_within("documents.models")
    assert "documents.models.results" in graph["documents.models.runs"]
    list(graphlib.TopologicalSorter(graph).static_order())  # CycleError names the circle


def test_placement_needs_no_database() -> None:
    path = ROOT / "documents" / "models" / "placement.py"
    assert {package_of(i) for i in imports("documents.models.placement", path)} == {
        "recognition.geometry",
        "recognition.page",
    }
    assert "django" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("function", "callers"),
    [
        ("reindexing", ("documents.editing", "documents.processing.tasks")),
        ("enqueue_workers", ("documents.editing", "documents.ingest.intake", "documents.processing")),
        ("announce_correction", ("documents.editing", "documents.models")),
        ("start_page_rerun", ("documents.editing", "documents.models")),
        ("start_model_reading", ("documents.editing", "documents.models")),
    ],
)
def test_there_is_one_door_for_changes(function: str, callers: tuple[str, ...]) -> None:
    """Whoever changes what a document says goes through editing, so that index and workers follow."""
    using = {name for name, path in modules() if function in names_in(path)}
    assert using
    assert [name for name in using if not any(f"{name}.".startswith(f"{each}.") for each in callers)] == []


def test_only_processing_knows_the_queue() -> None:
    using = {package_of(name) for name, path in modules() if {"rq", "django_rq"} & set(packages_in(path))}
    assert using == {"documents.processing"}


def packages_in(path: Path) -> Iterator[str]:
    """The packages that a module imports anything of."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def names_in(path: Path) -> set[str]:
    """The names that a module uses, with a dot before them or without; those that it defines are none of these."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    imported = {alias.name for node in nodes if isinstance(node, ast.ImportFrom) for alias in node.names}
    plain = {node.id for node in nodes if isinstance(node, ast.Name)}
    return imported | plain | {node.attr for node in nodes if isinstance(node, ast.Attribute)}


def test_the_steps_of_recognition_know_neither_each_other_nor_django() -> None:
    for name, path in modules():
        if package_of(name) in STEPS:
            assert not {package_of(i) for i in imports(name, path)} & (set(STEPS) - {package_of(name)}), name
            assert "django" not in path.read_text(encoding="utf-8"), name


def test_the_import_check_sees_every_form_of_import(tmp_path: Path) -> None:
    source = tmp_path / "module.py"
    source.write_text(
        "from . import models\nfrom ..recognition import batch\nimport documents.forms\nfrom .exports import txt\n"
        "def f():\n    from recognition.engine import load\n"
    )
    assert set(imports("documents.module", source)) == {
        "documents.models",
        "recognition.batch",
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
