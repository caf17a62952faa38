"""Small files that ask for much: memory, time, or both."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

from PIL import Image


def blank_png(width: int, height: int) -> bytes:
    """A white page of any size in a few kilobytes: one bit a pixel."""
    row = b"\0" + b"\xff" * ((width + 7) // 8)
    data = zlib.compress(row * height, 9)

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def blank_webp(width: int, height: int) -> bytes:
    """A black page of any size in 28 bytes: of each prefix code there is one symbol, so a pixel takes no bits."""
    head = (width - 1) | (height - 1) << 14
    simple = 0b0001  # one symbol, which is 0
    codes = sum(simple << 3 + 4 * place for place in range(5))
    data = b"\x2f" + struct.pack("<I", head) + codes.to_bytes(3, "little")
    return b"RIFF" + struct.pack("<I", 12 + len(data)) + b"WEBPVP8L" + struct.pack("<I", len(data)) + data


def progressive_jpeg(scans: int, side: int = 6000) -> bytes:
    """A progressive picture whose last scan is repeated: each costs a pass over all of it."""
    out = io.BytesIO()
    Image.linear_gradient("L").resize((side, side)).convert("RGB").save(out, "JPEG", quality=5, progressive=True)
    data = out.getvalue()
    last = data.rindex(b"\xff\xda")
    return data[:last] + data[last:-2] * scans + data[-2:]


def deflated_twice(megabytes: int) -> bytes:
    """A PDF whose object stream of ``megabytes`` is deflated twice, which leaves a few kilobytes."""
    body = b"7 0 " + b" " * (megabytes * 2**20) + b"<< /Type /Pages /Kids [] /Count 0 >>"
    packed = zlib.compress(zlib.compress(body, 9), 9)
    objects = [
        b"1 0 obj << /Type /Catalog /Pages 7 0 R >> endobj\n",
        b"5 0 obj << /Type /ObjStm /N 1 /First 4 /Filter [/FlateDecode /FlateDecode] /Length %d >> stream\n"
        % len(packed)
        + packed
        + b"\nendstream endobj\n",
    ]
    pdf, offsets = b"%PDF-1.5\n", []
    for each in objects:
        offsets.append(len(pdf))
        pdf += each
    rows = [(0, 0, 65535), (1, offsets[0], 0), *[(0, 0, 0)] * 3, (1, offsets[1], 0), (1, len(pdf), 0), (2, 5, 0)]
    table = b"".join(struct.pack(">BIH", *row) for row in rows)
    pdf_end = len(pdf)
    pdf += b"6 0 obj << /Type /XRef /Size 8 /W [1 4 2] /Root 1 0 R /Length %d >> stream\n" % len(table)
    pdf += table + b"\nendstream endobj\nstartxref\n%d\n%%%%EOF\n" % pdf_end
    return pdf


def form_that_draws_itself(branches: int = 12, depth: int = 12) -> bytes:
    """A PDF of one page whose forms draw each other ``branches`` times, ``depth`` levels deep."""
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R"
        " /Resources << /XObject << /F 5 0 R >> >> >>",
        "<< /Length 5 >> stream\n/F Do\nendstream",
    ]
    for level in range(depth):
        content = "/F Do " * branches if level + 1 < depth else "0 0 600 800 re f " * 50
        below = f"/Resources << /XObject << /F {6 + level} 0 R >> >>" if level + 1 < depth else ""
        objects.append(
            f"<< /Type /XObject /Subtype /Form /BBox [0 0 600 800] {below} /Length {len(content)} >> stream\n"
            f"{content}\nendstream"
        )
    pdf = b"%PDF-1.4\n"
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(pdf))
        pdf += f"{number} 0 obj {body} endobj\n".encode()
    start = len(pdf)
    pdf += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    pdf += b"".join(f"{offset:010} 00000 n \n".encode() for offset in offsets)
    pdf += f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode()
    return pdf


def saved(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path
