"""Our own pipeline, in the product's environment, one thread a process."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from recognition import engine, pipeline
from recognition.options import Options
from recognition.page import PageReading

from .protocol import Read, Reading, serve


def load(settings: Mapping[str, Any]) -> tuple[Read, Mapping[str, str]]:
    """``settings``: ``folder`` of the weights; optionally ``model``, ``backend`` and the backend's ``settings``, or the
    ``server`` that executes the networks."""
    # The truth of a page is in the script of the page.
    options = Options.parse({"script": "none", "text_layer": "ignore", "model": settings["model"]})
    reader = engine.load(
        options.model,
        folder=Path(settings["folder"]),
        backend=settings["backend"],
        threads=1,
        settings=settings.get("settings"),
        server=Path(settings["server"]) if "server" in settings else None,
    )

    def read(path: str) -> Reading:
        (result,) = pipeline.recognise(Path(path), options, reader, numbers=[1])
        if result.error:
            raise result.error
        return Reading(result.text, dict(result.seconds), tables(result))

    return read, {"python": platform.python_version(), **reader.metadata()["versions"]}


def tables(page: PageReading) -> list[list[list[dict[str, Any]]]]:
    """The tables of a page as rows of cells."""
    return [
        [
            [
                {
                    "text": "".join(page.lines[i].text for i in cell.lines),
                    "rowspan": cell.rowspan,
                    "colspan": cell.colspan,
                }
                for cell in row
            ]
            for row in block.table.rows
        ]
        for block in page.blocks
        if block.table
    ]


if __name__ == "__main__":
    serve(load)
