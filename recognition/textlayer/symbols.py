"""Fonts that draw signs in place of letters, and which sign each of their codes is.

Word processors write a tick as the letter "ü" in Wingdings, or as a private character of the same code. The signs are
those that Unicode took from these fonts (ISO/IEC JTC1/SC2/WG2 N4384 and Unicode's mapping of Symbol), with plain
squares, circles, ticks and arrows for their many sizes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

FIRST = 0x21
PRIVATE = 0xF000
"""Symbol fonts have their codes here, or where Latin letters have theirs."""

NO_SIGN = "\ufffd"

SIGNS: Mapping[str, str] = {
    "wingdings": (
        "🖉✂✁👓🕭🕮🕯🕿✆🖂🖃📪📫📬📭🗀🗁🗎🗏🗐🗄⌛🖮🖰🖲🖳🖴🖫🖬✇✍🖎✌🖏👍👎☜☞☝☟🖐☺😐☹💣🕱🏳🏱✈☼🌢❄🕆✞🕈✠"
        "✡☪☯🕉☸♈♉♊♋♌♍♎♏♐♑♒♓🙰🙵●○■□□□□🞟⧫◆❖⬩⌧⮹⌘🏵🏶🙶🙷□⓪➀➁➂➃➄➅➆➇➈➉⓿➊➋➌➍➎"
        "➏➐➑➒➓🙢🙠🙡🙣🙞🙜🙝🙟·•▪○○○◎◎○▪□🟁🟅★🟋🟏🟓🟑⯐⌖⯎⯏⯑✪✰🕐🕑🕒🕓🕔🕕🕖🕗🕘🕙🕚🕛⮰⮱⮲⮳⮴⮵"
        "⮶⮷🙪🙫🙕🙔🙗🙖🙐🙑🙒🙓⌫⌦⮘⮚⮙⮛⮈⮊⮉⮋←→↑↓↖↗↙↘←→↑↓↖↗↙↘⇦⇨⇧⇩⬄⇳⬁⬀⬃⬂▪▪✗✓☒☑"
    ),
    "wingdings2": (
        "🖊🖋🖌🖍✄✀🕾🕽🗅🗆🗇🗈🗉🗊🗋🗌🗍📋🗑🗔🖵🖶🖷🖸🖭🖯🖱🖒🖓🖘🖙🖚🖛👈👉🖜🖝🖞🖟🖠🖡👆👇🖢🖣🖑✗✓☒☑☒☒⮾⮿🛇⦸"
        "🙱🙴🙲🙳‽🙹🙺🙻🙦🙤🙥🙧🙚🙘🙙🙛⓪①②③④⑤⑥⑦⑧⑨⑩⓿❶❷❸❹❺❻❼❽❾❿\ufffd☉🌕☽☾⸿✝🕇🕜🕝🕞🕟🕠🕡🕢🕣🕤🕥"
        "🕦🕧🙨🙩⋅•●●○○○○⊙⦿■■■■□□□□□▣🞕🞖🞗🞘⬩⬥◇🞚◈🞛🞜🞝🞞⬪⬧◊🞠◖◗⯊⯋⯀⯁⬟⯂⬣⬢⯃⯄🞡🞢🞣"
        "🞤🞥🞦🞧🞨🞩🞪🞫🞬🞭🞮🞯🞰🞱🞲🞳🞴🞵🞶🞷🞸🞹🞺🞻🞼🞽🞾🞿🟀🟂🟄🟆🟉🟊✶🟌🟎🟐🟒✹🟃🟇✯🟍🟔⯌⯍※⁂"
    ),
    "wingdings3": (
        "⭠⭢⭡⭣⭦⭧⭩⭨⭰⭲⭱⭳⭶⭸⭻⭽⭤⭥⭪⭬⭫⭭⭍⮠⮡⮢⮣⮤⮥⮦⮧⮐⮑⮒⮓⮀⮃⭾⭿⮄⮆⮅⮇⮏⮍⮎⮌⭮⭯⎋⌤⌃⌥␣⍽⇪"
        "⮸🢠🢡🢢🢣🢤🢥🢦🢧🢨🢩🢪🢫🡐🡒🡑🡓🡔🡕🡗🡖🡘🡙▲▼△▽◀▶◁▷◣◢◤◥◀▶▲\ufffd▼⯅⯆⯇⯈⮜⮞⮝⮟🠐🠒🠑🠓🠔🠖🠕🠗"
        "🠘🠚🠙🠛🠜🠞🠝🠟🠀🠂🠁🠃🠄🠆🠅🠇🠈🠊🠉🠋🠠🠢🠤🠦🠨🠪🠬🢜🢝🢞🢟🠮🠰🠲🠴🠶🠸🠺🠹🠻🢘🢚🢙🢛🠼🠾🠽🠿🡀🡂🡁🡃🡄🡆🡅🡇"
        "⮨⮩⮪⮫⮬⮭⮮⮯🡠🡢🡡🡣🡤🡥🡧🡦🡰🡲🡱🡳🡴🡵🡷🡶🢀🢂🢁🢃🢄🢅🢇🢆🢐🢒🢑🢓🢔🢖🢕🢗"
    ),
    "webdings": (
        "🕷🕸🕲🕶🏆🎖🖇🗨🗩🗰🗱🌶🎗🙾🙼🗕🗖🗗⏴⏵⏶⏷⏪⏩⏮⏭⏸⏹⏺🗚🗳🛠🏗🏘🏙🏚🏜🏭🏛🏠🏖🏝🛣🔍🏔👁👂🏞🏕🛤🏟🛳🕬🕫🕨🔈"
        "🎔🎕🗬🙽🗭🗪🗫⮔✔🚲□🛡📦🛱■🚑🛈🛩🛰🟈🕴●🛥🚔🗘🗙❓🛲🚇🚍⛳⦸⊖🚭🗮⏐🗯🗲\ufffd🚹🚺🛉🛊🚼👽🏋⛷🏂🏌🏊🏄🏍🏎🚘🗠🛢"
        "💰🏷💳👪🗡🗢🗣✯🖄🖅🖃🖆🖹🖺🖻🕵🕰🖽🖾📋🗒🗓🕮📚🗞🗟🗃🗂🖼🎭🎜🎘🎙🎧💿🎞📷🎟🎬📽📹📾📻🎚🎛📺💻🖥🖦🖧🕹🎮🕻🕼📟🖁"
        "🖀🖨🖩🖿🖪🗜🔒🔓🗝📥📤🕳🌣🌤🌥🌦☁🌨🌧🌩🌪🌬🌫🌜🌡🛋🛏🍽🍸🛎🛍Ⓟ♿🛆🖈🎓🗤🗥🗦🗧🛪🐿🐦🐟🐕🐈🙬🙮🙭🙯🗺🌍🌏🌎🕊"
    ),
    "symbol": (
        "!∀#∃%&∍()*+,−./0123456789:;<=>?≅ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞ"
        "ΨΖ[∴]⊥_‾αβχδεφγηιϕκλμνοπθρστυϖωξψζ{|}~\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd"
        "\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd€ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…⏐⎯↵ℵℑℜ℘⊗⊕∅∩∪"
        "⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓◊〈®©™∑⎛⎜⎝⎡⎢⎣⎧⎨⎩⎪\ufffd〉∫⌠⎮⌡⎞⎟⎠⎤⎥⎦⎫⎬⎭"
    ),
}
"""By the name of a font, without blanks: its signs from ``FIRST`` on."""


USUAL = frozenset(map(ord, "□■○●☐☑☒✓✗✔•▪◆❖★✪✶→←↑↓⇨➔▶▲▼☎☏✆✉✂✍☞➀➁➂➃➄➅➆➇➈➉①②③④⑤⑥⑦⑧⑨⑩"))
"""The signs that people put into forms and lists, and that say something or are known as marks of lists."""


def signs_of(font: str, said: Iterable[int] = ()) -> Mapping[int, int]:
    """From the characters that a PDF may give for the signs of ``font`` (its PostScript name) to these; empty for a
    font of letters.

    ``said``: some that it gives. They tell whether codes are taken for characters as on Windows or on a Macintosh.
    """
    name = _name(font)
    if name not in SIGNS:
        return {}
    characters = set(said)

    def usual(encoding: str) -> int:
        table = _table(name, encoding)
        return sum(table.get(character) in USUAL for character in characters)

    return _table(name, max(("cp1252", "mac_roman"), key=usual))


def has_pictures(font: str) -> bool:
    """Whether ``font`` has pictures only, and no letters of formulas."""
    return _name(font) in SIGNS.keys() - {"symbol"}


def _name(font: str) -> str:
    return font.rpartition("+")[2].lower().replace(" ", "").removesuffix("-regular").removesuffix("mt")


@cache
def _table(name: str, encoding: str) -> Mapping[int, int]:
    codes = {FIRST + place: ord(sign) for place, sign in enumerate(SIGNS[name])}
    table = {PRIVATE + code: sign for code, sign in codes.items()}
    if name == "symbol":  # its marks beyond ASCII come with their own names from files that know any
        return table | {code: sign for code, sign in codes.items() if code < 0x7F}
    signs = set(codes.values())
    if encoding == "cp1252":
        table |= {code: sign for code, sign in codes.items() if code not in signs}
    for code, sign in codes.items():
        character = bytes([code]).decode(encoding, errors="replace")
        if character != NO_SIGN and ord(character) not in signs:
            table[ord(character)] = sign
    return table
