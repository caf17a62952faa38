"""Puts a book of 500 pages, the first one with 500 lines, into the archive of a running platform.

Run as a program with the platform's environment; says the address of the document. Every page shows the same picture,
since what is looked at is how the viewer copes with so many, and not how they are read.
"""

from __future__ import annotations

import io
import os
import sys

PAGES = LINES = 500
WIDTH, HEIGHT = 1654, 2339  # A4 at 200 dpi


def lines(count: int) -> list[dict[str, object]]:
    """``count`` lines in five columns."""
    from recognition.page import Line

    rows = -(-count // 5)
    step = (HEIGHT - 100) / rows
    found = []
    for number in range(count):
        left, top = 30 + number // rows * 322, 50 + number % rows * step
        right, bottom = left + 300, top + 0.8 * step
        polygon = ((left, top), (right, top), (right, bottom), (left, bottom))
        found.append(Line(f"第{number + 1}行 密密麻麻", 0.8 + number % 20 / 100, polygon).to_dict())
    return found


def seed() -> str:
    from django.contrib.auth.models import User
    from django.core.files.base import ContentFile

    from documents.models import Document, Original, Page, PageResult, Run, State
    from recognition.options import Options
    from tests.support import synthetic_pages

    owner = User.objects.get(is_superuser=True)
    document = Document.objects.create(owner=owner, title="五百頁", page_count=PAGES)
    original = Original(
        document=document,
        name="book.pdf",
        sha256="5" * 64,
        kind="pdf",
        media_type="application/pdf",
        bytes=1,
        page_count=PAGES,
    )
    original.file.save("", ContentFile(b"%PDF-"))
    picture = io.BytesIO()
    synthetic_pages.horizontal([f"第{n}行" for n in range(40)]).resize((WIDTH, HEIGHT)).save(
        picture, "JPEG", quality=85
    )
    page = Page(document=document, number=1)
    page.image.save("pages/large.jpg", ContentFile(picture.getvalue()), save=False)
    shared = {
        "document": document,
        "original": original,
        "image": page.image.name,
        "thumbnail": page.image.name,
        "width": WIDTH,
        "height": HEIGHT,
    }
    Page.objects.bulk_create([Page(number=n, original_number=n, **shared) for n in range(1, PAGES + 1)])
    run = Run.start(document, Options(), owner)
    run.begin({"backend": "none", "model": "none"})
    results = list(run.results.select_related("page"))
    for result in results:
        result.lines = lines(LINES if result.page.number == 1 else 40)
        result.text = "\n".join(str(line["text"]) for line in result.lines)
        result.state, result.confidence, result.seconds = State.DONE, 0.9, 1.0
    PageResult.objects.bulk_update(results, ["lines", "text", "state", "confidence", "seconds"], batch_size=50)
    run.settle()
    return document.get_absolute_url()


if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ocrsite.settings")
    django.setup()
    sys.stdout.write(seed())
