"""The layers of the code, and the picture of them in docs/architecture.md.

``python -m tests.support.layers`` draws that picture anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "architecture.md"
START = "<!-- layers: drawn by `python -m tests.support.layers` -->"
END = "<!-- end of layers -->"


@dataclass(frozen=True)
class Layer:
    """Modules and packages right below an app that may import those of the layers below. ``job``: what they are for."""

    modules: tuple[str, ...]
    job: str


# From the top: a module imports only from layers below its own.
LAYERS = (
    Layer(("ocrsite.urls", "ocrsite.wsgi", "ocrsite.launch", "ocrsite.buffering"), "addresses; `make run`; serving"),
    Layer(
        ("ocrsite.settings", "ocrsite.cache", "ocrsite.context", "ocrsite.install", "ocrsite.processes"),
        "settings, installation, the processes of one machine",
    ),
    Layer(
        (
            "ocrsite.compression",
            "ocrsite.local_storage",
            "ocrsite.middleware",
            "ocrsite.refusals",
            "ocrsite.storage",
            "ocrsite.statics",
        ),
        "files, requests and logs of the site",
    ),
    Layer(("ocrsite.errors",), "what goes wrong on the site itself"),
    Layer(("accounts.urls", "accounts.admin", "accounts.apps"), "addresses and administration of accounts"),
    Layer(("accounts.views", "accounts.templatetags"), "pages of the account"),
    Layer(
        ("accounts.adapters", "accounts.audit", "accounts.forms", "accounts.invitations", "accounts.retirement"),
        "how people come in and go: invitations, login, single sign-on, retirement",
    ),
    Layer(
        ("accounts.encryption", "accounts.known_browsers", "accounts.teams"),
        "secrets, browsers, teams from the login service",
    ),
    Layer(
        ("documents.urls", "documents.admin", "documents.apps", "documents.management"),
        "addresses, administration, commands",
    ),
    Layer(("documents.mcp",), "the archive for assistants, by calls of the API"),
    Layer(("documents.api", "documents.iiif"), "the HTTP API for programs; documents for IIIF viewers"),
    Layer(
        ("documents.views", "documents.templatetags", "documents.checks", "documents.migrations"),
        "pages for people: authorise, bind a form, make one call, answer",
    ),
    Layer(
        ("documents.access", "documents.forms", "documents.media", "documents.region_forms", "documents.viewer"),
        "what views and API share: the gates, forms, files over HTTP",
    ),
    Layer(("documents.maintenance",), "the archive as a whole: integrity, dump, restore"),
    Layer(("documents.monitoring",), "health, readiness and metrics"),
    Layer(("documents.vision",), "single hard pages, read by a vision model"),
    Layer(
        ("documents.ingest", "documents.proposals", "documents.semantic"),
        "the way in: uploads, the watch folder; proposals for lines by language models and programs; search by meaning",
    ),
    Layer(("documents.webhooks",), "the way out: delivery of webhooks, HTTP to addresses that people enter"),
    Layer(("documents.library",), "lists; sharing, folders, the trash"),
    Layer(("documents.editing",), "every change of what a document says"),
    Layer(("documents.processing",), "queue and workers; the only package that knows RQ"),
    Layer(("documents.originals",), "original files in storage"),
    Layer(("documents.search", "documents.messages"), "the index and queries to it; errors in words for people"),
    Layer(("documents.models",), "the rows, and who may see them"),
    Layer(
        ("documents.exports", "documents.comparison", "documents.batch_output", "documents.blocks"),
        "one module for each format; differences between two readings",
    ),
    Layer(("documents.limits",), "what one person may ask for in a time"),
    Layer(
        ("documents.transcript", "documents.telemetry", "documents.turns", "documents.pictures"),
        "what a document says, as a plain value; counters; turns of people; parts of page images",
    ),
    Layer(("documents.redis_answers",), "Redis, for requests of people"),
    Layer(("recognition.batch",), "many files on all cores, for the command line"),
    Layer(
        ("recognition.pipeline", "recognition.confinement"),
        "how a page is read, step by step; confined processes that parse files",
    ),
    Layer(
        ("recognition.files", "recognition.searchable_pdf", "recognition.transcriptions", "recognition.unlocking"),
        "what is asked of a file, in this process or in a confined one; searchable PDFs; other programs' texts",
    ),
    Layer(
        (
            "recognition.raster",
            "recognition.textlayer",
            "recognition.preprocess",
            "recognition.engine",
            "recognition.layout",
            "recognition.convert",
            "recognition.combs",
            "recognition.tick_boxes",
            "recognition.legibility",
            "recognition.proof",
            "recognition.codes",
            "recognition.letter_spacing",
            "recognition.invoices",
        ),
        "the steps, none of which knows another",
    ),
    Layer(
        ("recognition.pdfium", "recognition.separators", "recognition.strip", "recognition.weights"),
        "PDF files; rules and pictures; where characters stand in a line; installed models",
    ),
    Layer(
        ("recognition.options", "recognition.page", "documents.errors"),
        "how to read; lines and pages; the archive's errors",
    ),
    Layer(("recognition.page_warnings",), "what a page may warn of"),
    Layer(
        ("recognition.errors", "recognition.geometry", "recognition.scripts"),
        "errors; boxes and polygons; scripts of characters",
    ),
)


def package_of(module: str) -> str:
    """The module or package right below an app: the first two parts of a name."""
    return ".".join(module.split(".")[:2])


def level(module: str) -> int:
    """How far down ``module`` stands. Raises StopIteration for one that is in no layer."""
    return next(n for n, layer in enumerate(LAYERS) if package_of(module) in layer.modules)


def picture() -> str:
    """The layers as a table in Markdown, the uppermost first."""
    rows = [f"| {', '.join(f'`{name}`' for name in layer.modules)} | {layer.job} |" for layer in LAYERS]
    return "\n".join(["| Package | What it is for |", "| --- | --- |", *rows])


def with_picture(text: str) -> str:
    """``text`` with the picture as it has to be between its two marks."""
    before, _, rest = text.partition(START)
    _, _, after = rest.partition(END)
    return f"{before}{START}\n\n{picture()}\n\n{END}{after}"


if __name__ == "__main__":
    DOCUMENT.write_text(with_picture(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
