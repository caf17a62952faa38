from __future__ import annotations

import signal
import threading
from collections import Counter
from pathlib import Path
from types import FrameType
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, close_old_connections

from documents.ingest.space import NoSpaceError
from documents.ingest.watch_folder import After, Filing, Outcome, WatchFolder
from documents.management import arguments
from documents.models import QuotaExceededError

LOOK_EVERY = 2.0
"""Seconds. Looking works on every kind of file system; network shares do not say when something has changed."""
AFTER_TROUBLE = 30.0


class Command(BaseCommand):
    help = (
        "Takes the files of a folder into the archive. What was taken moves to imported/, what cannot be read to "
        "failed/, with the reason beside it; what the owner has in the archive already is not taken twice."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path, metavar="FOLDER")
        parser.add_argument("--owner", required=True, metavar="NAME", help="the user whom the documents will belong to")
        parser.add_argument("--recursive", action="store_true", help="also files in subfolders")
        parser.add_argument("--watch", action="store_true", help="keep running and import new files")
        parser.add_argument(
            "--settle", type=float, default=10, metavar="SECONDS", help="how long a file must not grow (default: 10)"
        )
        what = parser.add_mutually_exclusive_group()
        for after, words in ((After.DELETE, "delete what was taken"), (After.KEEP, "change nothing in the folder")):
            what.add_argument(f"--{after}", dest="after", action="store_const", const=after, help=words)
        parser.add_argument("--folder", default="", metavar="A/B", help="the owner's folder to put them into")
        parser.add_argument("--tag", action="append", default=[], metavar="TAG", help="may be given several times")
        parser.add_argument("--team", action="append", default=[], metavar="NAME", help="share them with this team")
        arguments.add_options(parser)

    def handle(self, *args: Any, path: Path, watch: bool, after: After | None, **options: Any) -> None:
        if not path.is_dir():
            raise CommandError(f"{path} is no folder.")
        watched = WatchFolder(
            path,
            self.filing(options),
            recursive=options["recursive"],
            settle=options["settle"],
            after=after or After.MOVE,
        )
        stopping = threading.Event()  # the file at hand is finished first

        def stop(number: int, frame: FrameType | None) -> None:
            stopping.set()

        before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            if watch:
                self.say(f"Watching {path}.")
            self.work(watched, stopping, watch=watch)
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def filing(self, options: dict[str, Any]) -> Filing:
        users = get_user_model()
        try:
            owner = users.objects.get(username=options["owner"], is_active=True)
        except users.DoesNotExist as error:
            raise CommandError(f"There is no user {options['owner']}, or they may not log in.") from error
        teams = {team.name: team for team in Group.objects.filter(name__in=options["team"])}
        if missing := [name for name in options["team"] if name not in teams]:
            raise CommandError(f"There is no team {', '.join(missing)}.")
        return Filing(
            owner=owner,
            options=arguments.options_of(options),
            folder=tuple(name for name in options["folder"].split("/") if name),
            tags=tuple(options["tag"]),
            teams=tuple(teams.values()),
        )

    def work(self, watched: WatchFolder, stopping: threading.Event, *, watch: bool) -> None:
        outcomes: Counter[str] = Counter()
        while not stopping.is_set():
            close_old_connections()
            pause = LOOK_EVERY
            for file in watched.ready():
                if stopping.is_set():
                    break
                try:
                    taken = watched.take(file)
                except (DatabaseError, NoSpaceError, QuotaExceededError) as error:  # the next file would fare no better
                    if not watch:
                        raise CommandError(f"{file} stays where it is, and all after it: {error}") from error
                    self.stderr.write(f"{file} waits, and all after it: {error}")
                    pause = AFTER_TROUBLE
                    break
                except Exception as error:  # the disk, and each storage has its own
                    self.stderr.write(f"{file} stays where it is for now: {error}")
                    outcomes["left"] += 1
                    pause = AFTER_TROUBLE
                    continue
                if taken is not None:
                    self.say(str(taken))
                    outcomes[taken.outcome] += 1
            if not watch and not watched.waiting:
                break
            stopping.wait(pause)
        self.say(", ".join(f"{outcome}: {outcomes[outcome]}" for outcome in Outcome))
        if not watch and (bad := outcomes["left"] + outcomes[Outcome.FAILED]):
            raise CommandError(f"{bad} files were not imported.")

    def say(self, message: str) -> None:
        """At once, also where a supervisor keeps a log of it."""
        self.stdout.write(message)
        self.stdout.flush()
