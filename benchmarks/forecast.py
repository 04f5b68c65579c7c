"""How often the 80 % range of `capsim forecast` holds, in worlds whose truth is known: `python benchmarks/forecast.py`.

The forecast's model is that of the first world. The others break it; what fails there is told in the documentation.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from forecast_worlds import WORLDS, covered

HISTORIES = (6, 12, 24)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=4000)
    parser.add_argument("--futures", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    print("share of worlds whose demand after a year lies in the stated 80 % range")
    print("world".ljust(36), *(f"{months} months".rjust(10) for months in HISTORIES))
    began = time.process_time()
    for name, world in WORLDS.items():
        rows = [(name, False)] + ([(f"{name}, growth plugged in", True)] if name == "random walk" else [])
        for shown, plugged_in in rows:
            shares = [
                covered(world, months, asked.worlds, asked.futures, asked.seed, plugged_in=plugged_in)
                for months in HISTORIES
            ]
            print(shown.ljust(36), *(f"{share:.1%}".rjust(10) for share in shares))
    print(f"{asked.worlds} worlds, {asked.futures} futures each, {time.process_time() - began:.0f} CPU s")


if __name__ == "__main__":
    main()
