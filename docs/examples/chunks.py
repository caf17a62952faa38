"""Collects the chunks of all documents with a tag in one file of JSON lines, for a retrieval system to index.

export OCRSITE_URL=https://ocr.example.org OCRSITE_TOKEN=ocrsite_...
python chunks.py minutes > chunks.jsonl
"""

import os
import sys

from ocr_client import Ocrsite

ocrsite = Ocrsite(os.environ["OCRSITE_URL"], os.environ["OCRSITE_TOKEN"])
address = f"documents/?tag={sys.argv[1]}"
while address:
    page = ocrsite.ask("GET", address).json()
    for document in page["results"]:
        sys.stdout.write(ocrsite.ask("GET", f"{document['url']}export/chunks/?size=500").text)
    address = page["next"]
