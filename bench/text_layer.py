"""How fast the text of a born-digital PDF is taken, on all cores, by processes that are warm.

``python -m bench.text_layer FILE.pdf`` reads the file several times as ``manage.py recognise`` does, in reading
order and with script conversion, and compares what was taken with what PDFium finds on the same pages.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections import Counter
from functools import partial
from pathlib import Path

import pypdfium2

from recognition import engine, raster
from recognition.batch import FileResult, ReaderPool
from recognition.options import Options


def characters(text: str) -> Counter[str]:
    """What is printed: characters without white space and control characters, however often each."""
    return Counter(character for character in text if character.isprintable() and not character.isspace())


def difference(path: Path, result: FileResult) -> tuple[int, int]:
    """How many characters of the layer that stand on the page were not taken, or taken without being in it;
    and how many there are.

    Of the pages whose text was taken; the order does not count.
    """
    other = count = 0
    with pypdfium2.PdfDocument(path) as pdf:
        for page in result.pages:
            if page.source == "text-layer":
                layer = pdf[page.number - 1].get_textpage()
                taken = characters("".join(line.raw for line in page.lines))
                on_page = characters(layer.get_text_bounded())
                other += (on_page - taken).total() + (taken - characters(layer.get_text_range())).total()
                count += on_page.total()
    return other, count


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.text_layer", description=__doc__)
    parser.add_argument("file", type=Path, metavar="FILE.pdf")
    parser.add_argument("--times", type=int, default=5, metavar="N", help="how often it is read (default: 5)")
    parser.add_argument("--weights", type=Path, default=Path("var/weights"), metavar="DIR", help="default: var/weights")
    arguments = parser.parse_args()
    workers = os.cpu_count() or 1
    seconds = []
    with ReaderPool(partial(engine.load, folder=arguments.weights), Options(), raster.Limits(), workers) as readers:
        readers.metadata()
        for _ in range(1 + arguments.times):  # the first time is for warming up
            start = time.perf_counter()
            (result,) = readers.read([arguments.file])
            seconds.append(time.perf_counter() - start)
    if result.error:
        sys.exit(str(result.error))
    pages, layered = len(result.pages), sum(page.source == "text-layer" for page in result.pages)
    speeds = [pages / each for each in seconds[1:]]
    other, count = difference(arguments.file, result)
    sys.stdout.write(
        "| pages | by their layer | processes | pages/s, median | least | most | characters | not as in the layer |\n"
        "| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n"
        f"| {pages} | {layered} | {workers} | {statistics.median(speeds):.0f} | {min(speeds):.0f} | {max(speeds):.0f} "
        f"| {count} | {other} |\n"
    )


if __name__ == "__main__":
    main()
