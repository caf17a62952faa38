"""Uploads a file with a client that was generated from the schema, and saves its text in every format.

curl -H "Authorization: Bearer $OCRSITE_TOKEN" -o schema.json "$OCRSITE_URL/api/v1/schema/"
openapi-python-client generate --path schema.json --config python_client.json --meta none --output-path ocrsite_client
export OCRSITE_URL=https://ocr.example.org OCRSITE_TOKEN=ocrsite_...
python generated_client.py scan.pdf
"""

import importlib
import os
import pkgutil
import sys
import time
from pathlib import Path

from ocrsite_client import AuthenticatedClient, models
from ocrsite_client.api import documents
from ocrsite_client.api.documents import correct_line, get_document, get_page, upload_documents
from ocrsite_client.api.search import search
from ocrsite_client.types import File

MODULES = [module.name for module in pkgutil.iter_modules(documents.__path__)]
FORMATS = [name.removeprefix("export_") for name in MODULES if name.startswith("export_")]

client = AuthenticatedClient(
    os.environ["OCRSITE_URL"], os.environ["OCRSITE_TOKEN"], raise_on_unexpected_status=True, timeout=60
)

path = Path(sys.argv[1])
with path.open("rb") as content:
    file = File(content, path.name, "application/octet-stream")
    (taken,) = upload_documents.sync(client=client, body=models.Upload(file=[file], tags=["example"]))

document = get_document.sync(taken.id, client=client)
while document.status in (models.RunState.QUEUED, models.RunState.RUNNING):
    time.sleep(1)
    document = get_document.sync(taken.id, client=client)
print(f"{document.title}: {document.status.value}, tags: {', '.join(document.tags)}")

line = get_page.sync(document.id, 1, client=client).lines[0]
change = models.LineChange(text=f"{line.text} (checked)")
corrected = correct_line.sync(document.id, 1, line.id, client=client, body=change, if_match=f'"{line.version}"')
print(corrected.text)

hits = search.sync(client=client, q='"(checked)"', tag="example")
print(f"found on {hits.total} page(s)")

for name in FORMATS:
    export = importlib.import_module(f"ocrsite_client.api.documents.export_{name}")
    answer = export.sync_detailed(document.id, client=client)
    saved = path.with_name(f"{path.stem}.{name}")
    saved.write_bytes(answer.content)
    print(f"{name}: {len(answer.content)} bytes, {type(answer.parsed).__name__}")
