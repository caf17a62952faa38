"""The tools of the archive. Each answers what the API answers: with page, box and link, under its user's own rights."""

from __future__ import annotations

import base64
import functools
from collections.abc import Callable
from typing import Annotated, Any, Literal
from uuid import UUID

from asgiref.sync import sync_to_async
from django.conf import settings
from mcp.server.mcpserver import Context, Image, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import BlobResourceContents, EmbeddedResource, TextContent, ToolAnnotations
from pydantic import Field

from documents import exports
from recognition.options import Options

from .calls import call

LARGEST_EXPORT = 10 * 2**20
"""Bytes of a file inside an answer; assistants cannot do anything with larger ones."""

READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)
ADDS = ToolAnnotations(read_only_hint=False, destructive_hint=False, open_world_hint=False)

DocumentId = Annotated[UUID, Field(description="The id of a document, as searches and lists give it.")]
PageNumber = Annotated[int, Field(ge=1, description="The number of a page, from 1.")]
Box = Annotated[
    list[float] | None,
    Field(min_length=4, max_length=4, description="Left, top, right, bottom in pixels of the page image."),
]

server: MCPServer[Any] = MCPServer(
    name="ocrsite",
    title="ocrsite",
    version=settings.VERSION,
    instructions="An archive of scanned documents with their text. Search or list documents, then read pages. Lines "
    "have ids, boxes and confidence; look at the picture (show_page) where the text is doubtful. Give people the "
    "html_url of what you found.",
    subscriptions=False,
)


