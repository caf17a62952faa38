"""``python -m bench.faults [NAME...]``: the table of what was tried, how often, what was lost, how long it took."""

from __future__ import annotations

import argparse
import sys

from .scenarios import SCENARIOS, Outcome
from .site import site

HEAD = "| Tried | Times | Pages lost | Pages begun again | Went on after (median, most) |\n|---|---|---|---|---|"


def row(name: str, outcomes: list[Outcome]) -> str:
    seconds = sorted(outcome.seconds for outcome in outcomes)
    lost, again = sum(outcome.lost for outcome in outcomes), sum(outcome.again for outcome in outcomes)
    took = f"{seconds[len(seconds) // 2]:.1f} s, {seconds[-1]:.1f} s"
    return f"| {name} | {len(outcomes)} | {lost} | {again} | {took} |"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.faults", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"default: all of {', '.join(SCENARIOS)}")
    parser.add_argument("--times", type=int, default=5, help="how often each is tried (default: 5)")
    parser.add_argument("--away", type=float, default=60.0, metavar="SECONDS", help="how long servers are away (60)")
    parser.add_argument("--lease", type=int, default=60, metavar="SECONDS", help="OCRSITE_LEASE_SECONDS (60)")
    parser.add_argument("--within", type=float, metavar="SECONDS", help="fail if something takes longer to go on")
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - set(SCENARIOS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    good = True
    with site(arguments.lease, page=0.3) as running:
        running.start_reconciler()
        running.start_host("one")
        running.start_host("two")
        sys.stdout.write(f"{HEAD}\n")
        for name in arguments.names or SCENARIOS:
            outcomes = [SCENARIOS[name](running, arguments.away) for _ in range(arguments.times)]
            sys.stdout.write(f"{row(name, outcomes)}\n")
            sys.stdout.flush()
            good &= not any(outcome.lost for outcome in outcomes)
            good &= arguments.within is None or all(outcome.seconds <= arguments.within for outcome in outcomes)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
