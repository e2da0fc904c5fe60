"""The chance of a plan beside bare NumPy: 100,000 simulated years of twelve conversion points, by week, under sales hours.

    python benchmarks/plan.py [--years 100000] [--rounds 5]

Prints CPU seconds of a process, all threads, the least of some rounds, each kind of work in a process of its own:

draws      NumPy draws the same and nothing else: of each point the factors of leads and value, the rate, the number of sales, a shuffled
           pool of deals and the place in it
weeks      NumPy draws the leads of each point in each week: what a simulation without the flow of expectations begins with; 5 of 100 parts,
           times 20
chance     all of `core.chance.chance`: check, draws, the flow through sales hours, counts, sums, quantiles, parts
mix        the best mix of the same points under visitors, hours and budget with all its worths, exact
"""

import argparse
import subprocess
import sys

import numpy as np
from measuring import least

from tilth.core.chance import POOL, Kind, Period, chance
from tilth.core.mix import best, limits
from tilth.core.points import point

POINTS, WEEKS = 12, 52


def period() -> Period:
    rng = np.random.default_rng(1)
    kinds = tuple(
        Kind(
            f"point {i}", tuple(rng.uniform(1, 8, WEEKS)), 0.02 + 0.02 * i, tuple(rng.lognormal(12, 0.8, 40)), (0.05,) * 20,
            came=200, n=200 + 20 * i, hours=1 + i % 4,
        )
        for i in range(POINTS)
    )  # fmt: skip
    return Period(64e6, kinds, (110.0,) * WEEKS, 0.1)


def draws(years: int) -> None:
    rng, plan = np.random.default_rng(1), period()
    rng.standard_gamma(100.0, years)
    for kind in plan.kinds:
        rng.standard_gamma(200.5, years)
        rate = rng.beta(kind.rate * kind.n, (1 - kind.rate) * kind.n, years)
        rng.standard_gamma(60.0, years)
        rng.poisson(rate * sum(kind.leads))
        rng.permutation(np.resize(np.array(kind.values), POOL))
        rng.integers(0, POOL, years)


def weeks(years: int) -> None:
    rng, plan = np.random.default_rng(1), period()
    for kind in plan.kinds:
        level = rng.standard_gamma(200.5, years // 20) / 200.5
        rng.poisson(level[:, None] * np.array(kind.leads))


def mix() -> str:
    rng = np.random.default_rng(1)
    points = [
        point(str(i), f"{rng.integers(1, 9)}%", f"{rng.integers(1, 30)}%", int(rng.integers(1_000, 9_000)), int(rng.integers(1, 6)), int(rng.integers(1, 90)), 400)
        for i in range(POINTS)
    ]  # fmt: skip
    found = best(points, limits(20_000, 900, 20_000))
    return f"binds {', '.join(found.binds)}"


def measure(kind: str, years: int, rounds: int) -> None:
    work = {
        "draws": lambda: draws(years),
        "weeks": lambda: weeks(years),
        "chance": lambda: chance(period(), 1, years),
        "mix": mix,
    }[kind]
    found, seconds, peak = least(work, rounds)
    said = f"chance {found.chance:.3f} ± {found.error:.4f}" if kind == "chance" else found or ""
    print(f"{kind:8} {seconds * (20 if kind == 'weeks' else 1):8.3f} CPU s  {peak:6.0f} MB  {said}", flush=True)


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--years", type=int, default=100_000)
    ask.add_argument("--rounds", type=int, default=5)
    ask.add_argument("--only")
    said = ask.parse_args()
    if said.only:
        return measure(said.only, said.years, said.rounds)
    for kind in ("draws", "weeks", "chance", "mix"):
        subprocess.run(
            [sys.executable, __file__, "--only", kind, "--years", str(said.years), "--rounds", str(said.rounds)],
            check=True,
        )


if __name__ == "__main__":
    main()
