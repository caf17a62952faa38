"""Files on this machine: what has its name is whole."""

from __future__ import annotations

import errno
import os
import uuid
from pathlib import Path
from typing import Any

from django.core.files.storage import FileSystemStorage

NO_LINKS = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}
"""What file systems say that know no hard links."""


class LocalStorage(FileSystemStorage):
    """Writes each file beside its place and gives it its name once it is whole, so that nobody finds half a file.

    What breaks off is removed. What a machine that went down could not remove ends in ``.part``; ``check_archive``
    reports it as an orphan.
    """

    def _save(self, name: str, content: Any) -> str:
        aside = f"{name}.{uuid.uuid4().hex}.part"
        try:
            super()._save(aside, content)  # type: ignore[misc]  # the stubs leave it out
            while not _named(Path(self.path(aside)), Path(self.path(name))):
                name = self.get_available_name(name)  # somebody else was quicker
        finally:
            Path(self.path(aside)).unlink(missing_ok=True)
        return name


def _named(aside: Path, path: Path) -> bool:
    """Gives a file its name; False if there is another one of that name."""
    try:
        os.link(aside, path)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
        if path.exists():
            return False
        aside.rename(path)
    return True
