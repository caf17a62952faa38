"""What is compared when people search: a text as a row of tokens, the same for index and query.

A token is one Han character, kana, Bopomofo letter or punctuation mark, or a run of other letters, or a
run of digits. Tokens are compatibility-composed (NFKC: full and half width, ligatures), without case, and
Han characters take one form for all scripts: 臺, 台 and 檯 are the same. White space only parts tokens, so
a word that goes over the end of a line is found, and a Latin word hyphenated there is one word.

A text *says* a phrase if the phrase's tokens stand in it in a row, of which the last one may go on: "recog"
finds "recognition", and 台北 finds 臺北市, but "cat" does not find "concatenate". Written out by ``stream``,
with a space before each token, that is nothing but: the phrase is a part of the text.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache

from recognition.convert import simplest_form

Span = tuple[int, int]
"""Start and end of a part of a text as it is written."""

GAP = " \x9c"
"""Goes between streams that have nothing to do with each other; a control character, which no token contains."""

_SINGLE = (
    r"\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3041-\u312f\u31a0-\u31ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
_WORD = re.compile(rf"\d+|(?:(?![{_SINGLE}])[^\W\d_])+")
_TOKEN = re.compile(rf"{_WORD.pattern}|\S")
_MARK = re.compile(r"[\u0300-\u036f\u3099\u309a\uff9e\uff9f]")
"""What combines with the character before it: accents, and the marks of kana."""
_CLUSTER = re.compile(rf"[\s\S]{_MARK.pattern}*")
"""A character with the marks that combine with it."""
_SPACE = re.compile(r"\s")
_HYPHEN = re.compile(r"(?<=[^\W\d_])[-\u2010][^\S\n]*\n\s*(?=[^\W\d_])")

_LINE_BREAK = re.compile(rf"(?<=[{_SINGLE}，。、；：！？」』）])\s*\n\s*|\s*\n\s*(?=[{_SINGLE}「『（])")

_WIDE = {code: chr(code + 0xFEE0) for code in range(0x21, 0x7F) if not chr(code).isalnum()}
"""ASCII marks as their full-width twins, which no token contains otherwise: SQLite parts words at ASCII marks."""
_SAME = _WIDE | {ord(mark): _WIDE[ord(plain)] for mark, plain in zip("‘’“”‐", "''\"\"-", strict=True)}


def stream(text: str) -> str:
    """``text`` as its tokens with a space before each: what the index keeps."""
    for hyphen in reversed(list(_hyphens(text))):
        text = text[: hyphen.start()] + text[hyphen.end() :]
    if _MARK.search(text):
        folded = "".join([_form(cluster) for cluster in _CLUSTER.findall(text)])
    else:
        folded = text.translate(_FORMS)
    return _joined(_TOKEN.findall(folded))


def _joined(tokens: Sequence[str]) -> str:
    return " " + " ".join(tokens) if tokens else ""


class TokenizedText:
    """A text taken apart once, to find out where it says things."""

    def __init__(self, text: str) -> None:
        self.text = text

    def places(self, phrase: str) -> list[Span]:
        """Where it says ``phrase``, its last word to the end: from its front, none overlapping."""
        wanted = stream(phrase)
        if self._forms is None and not _WORD.search(wanted):
            return self._places_of_characters(wanted.replace(" ", ""))
        found, said = [], self._stream
        place = said.find(wanted) if wanted else -1
        while place >= 0:
            end = said.find(" ", place + len(wanted))
            end = end if end >= 0 else len(said)
            first = place - said.count(" ", 0, place)
            last = first + (end - place) - said.count(" ", place, end) - 1
            found.append((self._origins[first][0], self._origins[last][1]))
            place = said.find(wanted, place + len(wanted))
        return found

    def _places_of_characters(self, wanted: str) -> list[Span]:
        """The same for tokens of one character each, without taking the text apart: its white space is left out."""
        found = []
        place = self._unspaced.find(wanted) if wanted else -1
        while place >= 0:
            end = place + len(wanted)
            found.append((self._with_spaces(place), self._with_spaces(end - 1) + 1))
            place = self._unspaced.find(wanted, end)
        return found

    @cached_property
    def _unspaced(self) -> str:
        return "".join(self._folded.split())

    def _with_spaces(self, place: int) -> int:
        """Where a character of ``_unspaced`` stands in the text."""
        return place + bisect_right(self._spaces, place)

    @cached_property
    def _spaces(self) -> list[int]:
        """Of each white space how many other characters stand before it."""
        return [match.start() - index for index, match in enumerate(_SPACE.finditer(self._folded))]

    @cached_property
    def _forms(self) -> list[tuple[Span, str]] | None:
        """What each character with its marks is searched as, and where it stands; None if, as nearly everywhere, each
        form is one character in the place of one.
        """
        hidden = {position for hyphen in _hyphens(self.text) for position in range(*hyphen.span())}
        if not hidden and not _MARK.search(self.text) and _are_single(self.text):
            return None
        clusters = [(match.span(), match[0]) for match in _CLUSTER.finditer(self.text)]
        return [(span, "" if span[0] in hidden else _form(cluster)) for span, cluster in clusters]

    @cached_property
    def _folded(self) -> str:
        return self.text.translate(_FORMS) if self._forms is None else "".join([form for _, form in self._forms])

    @cached_property
    def _stream(self) -> str:
        return _joined(_TOKEN.findall(self._folded))

    @cached_property
    def _origins(self) -> Sequence[Span]:
        """Of each character of the stream but the spaces where it stands in the text."""
        if self._forms is None:
            return [(place, place + 1) for place, form in enumerate(self._folded) if not form.isspace()]
        return [span for span, form in self._forms for character in form if not character.isspace()]


def unbroken(text: str) -> str:
    """``text`` in one line: without its line breaks where Chinese continues, else with spaces in their place."""
    return " ".join(_LINE_BREAK.sub("", text).split("\n"))


def is_word(token: str) -> bool:
    """Whether it is one of several letters or digits, which may go on; other tokens are whole with one character."""
    return _WORD.match(token) is not None


def _hyphens(text: str) -> Iterator[re.Match[str]]:
    """Hyphens that part a word at the end of a line, with the white space after them."""
    if "-" not in text and "\u2010" not in text:
        return iter(())
    return (match for match in _HYPHEN.finditer(text) if text[match.end()].islower())


@lru_cache(maxsize=2**16)
def _form(cluster: str) -> str:
    """What a character is searched as; nothing for those that are not seen, such as a soft hyphen."""
    composed = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", cluster).casefold()).translate(_SAME)
    return "".join(
        simplest_form(character)
        for character in composed
        if character.isspace() or unicodedata.category(character) not in ("Cc", "Cf")
    )


class _Forms(dict[int, str]):
    """Of single characters, by their codes, as ``str.translate`` asks for them."""

    def __missing__(self, code: int) -> str:
        self[code] = form = _form(chr(code))
        return form


_FORMS = _Forms()
_KNOWN_SINGLE: set[str] = set()
"""Characters whose form has been seen to be one character."""


def _are_single(text: str) -> bool:
    """Whether each character of ``text`` is searched as one character."""
    if not _KNOWN_SINGLE.issuperset(text):
        _KNOWN_SINGLE.update(character for character in set(text) if len(_FORMS[ord(character)]) == 1)
    return _KNOWN_SINGLE.issuperset(text)
