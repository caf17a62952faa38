"""Turns are few, and neither one person has them all, nor a few people all threads."""

from __future__ import annotations

import runpy
import threading
from collections.abc import Iterator

import pytest

from documents import turns
from documents.ingest.waiting import MOST_WAITING
from documents.turns import NoTurnError, Turns
from tests.support.stack import ROOT, wait_for

SENDER, OTHER, THIRD = 1, 2, 3


class Work:
    """Work of a person in a thread of its own, that lasts until ``end``."""

    def __init__(self, kind: Turns, person: int) -> None:
        self.begun, self.refused, self._end = threading.Event(), threading.Event(), threading.Event()
        self.thread = threading.Thread(target=self._do, args=(kind, person), daemon=True)
        self.thread.start()

    def _do(self, kind: Turns, person: int) -> None:
        try:
            with kind.of(person):
                self.begun.set()
                self._end.wait(20)
        except NoTurnError:
            self.refused.set()

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
    kind = Turns(at_once=2, of_one=4, patience=20)
    works += [first := Work(kind, SENDER), second := Work(kind, SENDER)]
    assert first.begun.wait(5) or second.begun.wait(5)
    with kind.of(OTHER):
        assert not (first.begun.is_set() and second.begun.is_set())


def test_of_those_who_wait_the_one_with_the_least_at_work_is_next(works: list[Work]) -> None:
    kind = Turns(at_once=3, of_one=4, patience=20)
    works += [Work(kind, SENDER), Work(kind, SENDER), middle := Work(kind, OTHER)]
    assert all(work.begun.wait(5) for work in works)
    works += [later := Work(kind, OTHER)]
    assert not later.begun.wait(0.1)
    works += [last := Work(kind, THIRD)]
    assert not last.begun.wait(0.1)
    works[0].end()
    assert last.begun.wait(5)
    assert not later.begun.wait(0.1)
    middle.end()
    assert later.begun.wait(5)


def test_whoever_had_no_turn_yet_goes_before_those_who_come_again(works: list[Work]) -> None:
    kind = Turns(at_once=2, of_one=4, patience=20)
    works += [Work(kind, SENDER), Work(kind, OTHER)]
    assert all(work.begun.wait(5) for work in works)
    works += [again := Work(kind, SENDER)]
    wait_for(lambda: len(turns._places) == 3)
    works += [first := Work(kind, THIRD)]
    wait_for(lambda: len(turns._places) == 4)
    works[0].end()
    assert first.begun.wait(5)
    assert not again.begun.is_set()
    works[1].end()
    assert again.begun.wait(5)


def test_who_has_too_much_waiting_is_refused_at_once(works: list[Work]) -> None:
    kind = Turns(at_once=2, of_one=2, patience=20)
    works += [Work(kind, SENDER), Work(kind, SENDER)]
    assert any(work.begun.wait(5) for work in works)
    with pytest.raises(NoTurnError), kind.of(SENDER):
        pass


def test_nobody_waits_for_ever(works: list[Work]) -> None:
    kind = Turns(at_once=2, of_one=4, patience=0.01)
    works += [work := Work(kind, SENDER)]
    assert work.begun.wait(5)
    with pytest.raises(NoTurnError), kind.of(SENDER):
        pass
    work.end()
    with kind.of(SENDER):
        pass


@pytest.fixture
def places(monkeypatch: pytest.MonkeyPatch) -> int:
    """Of a process that has few threads for slow work."""
    monkeypatch.setattr(turns, "PLACES", 4)
    return 4


def test_two_people_leave_threads_to_others_whatever_they_ask_for(works: list[Work], places: int) -> None:
    kinds = [Turns(at_once=2, of_one=9, patience=20) for _ in range(2)]
    works += [Work(kind, person) for person in (SENDER, OTHER) for kind in kinds for _ in range(9)]
    wait_for(lambda: sum(work.refused.is_set() for work in works) == len(works) - places)
    assert len(turns._places) == places


def test_whoever_comes_gets_a_thread_of_the_person_who_has_most(works: list[Work], places: int) -> None:
    kind, another = Turns(at_once=2, of_one=4, patience=20), Turns(at_once=2, of_one=4, patience=20)
    works += [first := Work(kind, SENDER)]
    assert first.begun.wait(5)
    works += [Work(kind, SENDER) for _ in range(2)]
    wait_for(lambda: len(turns._places) == 3)
    works += [last := Work(kind, SENDER)]
    wait_for(lambda: len(turns._places) == 4)
    with another.of(OTHER):
        assert last.refused.wait(5)
        assert first.begun.is_set()
    assert [work.refused.is_set() for work in works] == [False, False, False, True]


def test_who_has_as_much_as_anybody_is_refused_where_no_thread_is_left(works: list[Work], places: int) -> None:
    kind = Turns(at_once=2, of_one=4, patience=20)
    works += [Work(kind, person) for person in (SENDER, SENDER, OTHER, OTHER)]
    wait_for(lambda: len(turns._places) == places)
    with pytest.raises(NoTurnError), kind.of(OTHER):
        pass


def test_a_part_of_work_that_has_a_turn_needs_no_thread_and_is_never_refused(works: list[Work], places: int) -> None:
    whole, part = Turns(at_once=4, of_one=4, patience=0), Turns(at_once=2, of_one=0, patience=0)
    works += [Work(whole, person) for person in (SENDER, SENDER, OTHER)]
    assert all(work.begun.wait(5) for work in works)
    with whole.of(THIRD), part.of(THIRD, within=True):
        assert sum(not each.is_within for each in turns._places) == places


def test_slow_work_leaves_threads_of_each_web_process_to_quick_requests() -> None:
    configured = runpy.run_path(str(ROOT / "gunicorn.conf.py"))
    assert configured["threads"] - turns.PLACES - MOST_WAITING >= 4
