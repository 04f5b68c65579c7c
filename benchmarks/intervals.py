"""How often the 95 % intervals hold the truth, and whether probabilities and verdicts keep what they say.

    python benchmarks/intervals.py --seeds 400 --results intervals.jsonl

Each seed is one whole answer of `simulate()`, as a user gets it. Answers are kept in the file of results as they come,
so that a run that was stopped goes on from there, and `--seconds` bounds it. The rows are in `interval_rows.py`.
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
import re
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from interval_rows import EXPONENTIAL, LONG_RUNS, SERVICE_S, Row, Truth, differences, known, long_run, mm1, unknown

from capsim import scenario_from, simulate, simulation
from capsim.comparison import compare

FIRST_SEED = 40_000
"""Other seeds than the estimator was chosen on, and than were looked at before it stood."""
GROUPS = (0.02, 0.3, 0.7, 0.9, 0.98, 1.01)
OVERLOADS = (1.05, 1.1)


def truth_of(row: Row) -> Truth:
    """Mean and p99 (s)."""
    return row.truth() if row.truth else LONG_RUNS[row.name]


def answer(row: Row, seed: int) -> dict[str, Any]:
    """What one answer says of a row, and of a p99 above or below the true one."""
    away = 1.5 * row.spread * (2 * ((seed * 0.6180339887498949) % 1) - 1)
    target_s = truth_of(row)["p99"] * math.exp(away)
    simulation.MOST_ROWS = 0 if row.counted else 10**8
    result = simulate(row.scenario(seed), at_once=False)
    codes = {warning.code for warning in result.warnings}
    return {
        "intervals": {name: result.latency_s[name].ci95 for name in ("mean", "p99")},
        "warned": bool(codes & {"few_requests", "unsettled", "saturated", "precision_not_reached"}),
        "saturated": result.verdict == "saturated",
        "replications": result.replications,
        "target": target_s,
        "probability": result.offered_latency_s["p99"].cdf(target_s),
    }


def changed(row: Row, seed: int) -> dict[str, Any]:
    """What one comparison says of the change to a tenth less service."""
    shorter = {**EXPONENTIAL, "mean": f"{0.9 * SERVICE_S * 1e3:g} ms"}
    found = compare(row.scenario(seed), replace(row, pool={"service": shorter}).scenario(seed))
    intervals = {name: found.latency_s[name].relative.ci95 for name in ("mean", "p99")}
    codes = {warning.code for warning in found.warnings}
    return {"intervals": intervals, "warned": "few_requests" in codes}


def overloaded(load: float, seed: int) -> dict[str, Any]:
    """Three servers, of which each step uses another two: any two bear the load, so that only the drift shows more."""
    data = {
        "name": "three visits to any two of three servers",
        "workload": {"arrivals": {"process": "poisson", "rate": f"{load / SERVICE_S!r} /s"}},
        "pools": [{"name": name, "servers": 1, "service": EXPONENTIAL} for name in "abc"],
        "route": [{"pools": list(pair)} for pair in ("ab", "bc", "ca")],
        "run": {"horizon": "60 s", "replications": 5, "seed": seed},
    }
    result = simulate(scenario_from(data), at_once=False)
    return {
        "saturated": result.verdict == "saturated",
        "by_formula": "overload" in {each.code for each in result.warnings},
    }


class Results:
    """Answers by what was asked and the seed, kept in a file as they come."""

    def __init__(self, file: Path | None) -> None:
        self.file = file
        self.answers: dict[str, dict[int, dict[str, Any]]] = defaultdict(dict)
        for line in file.read_text().splitlines() if file and file.exists() else []:
            kept = json.loads(line)
            self.answers[kept.pop("asked")][kept.pop("seed")] = kept

    def add(self, asked: str, seed: int, found: dict[str, Any]) -> None:
        """Keep an answer."""
        self.answers[asked][seed] = json.loads(json.dumps(found))
        if self.file:
            with self.file.open("a") as out:
                out.write(json.dumps({"asked": asked, "seed": seed, **found}) + "\n")


def questions(only: str) -> dict[str, Any]:
    """What is asked, by its name: a function of the seed."""
    asked: dict[str, Any] = {row.key: lambda seed, row=row: answer(row, seed) for row in rows()}
    asked |= {f"change: {row.key}": lambda seed, row=row: changed(row, seed) for row in differences()}
    asked |= {f"overload {load:g}": lambda seed, load=load: overloaded(load, seed) for load in OVERLOADS}
    return {name: question for name, question in asked.items() if re.search(only, name)}


def rows() -> list[Row]:
    """All rows."""
    return [*known(), *unknown()]


def collect(results: Results, seeds: int, seconds: float, only: str) -> None:
    """Ask every question with every seed that is not yet answered, some seeds of each at a time."""
    began, asked = time.monotonic(), questions(only)
    for last in sorted({*range(25, seeds, 25), seeds}):
        for name, question in asked.items():
            for seed in range(FIRST_SEED, FIRST_SEED + last):
                if time.monotonic() - began > seconds:
                    return
                if seed not in results.answers[name]:
                    results.add(name, seed, question(seed))


def covered(answers: Iterable[dict[str, Any]], name: str, true: float) -> tuple[int, int, list[float]]:
    """How many answers have an interval, how many of these hold the truth, and half their widths over it."""
    ends = [each["intervals"][name] for each in answers if each["intervals"][name] is not None]
    held = sum(low <= true <= high for low, high in ends)
    return len(ends), held, [(high - low) / 2 / abs(true) for low, high in ends]


def row_of(asked: str, answers: list[dict[str, Any]], truth: Truth, *, held_out: bool) -> dict[str, Any]:
    """Coverage of those that carry no warning, and of all that have an interval."""
    quiet = [each for each in answers if not each["warned"]]
    made: dict[str, Any] = {"case": asked, "answers": len(answers), "held_out": held_out}
    made["warned"] = 1 - len(quiet) / len(answers)
    for name in ("mean", "p99"):
        told, held, halves = covered(quiet, name, truth[name])
        everywhere = covered(answers, name, truth[name])
        made[name] = {
            "unwarned": len(quiet),
            "covered": held / len(quiet) if quiet else None,
            "half_width": float(np.median(halves)) if halves else None,
            "without_interval": 1 - told / len(quiet) if quiet else None,
            "covered_of_all_told": everywhere[1] / everywhere[0] if everywhere[0] else None,
        }
    return made


def summary(results: Results) -> dict[str, Any]:
    """The tables."""
    made: dict[str, Any] = {"cases": [], "differences": [], "overloads": {}, "overloads_by_formula": {}}
    said = []
    for row in rows():
        answers = list(results.answers[row.key].values())
        if not answers:
            continue
        truth = truth_of(row)
        made["cases"].append(row_of(row.key, answers, truth, held_out=row.held_out))
        made["cases"][-1]["saturated"] = float(np.mean([each["saturated"] for each in answers]))
        made["cases"][-1]["replications"] = float(np.mean([each["replications"] for each in answers]))
        said += [(each["probability"], each["target"] >= truth["p99"], each["warned"]) for each in answers]
    for row in differences():
        answers = list(results.answers[f"change: {row.key}"].values())
        before, after = truth_of(row), mm1(row.load * 0.9)
        shift = {name: 0.9 * after[name] / before[name] - 1 for name in before}
        if answers:
            made["differences"].append(row_of(row.key, answers, shift, held_out=True))
    for load in OVERLOADS:
        answers = list(results.answers[f"overload {load:g}"].values())
        if answers:
            made["overloads"][f"{load:g}"] = float(np.mean([each["saturated"] for each in answers]))
            made["overloads_by_formula"][f"{load:g}"] = float(np.mean([each["by_formula"] for each in answers]))
    made["probabilities"] = {
        "all": calibration([(p, holds) for p, holds, _ in said]),
        "unwarned": calibration([(p, holds) for p, holds, warned in said if not warned]),
    }
    return made


def calibration(said: list[tuple[float, bool]]) -> list[dict[str, float]]:
    """How often targets are met by how probable that was said to be."""
    made = []
    for low, high in itertools.pairwise(GROUPS):
        inside = [(probability, holds) for probability, holds in said if low <= probability < high]
        if inside:
            stated, held = np.mean(inside, axis=0)
            made.append({"answers": len(inside), "said": float(stated), "held": float(held)})
    return made


def _percent(value: float | None, digits: int = 1) -> str:
    return "–" if value is None else f"{value:.{digits}%}"


def _text(made: dict[str, Any]) -> Iterator[str]:
    for title, cases in (("system", made["cases"]), ("difference", made["differences"])):
        yield f"| {title} | answers | warned | mean covers | half width | p99 covers | half width |"
        yield "|---|---|---|---|---|---|---|"
        for row in cases:
            cells = [row["case"] + (" *" if row["held_out"] else ""), str(row["answers"]), _percent(row["warned"], 0)]
            for name in ("mean", "p99"):
                cells += [_percent(row[name]["covered"]), _percent(row[name]["half_width"])]
            yield f"| {' | '.join(cells)} |"
        yield ""
    for title, groups in made["probabilities"].items():
        yield f"| objectives said to hold with, {title} | answers | hold |"
        yield "|---|---|---|"
        for group in groups:
            yield f"| {group['said']:.1%} | {group['answers']} | {group['held']:.1%} |"
        yield ""
    shares = [row["saturated"] for row in made["cases"]]
    yield f"Settled systems said to be saturated: {_percent(max(shares, default=0.0))} at most."
    for load, share in made["overloads"].items():
        yield f"Said to be saturated of three visits to any two of three servers at {load}: {share:.1%}."


def main() -> None:
    """Ask what is not yet answered, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=400)
    parser.add_argument("--seconds", type=float, default=math.inf, help="stop asking after so long")
    parser.add_argument("--results", type=Path, help="a file of JSON lines that answers are kept in")
    parser.add_argument("--rows", default="", help="a regular expression: only rows whose name it is found in")
    parser.add_argument("--long-runs", action="store_true", help="only make the runs that say what is true")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    if given.long_runs:
        for row in {row.name: row for row in rows() if row.truth is None and re.search(given.rows, row.key)}.values():
            print(f'    "{row.name}": {long_run(row)},', flush=True)
        return
    results = Results(given.results)
    collect(results, given.seeds, given.seconds, given.rows)
    made = summary(results)
    print(json.dumps(made, indent=2) if given.json else "\n".join(_text(made)))


if __name__ == "__main__":
    main()
