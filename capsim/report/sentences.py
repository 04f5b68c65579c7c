"""What an answer says, in words: the sentence that a reader looks for first."""

from __future__ import annotations

from dataclasses import dataclass

from capsim.planner.headroom import Headroom
from capsim.report.certainty import headed, probability_in_words
from capsim.report.words import NAMES, duration, target_in_words
from capsim.stats import Interval, Result
from capsim.stats.interval import LatencyInterval


@dataclass(frozen=True)
class Verdict:
    """The objective's verdict.

    Attributes:
        kind: `met`, `not met`, `unknown`, `saturated`, `metastable`, or `answered` where there is no objective.
        sure: nothing speaks for the opposite, and nothing is assumed.
        sentence: in words.
    """

    kind: str
    sure: bool
    sentence: str


def verdict_of(result: Result) -> Verdict:
    """Whether the objective is met, by how much, and how surely."""
    objective = result.objective
    if objective is None:
        p99 = with_range(result.latency_s["p99"])
        sentence = f"No objective is set: p99 is {p99}{_lost(result)}."
        if result.verdict != "stable":
            return Verdict(result.verdict, True, f"{_unstable(result)} {sentence}")
        return Verdict("answered", True, sentence)
    reasons = ", ".join(
        f"{target_in_words(name)} {with_range(result.latency_of(name))} against {duration(target)}"
        for name, target in objective.targets_s.items()
    )
    told = probability_in_words(objective.probability, objective.probability_simulation)
    if objective.words.endswith("not met"):
        told = told.replace("with probability", "met with probability", 1)
    assumed = f" Assumed: {'; '.join(objective.assumes)}." if objective.assumes else ""
    word = headed(objective.words, objective.assumes).capitalize()
    sentence = f"{word}: {reasons}, {told}{_lost(result)}.{assumed}"
    sure = objective.words in {"met", "not met"} and not objective.assumes
    if result.verdict != "stable":
        return Verdict(result.verdict, objective.words == "not met", f"{_unstable(result)} {sentence}")
    kind = objective.words.removeprefix("probably ")
    return Verdict(kind, sure, sentence)


def with_range(interval: Interval) -> str:
    """A time with its 95 % interval, all known: `238 ms [233, 243]`, with units where they differ."""
    value, known = duration(interval.value), _all_known(interval)
    if known is None:
        return value
    ends = [duration(end) for end in known]
    units = {text.partition(" ")[2] for text in (value, *ends)}
    if len(units) == 1:
        ends = [end.partition(" ")[0] for end in ends]
    return f"{value} [{ends[0]}, {ends[1]}]"


def _all_known(interval: Interval) -> tuple[float, float] | None:
    return interval.pi95 if isinstance(interval, LatencyInterval) else interval.ci95


def range_of(interval: Interval) -> str:
    """The 95 % interval of a time in words, all known: `233 to 243 ms`."""
    known = _all_known(interval)
    if known is None:
        return "interval unknown"
    low, high = (duration(end) for end in known)
    number, _, unit = low.partition(" ")
    return f"{number if unit and high.endswith(f' {unit}') else low} to {high}"


def spread_note(result: Result) -> str:
    """What a picture of the latencies does not say by itself."""
    spread, objective, told = result.latency_histogram, result.objective, list[str]()
    targets = [] if objective is None else [target for name, target in objective.targets_s.items() if name in NAMES]
    if spread is not None and targets and spread.edges[-1] > min(targets):
        told.append("Orange bars are beyond the objective.")
    if spread is not None and spread.beyond > 0:
        told.append(f"Not shown: the slowest {spread.beyond * 100:.2g} % of requests, up to {duration(spread.most)}.")
    return " ".join(told)


def headroom_sentence(headroom: Headroom) -> str:
    """How much more load is borne."""
    more = f"{share(headroom.borne - 1)} more than today" if headroom.borne > 1 else "no more than today"
    atleast = "at least " if headroom.too_much is None else ""
    return f"The objective is met up to {atleast}{load_borne(headroom)}, {more}."


def load_borne(headroom: Headroom) -> str:
    """The most load that is borne: `240 requests/s`, `12 clients`, `104 requests where the trace has 100`.

    Of classes that are counted in different units, how many times theirs.
    """
    borne = headroom.borne * headroom.load
    if headroom.unit == "requests":
        return f"{borne:,.0f} requests where the trace has {headroom.load:,.0f}"
    if headroom.unit == "load":
        return f"{headroom.borne:.4g} times that of all classes"
    return f"{borne:.0f} clients" if headroom.unit == "clients" else f"{borne:.4g} requests/s"


def dollars(usd: float) -> str:
    """An amount with the digits that matter: `$0.50`, `$365`, `$12,300`."""
    return f"${usd:,.2f}" if usd < 100 else f"${usd:,.0f}"


def counted(number: float) -> str:
    """About how many, in words: `450,000`, `36 million`, `1.2 billion`."""
    for name, size in (("billion", 1e9), ("million", 1e6)):
        if number >= size:
            return f"{number / size:.3g} {name}" if number < 1000 * size else f"{number / size:,.0f} {name}"
    return f"{float(f'{number:.2g}'):,.0f}"


def share(part: float) -> str:
    """A fraction of one in percent with three digits at most."""
    return f"{part * 100:.3g} %"


def _unstable(result: Result) -> str:
    """Why a system does not bear its load."""
    messages = {warning.code: warning.message for warning in result.warnings}
    if result.verdict == "metastable":
        return f"Metastable: {messages['metastable']}."
    return f"Saturated: {messages.get('overload', 'waiting grows for as long as the load goes on')}."


def _lost(result: Result) -> str:
    offered = result.requests["offered"]
    lost = offered - result.requests["completed"]
    return f"; {share(lost / offered)} of requests do not complete" if lost else ""
