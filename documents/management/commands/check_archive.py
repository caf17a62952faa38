from __future__ import annotations

import json
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from documents.maintenance.integrity import Finding, IntegrityCheck


class Command(BaseCommand):
    help = (
        "Compares storage with the database: the SHA-256 of every original, missing files, files that belong to "
        "nothing. Safe while the platform runs. Exit status 1 if something remains to be done."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--repair", action="store_true", help="render missing page images, remove broken uploads")
        parser.add_argument("--remove-orphans", action="store_true", help="delete files that belong to no document")
        parser.add_argument(
            "--grace", type=float, default=24, metavar="HOURS", help="leave younger files alone (default: 24)"
        )
        parser.add_argument("--json", action="store_true", help="report for programs")

    def handle(self, *args: Any, repair: bool, remove_orphans: bool, grace: float, **options: Any) -> None:
        found: list[Finding] = []
        with tqdm(total=IntegrityCheck.stored().count(), unit=" originals", disable=None) as bar:  # on a terminal only
            check = IntegrityCheck(
                grace=timedelta(hours=grace), repair=repair, remove_orphans=remove_orphans, on_original=bar.update
            )
            for finding in check.findings():
                found.append(finding)
                if not options["json"]:
                    bar.clear()
                    self.stdout.write(str(finding))
        remaining = sum(not finding.repaired for finding in found)
        checked = asdict(check.checked)
        if options["json"]:
            report = {"checked": checked, "findings": [asdict(finding) for finding in found], "remaining": remaining}
            self.stdout.write(json.dumps(report, ensure_ascii=False, indent=1))
        else:
            self.stdout.write(
                f"{checked['originals']} originals ({checked['bytes'] / 2**20:,.1f} MB) and {checked['pages']} pages "
                f"checked: {len(found) or 'no'} findings, {len(found) - remaining} repaired."
            )
        if remaining:
            raise CommandError(f"{remaining} findings remain.")
