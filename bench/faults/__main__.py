"""``python -m bench.faults [NAME...]``: the table of what was tried, how often, what was lost, how long it took."""

from __future__ import annotations

import argparse
import subprocess
import sys

from . import confinement, flood
from .scenarios import SCENARIOS, Outcome
from .site import Site, end_in_order, site

CONFINEMENT, FLOOD, TOGETHER = "confinement", "flood", "hosts"
ALL = (*SCENARIOS, CONFINEMENT, FLOOD, TOGETHER)
HEAD = "| Tried | Times | Pages lost | Pages begun again | Went on after (median, most) |\n|---|---|---|---|---|"


def row(name: str, outcomes: list[Outcome]) -> str:
    seconds = sorted(outcome.seconds for outcome in outcomes)
    lost, again = sum(outcome.lost for outcome in outcomes), sum(outcome.again for outcome in outcomes)
    took = f"{seconds[len(seconds) // 2]:.1f} s, {seconds[-1]:.1f} s"
    return f"| {name} | {len(outcomes)} | {lost} | {again} | {took} |"


def main() -> int:
    end_in_order()
    parser = argparse.ArgumentParser(prog="python -m bench.faults", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"default: all of {', '.join(ALL)}")
    parser.add_argument("--times", type=int, default=5, help="how often each is tried (default: 5)")
    parser.add_argument("--away", type=float, default=60.0, metavar="SECONDS", help="how long servers are away (60)")
    parser.add_argument("--lease", type=int, default=40, metavar="SECONDS", help="OCRSITE_LEASE_SECONDS (40)")
    parser.add_argument("--within", type=float, metavar="SECONDS", help="fail if something takes longer to go on")
    parser.add_argument("--files", type=int, default=100, help="of a flood (default: 100)")
    parser.add_argument("--pages", type=int, default=30, help="of somebody who works meanwhile (default: 30)")
    parser.add_argument("--seconds", type=int, default=60, help="OCRSITE_PAGE_PROCESSOR_SECONDS in a flood (60)")
    parser.add_argument("--accounts", type=int, default=1, help="of those who send a flood (default: 1)")
    if unknown := set((arguments := parser.parse_args()).names) - {*ALL}:
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    names = arguments.names or ALL
    good = True
    if CONFINEMENT in names:
        costs = confinement.run()
        sys.stdout.write("\n".join([confinement.HEAD, *(each.row() for each in costs)]) + "\n\n")
        good &= all(each.more <= confinement.MOST for each in costs)
    if FLOOD in names:
        cost = flood.run(arguments.files, arguments.pages, arguments.seconds, arguments.accounts)
        sys.stdout.write(f"{flood.HEAD}\n{cost.row()}\n\n{cost.ends()}\n\n")
        good &= cost.holds
    if TOGETHER in names:  # in a process of its own, since it moves into another network
        good &= subprocess.run([sys.executable, "-m", "bench.faults.hosts"], check=False).returncode == 0
        sys.stdout.write("\n")
    if faults := [name for name in names if name in SCENARIOS]:
        good &= _break(faults, arguments)
    return 0 if good else 1


def _break(names: list[str], arguments: argparse.Namespace) -> bool:
    """Breaks each part; whether nothing was lost, and all went on in time."""
    good = True
    with site(Site, arguments.lease, page=0.3) as running:
        running.start_reconciler()
        running.start_host("one")
        running.start_host("two")
        sys.stdout.write(f"{HEAD}\n")
        for name in names:
            outcomes = [SCENARIOS[name](running, arguments.away) for _ in range(arguments.times)]
            sys.stdout.write(f"{row(name, outcomes)}\n")
            sys.stdout.flush()
            good &= not any(outcome.lost for outcome in outcomes)
            good &= arguments.within is None or all(outcome.seconds <= arguments.within for outcome in outcomes)
    return good


if __name__ == "__main__":
    sys.exit(main())
