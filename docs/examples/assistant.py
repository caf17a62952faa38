"""Asks the archive as an assistant does: lists the tools, searches, and reads the first page found.

Needs `pip install mcp`.

export OCRSITE_URL=https://ocr.example.org OCRSITE_TOKEN=ocrsite_...
python assistant.py 發票
"""

import asyncio
import os
import sys

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client


async def main(query: str) -> None:
    headers = {"Authorization": f"Bearer {os.environ['OCRSITE_TOKEN']}"}
    async with (
        httpx2.AsyncClient(headers=headers, timeout=60) as http,
        Client(streamable_http_client(f"{os.environ['OCRSITE_URL']}/mcp", http_client=http)) as archive,
    ):
        print("tools:", ", ".join(tool.name for tool in (await archive.list_tools()).tools))
        found = (await archive.call_tool("search", {"query": query})).structured_content
        print(f"{found['total']} page(s) with {query}")
        for hit in found["results"][:1]:
            page = {"document": hit["document"], "page": hit["page"] or 1}
            read = (await archive.call_tool("read_page", page)).structured_content
            print(f"{hit['title']}, {hit['html_url']}")
            print(read["text"])


asyncio.run(main(sys.argv[1]))
