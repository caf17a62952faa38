"""Characters that fonts draw alike, told apart by what stands beside them.

日 (day) and 曰 (says) have different proportions, but the 曰 of one font has those of another's 日. Readers go by the
text: says is what precedes a colon and a quotation. Days do so only with a number or a word such as 翌日.

On receipts, thin @ looks like 0. A quantity before a price ("@2 x 9.40") does not begin with 0, but some receipts print
so. So where one of these lines of a page has @, the others have it as well.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from .recogniser import Text

DAYS = (
    "〇○零一二三四五六七八九十廿卅0-9０-９元半幾几數数多整連连每週周曜期拜"
    "今昨明翌次當当是某同即前後后隔近早往昔他改平末終终良吉佳擇择"
    "節节假生誕诞忌祭念慶庆作班春夏秋冬烈白落旭抗訪访駐驻"
)
SAYS = re.compile(f"(?<![{DAYS}])日(?=[：:][「『“])")


def told_apart(text: str) -> str:
    """``text`` with 曰 where only that makes sense; as long as before."""
    return SAYS.sub("曰", text)


PRICED = re.compile(r"[0@]\d+ ?[xX×] ?(RM|[A-Z]{0,3}[$€£¥])? ?\d+[.,]\d\d\b")


def with_at_signs(texts: Sequence[Text]) -> list[Text]:
    """The ``texts`` of the lines of a page, with @ for 0 before quantities if one of them has @ there."""
    priced = [bool(PRICED.match(str(text))) for text in texts]
    if not any(is_priced and text.characters[0] == "@" for text, is_priced in zip(texts, priced, strict=True)):
        return list(texts)
    return [_with_at_sign(text) if is_priced else text for text, is_priced in zip(texts, priced, strict=True)]


def _with_at_sign(text: Text) -> Text:
    if text.characters[0] == "@":
        return text
    others = {"0": float(text.probabilities[0]), **{c: p for c, p in text.others[0].items() if c != "@"}}
    return replace(text, characters=["@", *text.characters[1:]], others=[others, *text.others[1:]])
