"""Turns: a few pieces of work at a time, and never all of them for one person."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class NoTurnError(Exception):
    """There is no turn: too much of this person's waits already, or waiting took too long."""


class Turns:
    """The turns of this process's threads.

    ``at_once``: pieces of work at a time. One person has one fewer at most, so that one turn is always left for others.
    ``of_one``: pieces of one person that are at work or wait; further ones are refused. ``patience``: seconds to wait.
    """

    def __init__(self, at_once: int, of_one: int, patience: float) -> None:
        self._at_once, self._of_one, self._patience = at_once, of_one, patience
        self._changed = threading.Condition()
        self._at_work: list[int] = []
        self._waiting: list[int] = []
        """Persons, the first to come first."""

    @contextmanager
    def of(self, person: int, *, however_long: bool = False) -> Iterator[None]:
        """A turn for ``person``. ``however_long``: it is waited for as long as it takes. Raises NoTurnError."""
        with self._changed:
            if not however_long and (self._at_work + self._waiting).count(person) >= self._of_one:
                raise NoTurnError
            self._waiting.append(person)
            try:
                if not self._changed.wait_for(lambda: self._next() == person, None if however_long else self._patience):
                    raise NoTurnError
                self._at_work.append(person)
            finally:
                self._waiting.remove(person)
                self._changed.notify_all()  # of those who still wait another one may be next
        try:
            yield
        finally:
            with self._changed:
                self._at_work.remove(person)
                self._changed.notify_all()

    def _next(self) -> int | None:
        """Whose turn it is: of those who wait, the one with least at work, and of several the first to come."""
        if len(self._at_work) >= self._at_once or not self._waiting:
            return None
        person = min(self._waiting, key=self._at_work.count)
        return person if self._at_work.count(person) < max(1, self._at_once - 1) else None
