"""Turns: a few pieces of slow work at a time, and neither all of them nor all threads for a few people."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass

PLACES = 10
"""Threads of this process that slow work may occupy, waiting or at work, of whatever kind it is. The others are left
for quick requests, however many people have slow ones."""

_changed = threading.Condition()


class NoTurnError(Exception):
    """There is no turn: too much of this person's waits already, or waiting took too long."""


@dataclass(eq=False)
class _Place:
    """A piece of work that is done or waits. ``is_within``: another one's thread does it, which has a place already."""

    person: int
    turns: Turns
    is_within: bool
    is_at_work: bool = False


_places: list[_Place] = []
"""All of this process, the first to come first."""


class Turns:
    """The turns of this process's threads for one kind of work.

    ``at_once``: pieces of work at a time. One person has one fewer at most, so that one turn is always left for others.
    ``of_one``: pieces of one person that are at work or wait; further ones are refused. ``patience``: seconds to wait.

    While no thread is left to wait in, whoever has fewer of them takes one from whoever has most.
    """

    def __init__(self, at_once: int, of_one: int, patience: float) -> None:
        self._at_once, self._of_one, self._patience = at_once, of_one, patience
        self._begun = 0
        self._last: dict[int, int] = {}
        """By person, which of all turns was the last one."""

    @contextmanager
    def of(self, person: int, *, within: bool = False) -> Iterator[None]:
        """A turn for ``person``. Raises NoTurnError.

        ``within``: for a part of work that has a turn of another kind; it is never refused, and waits however long.
        """
        with _changed:
            place = self._take_place(person, within)
            try:
                patience = None if within else self._patience
                _changed.wait_for(lambda: place not in _places or self._next() is place, patience)
                if self._next() is not place:
                    raise NoTurnError
                place.is_at_work = True
                self._begun += 1
                self._last[person] = self._begun
            except BaseException:
                _leave(place)
                raise
            _changed.notify_all()  # of those who still wait another one may be next
        try:
            yield
        finally:
            with _changed:
                _leave(place)

    def _take_place(self, person: int, within: bool) -> _Place:
        if not within:
            if sum(each.person == person for each in self._places()) >= self._of_one:
                raise NoTurnError
            _make_room(person)
        place = _Place(person, self, within)
        _places.append(place)
        return place

    def _places(self) -> list[_Place]:
        return [each for each in _places if each.turns is self]

    def _next(self) -> _Place | None:
        """Whose turn it is: of those who wait, the one with least at work, and of several the one whose last turn is
        longest ago, so that nobody waits behind others who come again and again."""
        at_work = Counter(each.person for each in self._places() if each.is_at_work)
        waiting = [each for each in self._places() if not each.is_at_work]
        if at_work.total() >= self._at_once or not waiting:
            return None
        place = min(waiting, key=lambda each: (at_work[each.person], self._last.get(each.person, 0)))
        return place if at_work[place.person] < max(1, self._at_once - 1) else None


LONG = Turns(at_once=3, of_one=4, patience=30)
"""Of what may take a web process seconds and is neither a check nor an export."""

FEW = 20
"""Documents with which something can be done in no time."""


def turn_for(person: int, documents: int) -> AbstractContextManager[None]:
    """A turn of ``person`` to do something with so many documents, if it takes one. Raises NoTurnError."""
    return LONG.of(person) if documents > FEW else nullcontext()


def _make_room(person: int) -> None:
    """Sees to a thread for ``person``; if need be, whoever has most gives up the last that waits. Or NoTurnError."""
    threads = [each for each in _places if not each.is_within]
    if len(threads) < PLACES:
        return
    held = Counter(each.person for each in threads)
    can_go = [each for each in threads if not each.is_at_work and held[each.person] > held[person] + 1]
    if not can_go:
        raise NoTurnError
    _leave(max(reversed(can_go), key=lambda each: held[each.person]))


def _leave(place: _Place) -> None:
    if place in _places:
        _places.remove(place)
    _changed.notify_all()
