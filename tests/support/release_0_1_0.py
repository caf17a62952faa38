"""A filled database as version 0.1.0 left it: ``OCRSITE_DATA=FOLDER python -m tests.support.release_0_1_0``.

Its rows are written with the models of the migrations of that version, so nothing here follows later changes.
"""

from __future__ import annotations

import hashlib
import io
import os
import uuid
from typing import Any

import django

STATE = [("documents", "0013_parts_go_with_documents"), ("search", "0002_plans")]

POLYGON = [[100, 100], [500, 100], [500, 140], [100, 140]]


def line(text: str, top: int) -> dict[str, Any]:
    polygon = [[x, y + top] for x, y in POLYGON]
    return {
        "text": text,
        "raw": text,
        "confidence": 0.97,
        "polygon": polygon,
        "direction": "horizontal",
        "positions": [],
    }


def picture() -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (1200, 1600), "white").save(out, "PNG")
    return out.getvalue()


def fill(apps: Any) -> None:
    """People, a team, a shared folder, a corrected document, one that was never read, and what goes with them."""
    from django.core.files.base import ContentFile
    from django.core.files.storage import default_storage
    from django.utils import timezone

    def create(model: str, **values: Any) -> Any:
        app, _, name = model.rpartition(".")
        return apps.get_model(app or "documents", name).objects.create(**values)

    owner = create("auth.User", username="owner", password="!")
    reader = create("auth.User", username="reader", password="!")
    team = create("auth.Group", name="檔案組")
    reader.groups.add(team)
    folder = create("Folder", name="民國書信", owner=owner, path="")
    folder.path = f"{folder.pk}/"
    folder.save()
    tag = create("Tag", name="待校正")
    create("Share", folder=folder, team=team)
    content = picture()
    sha256 = hashlib.sha256(content).hexdigest()
    name = f"originals/{sha256[:2]}/{sha256}"
    default_storage.save(name, ContentFile(content))
    known = {
        "owner": owner,
        "original": name,
        "sha256": sha256,
        "kind": "png",
        "media_type": "image/png",
        "bytes": len(content),
        "page_count": 1,
    }
    letter = create("Document", title="致友人書", folder=folder, **known)
    letter.tags.add(tag)
    page = create("Page", document=letter, number=1, width=1200, height=1600)
    now = timezone.now()
    run = create("Run", document=letter, options={}, requested_by=owner, state="done", started=now, finished=now)
    create(
        "PageResult",
        run=run,
        page=page,
        state="done",
        lines=[line("臺北市立圖書館", 0), line("民國三十八年", 80)],
        text="臺北市立圖書館\n民國三十九年",
        confidence=0.97,
        source="recognition",
        finished=now,
    )
    letter.current_run = run
    letter.save()
    corrected = [[x, y + 80] for x, y in POLYGON]
    create("Correction", page=page, kind="text", polygon=corrected, text="民國三十九年", author=reader)
    waiting = create("Document", title="未讀", **known)
    waiting_page = create("Page", document=waiting, number=1)
    waiting.current_run = create("Run", document=waiting, options={}, requested_by=owner)
    waiting.save()
    create("PageResult", run=waiting.current_run, page=waiting_page)
    create(
        "Event", verb="uploaded", document=letter.pk, title=letter.title, actor=owner, actor_name="owner", owner=owner
    )
    create("AccessToken", user=owner, name="腳本", digest="0" * 64, beginning="ocrsite_ab", scope="read", expires=now)
    create("Allowance", user=reader, pages_a_day=10)
    create("Part", id=uuid.uuid4(), name="半份.pdf", size=1000, owner=owner)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ocrsite.settings")
    django.setup()
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    others = [node for node in executor.loader.graph.leaf_nodes() if node[0] not in dict(STATE)]
    executor.migrate([*others, *STATE])
    fill(executor.loader.project_state([*others, *STATE]).apps)


if __name__ == "__main__":
    main()