def tool(annotations: ToolAnnotations) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Registers a tool. It runs in the thread of its request, with the database connection of that."""

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        async def run(*args: Any, **kwargs: Any) -> Any:
            return await sync_to_async(function)(*args, **kwargs)

        server.add_tool(run, annotations=annotations)
        return function

    return register


@tool(READS)
def search(
    ctx: Context,
    query: Annotated[str, Field(max_length=200, description="Words on one page; a phrase in quotation marks.")],
    tag: str | None = None,
    folder: Annotated[int | None, Field(description="The number of a folder, from list_folders.")] = None,
    owner: Annotated[str | None, Field(description="A user name.")] = None,
    since: Annotated[str | None, Field(description="Uploaded on this day or later: 2026-11-30.")] = None,
    until: Annotated[str | None, Field(description="Uploaded on this day or earlier.")] = None,
    after: Annotated[int | None, Field(description="The number after= in the last answer's next.")] = None,
) -> dict[str, Any]:
    """Searches the text of all pages that you may see. Traditional and Simplified characters count as the same."""
    filters = {"tag": tag, "folder": folder, "owner": owner, "since": since, "until": until, "after": after}
    return _object(call(ctx, "GET", "search", query={"q": query} | filters).data)


@tool(READS)
def search_by_meaning(
    ctx: Context,
    query: Annotated[str, Field(max_length=200, description="What is meant, in any words or as a question.")],
    tag: str | None = None,
    folder: Annotated[int | None, Field(description="The number of a folder, from list_folders.")] = None,
    owner: Annotated[str | None, Field(description="A user name.")] = None,
    since: Annotated[str | None, Field(description="Uploaded on this day or later: 2026-11-30.")] = None,
    until: Annotated[str | None, Field(description="Uploaded on this day or earlier.")] = None,
) -> dict[str, Any]:
    """The 20 pieces of text nearest in meaning, with lines and boxes. Sites without a model for it answer no-model."""
    filters = {"tag": tag, "folder": folder, "owner": owner, "since": since, "until": until}
    return _object(call(ctx, "GET", "search-by-meaning", query={"q": query} | filters).data)


@tool(READS)
def list_documents(
    ctx: Context,
    query: Annotated[str | None, Field(max_length=200, description="Words of the text, the title or a tag.")] = None,
    status: Literal["queued", "running", "done", "partial", "failed"] | None = None,
    tag: str | None = None,
    folder: Annotated[int | None, Field(description="The number of a folder, from list_folders.")] = None,
    cursor: Annotated[str | None, Field(description="The value of cursor= in the last answer's next.")] = None,
    page_size: Annotated[int, Field(ge=1, le=200)] = 50,
) -> dict[str, Any]:
    """Lists the documents that you may see, the newest first."""
    asked = {"q": query, "status": status, "tag": tag, "folder": folder, "cursor": cursor, "page_size": page_size}
    return _object(call(ctx, "GET", "documents", query=asked).data)


@tool(READS)
def list_folders(ctx: Context) -> dict[str, Any]:
    """Lists the folders that you may see, each with its number, name and parent."""
    return {"folders": call(ctx, "GET", "folders").data}


@tool(READS)
def get_document(ctx: Context, document: DocumentId) -> dict[str, Any]:
    """A document: title, status, pages, tags, and its address for people (html_url)."""
    return _object(call(ctx, "GET", "document", document).data)


@tool(READS)
def read_page(ctx: Context, document: DocumentId, page: PageNumber) -> dict[str, Any]:
    """A page: its text, its lines in reading order with box and confidence, its blocks and tables, and warnings."""
    return _object(call(ctx, "GET", "page", document, page).data)


@tool(READS)
def show_page(
    ctx: Context,
    document: DocumentId,
    page: PageNumber,
    box: Box = None,
    longest: Annotated[int, Field(ge=64, le=4000, description="Pixels of the picture's longer side.")] = 1200,
) -> Image:
    """The picture of a page, or of the part of it in a box, to look at what the text may have wrong."""
    part = ",".join(f"{value:g}" for value in box) if box else None
    answer = call(ctx, "GET", "page-image", document, page, query={"box": part, "longest": longest})
    return Image(data=answer.content, format="jpeg")


@tool(READS)
def export(
    ctx: Context,
    document: DocumentId,
    format: Annotated[str, Field(json_schema_extra={"enum": list(exports.FORMATS)}, description="txt or md for text.")],
) -> list[TextContent | EmbeddedResource]:
    """The whole document in one of the export formats."""
    if format not in exports.FORMATS:
        raise ToolError(f"format-unknown: There is no such format. Known are: {', '.join(exports.FORMATS)}.")
    answer = call(ctx, "GET", f"export-{format}", document)
    if answer.media_type.startswith("text/") or answer.media_type.endswith(("json", "xml")):
        return [TextContent(type="text", text=answer.content.decode())]
    if len(answer.content) > LARGEST_EXPORT:
        url = call(ctx, "GET", "document", document).data["html_url"]
        raise ToolError(f"too-large: This file has {len(answer.content)} bytes. People can download it at {url}.")
    blob = BlobResourceContents(
        uri=f"ocrsite:documents/{document}/export/{format}",
        mime_type=answer.media_type,
        blob=base64.b64encode(answer.content).decode(),
    )
    return [EmbeddedResource(type="resource", resource=blob)]


@tool(ADDS)
def upload(
    ctx: Context,
    name: Annotated[str, Field(max_length=255, description="The name of the file, such as letter.jpg.")],
    content: Annotated[str, Field(description="The bytes of an image or PDF in Base64, at most 2.5 MB of it.")],
    title: Annotated[str | None, Field(max_length=255)] = None,
    folder: Annotated[int | None, Field(description="The number of a folder that you may put things into.")] = None,
    tags: Annotated[list[str] | None, Field(max_length=100)] = None,
    direction: Annotated[str | None, Field(json_schema_extra={"enum": Options.choices()["direction"]})] = None,
) -> dict[str, Any]:
    """Uploads a file; OCR starts at once. Ask get_document until its status is done.

    Send larger files by HTTP, with the same access token: POST /api/v1/documents/, multipart/form-data, field "file".
    """
    try:
        data = base64.b64decode(content, validate=True)
    except ValueError as error:
        raise ToolError("invalid: content: This is no Base64.") from error
    fields = [("title", title), ("folder", folder), *(("tags", tag) for tag in tags or ()), ("direction", direction)]
    form: list[tuple[str, Any]] = [(field, str(value)) for field, value in fields if value is not None]
    (taken,) = call(ctx, "POST", "documents", form=[*form, ("file", (name, data))]).data
    return _object(taken)


@tool(ADDS)
def correct_line(
    ctx: Context,
    document: DocumentId,
    page: PageNumber,
    line: Annotated[str, Field(pattern=r"^[\w-]{1,50}$", description="The id of the line.")],
    text: Annotated[str, Field(description="What the line says; empty if it is no text.")],
    version: Annotated[str, Field(coerce_numbers_to_str=True, description="The version of the line that you saw.")],
) -> dict[str, Any]:
    """Corrects a line of a page, under your user's name. Look at its picture first. People can undo it."""
    headers = {"If-Match": f'"{version}"'}
    return _object(call(ctx, "PATCH", "line", document, page, line, body={"text": text}, headers=headers).data)


@tool(ADDS)
def propose_correction(
    ctx: Context,
    document: DocumentId,
    page: PageNumber,
    line: Annotated[str, Field(pattern=r"^[\w-]{1,50}$", description="The id of the line.")],
    text: Annotated[str, Field(description="What the line says in your opinion.")],
    model: Annotated[str, Field(max_length=100, description="Your name, for the people who decide.")],
) -> dict[str, Any]:
    """Proposes another text for a line. It changes nothing until a person accepts it. Prefer it to correct_line."""
    proposal = {"page": page, "line": line, "text": text}
    (outcome,) = call(ctx, "POST", "proposals", document, body={"model": model, "proposals": [proposal]}).data
    if outcome["code"]:
        raise ToolError(f"{outcome['code']}: {outcome['detail']}")
    return _object(outcome)


def _object(data: Any) -> dict[str, Any]:
    found: dict[str, Any] = data
    return found
