"""Turns are few, and one person never has them all."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from documents.turns import NoTurnError, Turns

SENDER, OTHER, THIRD = 1, 2, 3


class Work:
    """Work of a person in a thread of its own, that lasts until ``end``."""

    def __init__(self, turns: Turns, person: int) -> None:
        self.begun, self._end = threading.Event(), threading.Event()
        self.thread = threading.Thread(target=self._do, args=(turns, person), daemon=True)
        self.thread.start()

    def _do(self, turns: Turns, person: int) -> None:
        with turns.of(person):
            self.begun.set()
            self._end.wait(20)

    def end(self) -> None:
        self._end.set()
        self.thread.join(20)


@pytest.fixture
def works() -> Iterator[list[Work]]:
    begun: list[Work] = []
    yield begun
    for work in begun:
        work.end()


def test_one_person_leaves_a_turn_to_others(works: list[Work]) -> None:
    turns = Turns(at_once=2, of_one=4, patience=20)
    works += [first := Work(turns, SENDER), second := Work(turns, SENDER)]
    assert first.begun.wait(5) or second.begun.wait(5)
    with turns.of(OTHER):
        assert not (first.begun.is_set() and second.begun.is_set())


def test_of_those_who_wait_the_one_with_the_least_at_work_is_next(works: list[Work]) -> None:
    turns = Turns(at_once=3, of_one=4, patience=20)
    works += [Work(turns, SENDER), Work(turns, SENDER), middle := Work(turns, OTHER)]
    assert all(work.begun.wait(5) for work in works)
    works += [later := Work(turns, OTHER)]
    assert not later.begun.wait(0.1)
    works += [last := Work(turns, THIRD)]
    assert not last.begun.wait(0.1)
    works[0].end()
    assert last.begun.wait(5)
    assert not later.begun.wait(0.1)
    middle.end()
    assert later.begun.wait(5)


def test_who_has_too_much_waiting_is_refused_at_once(works: list[Work]) -> None:
    turns = Turns(at_once=2, of_one=2, patience=20)
    works += [Work(turns, SENDER), Work(turns, SENDER)]
    assert any(work.begun.wait(5) for work in works)
    with pytest.raises(NoTurnError), turns.of(SENDER):
        pass


def test_nobody_waits_for_ever(works: list[Work]) -> None:
    turns = Turns(at_once=2, of_one=4, patience=0.01)
    works += [work := Work(turns, SENDER)]
    assert work.begun.wait(5)
    with pytest.raises(NoTurnError), turns.of(SENDER):
        pass
    work.end()
    with turns.of(SENDER):
        pass
