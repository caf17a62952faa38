"""Taiwan's electronic invoices (電子發票證明聯), from the two QR codes printed on each.

The left code begins with 77 characters of fixed fields, followed by fields between colons, and the right one goes on
with the items after "**". Source: Ministry of Finance, 電子發票證明聯一維及二維條碼規格說明.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

HEAD = re.compile(
    r"(?P<number>[A-Z]{2}\d{8})(?P<year>\d{3})(?P<month>\d{2})(?P<day>\d{2})(?P<random>\d{4})"
    r"(?P<sales>[0-9A-Fa-f]{8})(?P<total>[0-9A-Fa-f]{8})(?P<buyer>\d{8})(?P<seller>\d{8})(?P<seal>.{24})"
)
CONTINUED = "**"
NO_BUYER = "00000000"
REPUBLIC = 1911
"""What is added to a year of the Republic of China."""

BASE64 = "2"
"""The value of the field for the encoding of names which says so; 0 is Big5, 1 is UTF-8."""

TAX_ID_WEIGHTS = (1, 2, 1, 2, 1, 2, 4, 1)
TAX_ID_DIVISOR = 5
"""Since 2023; all older numbers are multiples of ten and so of five."""


@dataclass(frozen=True)
class Item:
    """One line of an invoice; the numbers as they are written in the code, so that none loses its decimals."""

    name: str
    quantity: str
    unit_price: str


@dataclass(frozen=True)
class TaxId:
    """A 統一編號. ``checksum_valid``: whether its check digit is right."""

    number: str
    checksum_valid: bool


@dataclass(frozen=True)
class Invoice:
    """What the codes of one invoice say. ``date``: ISO 8601. Amounts are in New Taiwan dollars.

    ``sales_amount`` is without tax, or 0 where the seller does not part the tax from it. ``buyer``: None for a
    consumer. ``item_count``: how many items the invoice has in all; the codes may have room for fewer.
    """

    number: str
    date: str
    random_code: str
    sales_amount: int
    total_amount: int
    seller: TaxId
    buyer: TaxId | None
    item_count: int | None
    items: tuple[Item, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON types."""
        return asdict(self) | {"items": [asdict(item) for item in self.items]}


def invoices(texts: Sequence[str]) -> list[Invoice]:
    """The invoices that codes with these ``texts`` describe, in their order.

    A right code belongs to the left one before it. A code that only looks like one is none.
    """
    found = []
    for number, text in enumerate(texts):
        if read := HEAD.match(text):
            following = texts[number + 1] if number + 1 < len(texts) else ""
            more = following[len(CONTINUED) :] if following.startswith(CONTINUED) else ""
            if invoice := _invoice(read, text[read.end() :] + more):
                found.append(invoice)
    return found


def _invoice(head: re.Match[str], rest: str) -> Invoice | None:
    try:
        day = date(int(head["year"]) + REPUBLIC, int(head["month"]), int(head["day"]))
    except ValueError:
        return None
    _own, _here, count, encoding, *fields = [*rest.lstrip(":").split(":"), "", "", "", ""]
    return Invoice(
        number=head["number"],
        date=day.isoformat(),
        random_code=head["random"],
        sales_amount=int(head["sales"], 16),
        total_amount=int(head["total"], 16),
        seller=TaxId(head["seller"], is_tax_id(head["seller"])),
        buyer=None if head["buyer"] == NO_BUYER else TaxId(head["buyer"], is_tax_id(head["buyer"])),
        item_count=int(count) if count.isdecimal() else None,
        items=tuple(_items(_decoded(fields) if encoding == BASE64 else fields)),
    )


def _decoded(fields: Sequence[str]) -> list[str]:
    """The fields in a single one that is written in base64."""
    try:
        return base64.b64decode("".join(fields), validate=True).decode().split(":")
    except (binascii.Error, UnicodeDecodeError):
        return []


def _items(fields: Sequence[str]) -> Iterator[Item]:
    """Items from name, quantity and price in turn. The last one may have been cut off, and is left out then."""
    fields = [field.strip() for field in fields]
    for start in range(0, len(fields) - 2, 3):
        name, quantity, price = fields[start : start + 3]
        if name and _is_number(quantity) and _is_number(price):
            yield Item(name, quantity, price)


def _is_number(text: str) -> bool:
    try:
        return Decimal(text).is_finite()
    except InvalidOperation:
        return False


def is_tax_id(number: str) -> bool:
    """Whether ``number`` is a 統一編號 by its check digit.

    The digits of the products with the weights are added up. If the seventh digit is 7, its product 28 may count as
    10, that is 1 or 0. Source: Ministry of Finance, 營利事業統一編號檢查碼邏輯修正說明 (2023).
    """
    if not re.fullmatch(r"[0-9]{8}", number):
        return False
    products = [int(digit) * weight for digit, weight in zip(number, TAX_ID_WEIGHTS, strict=True)]
    total = sum(product // 10 + product % 10 for product in products)
    sums = {total, total - 10 + 1, total - 10} if number[6] == "7" else {total}
    return any(each % TAX_ID_DIVISOR == 0 for each in sums)
