"""``python -m tests.second_reading N --seed S``: a table of outcomes, and all that is not right."""

from __future__ import annotations

import argparse
from collections import Counter

from .comparing import TARGETS
from .random_layers import layer
from .reducing import reduce
from .running import run, work

#: at sizes that docs/code.md says are refused, a layer is ``outside``
QUIET = ("right", "no value", "outside")


def main() -> None:
    """Compare N layers, or be the child that does so."""
    parser = argparse.ArgumentParser(prog="python -m tests.second_reading", description=__doc__)
    parser.add_argument("count", type=int, nargs="?", default=100)
    parser.add_argument("--seed", type=int, default=0, help="of the first layer")
    parser.add_argument("--shallow", action="store_true", help="no second derivatives, no replay")
    parser.add_argument("--targets", nargs="+", default=TARGETS)
    parser.add_argument("--show", action="store_true", help="the texts only")
    parser.add_argument("--reduce", metavar="KIND", help="make the first layer shorter instead")
    parser.add_argument("--worker", nargs="+", help=argparse.SUPPRESS)
    parser.add_argument("--deep", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        work(options.worker, options.deep)
        return
    if options.reduce:
        found = reduce(options.seed, options.reduce, tuple(options.targets), not options.shallow)
        print(f"\n{found.text}\n{found.case.numbers}")
        return
    seeds = range(options.seed, options.seed + options.count)
    if options.show:
        for seed in seeds:
            print(f"# seed {seed}\n{layer(seed).text}\n")
        return
    report(seeds, options.targets, not options.shallow)


def report(seeds: range, targets: tuple[str, ...], deep: bool) -> None:
    """Everything that is not right as it comes, and a table."""
    table: Counter[tuple[str, str]] = Counter()
    groups: dict[str, list[int]] = {}
    shown = None
    for seed, outcome in run(seeds, targets, deep):
        kind = outcome.subject.split()[0]
        table[kind, outcome.word] += 1
        if outcome.word in QUIET:
            continue
        groups.setdefault(outcome.kind, []).append(seed)
        if seed != shown:
            made = layer(seed)
            numbers = ", ".join(f"{name} = {value}" for name, value in made.case.numbers.items())
            print(f"\nseed {seed}   {numbers}\n{made.text}", flush=True)
            shown = seed
        print(f"  {outcome.subject}: {outcome.word}: {outcome.detail}", flush=True)
    print()
    for kind, found in sorted(groups.items()):
        print(f"{kind}: {', '.join(str(seed) for seed in sorted(set(found)))}")
    print()
    for (kind, word), count in sorted(table.items()):
        print(f"{kind:10} {word:10} {count:6}")


if __name__ == "__main__":
    main()
