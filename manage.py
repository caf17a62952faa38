#!/usr/bin/env python
"""Django's command line for ocrsite."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ocrsite.settings")
    from django.core.management import execute_from_command_line
    from django.db import DatabaseError

    try:
        execute_from_command_line(sys.argv)
    except DatabaseError as error:
        from documents.messages import trouble

        if not (known := trouble(error)):
            raise
        sys.exit(f"{known[1]} ({error}; see docs/faults.md)")


if __name__ == "__main__":
    main()
