"""Characters that fonts draw alike, told apart by what stands beside them.

日 (day) and 曰 (says) have different proportions, but the 曰 of one font has those of another's 日. Readers go by the
text: says is what precedes a colon and a quotation. Days do so only with a number or a word such as 翌日.
"""

from __future__ import annotations

import re

DAYS = (
    "〇○零一二三四五六七八九十廿卅0-9０-９元半幾几數数多整連连每週周曜期拜"
    "今昨明翌次當当是某同即前後后隔近早往昔他改平末終终良吉佳擇择"
    "節节假生誕诞忌祭念慶庆作班春夏秋冬烈白落旭抗訪访駐驻"
)
SAYS = re.compile(f"(?<![{DAYS}])日(?=[：:][「『“])")


def told_apart(text: str) -> str:
    """``text`` with 曰 where only that makes sense; as long as before."""
    return SAYS.sub("曰", text)
