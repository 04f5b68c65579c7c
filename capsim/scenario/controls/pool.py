"""What a pool consists of, and how it batches."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import MISSING, fields
from typing import Any

from pydantic import TypeAdapter

from capsim import shipped
from capsim.prices import HourlyPrice
from capsim.scenario.controls.control import Control, flow, nice, plain, rising, whole
from capsim.scenario.schema import Pool
from capsim.serving.batching import BATCHING
from capsim.units import NS_PER_S, TIME

SIZES = ("max_batch_size", "batch_size")
"""What policies call the largest batch."""
DELAYS: dict[str, Callable[[int], str]] = {
    "max_queue_delay": TIME.format,
    "batch_timeout": TIME.format,
    "max_batch_time": TIME.format,
    "max_batch_delay": TIME.format,
    "batch_wait_timeout_s": lambda ns: plain(ns / NS_PER_S),
    "batch_timeout_micros": lambda ns: str(ns // 1000),
}
"""What they call the delay for larger batches, and how each writes it."""
PER_UNIT: dict[str, int] = {"batch_wait_timeout_s": NS_PER_S, "batch_timeout_micros": 1000}
BATCH_SIZES = (1, 2, 4, 8, 16, 32, 64, 128)
DELAYS_NS = tuple(round(ms * 1e6) for ms in (0, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500))
FIRST_SIZE, FIRST_DELAY_NS = 8, 5_000_000
"""Of a policy that needs them, chosen in place of one that has none."""
FEWEST, TIMES, FARTHEST = 16, 4, 100_000
USUAL_PRICE = 1.0
PRECISION = re.compile(r".*-(?:fp|bf|tf|int)\d+(?:-static)?(?=-|$)")
"""The name of a profile up to its precision, before the runtime."""
MAKER = re.compile(r"^(?:cpu|gpu)-(?:amd|intel|nvidia)-")
"""What the folders of devices begin with, and nobody chooses by."""


def pool_controls(given: Pool, pool: Pool, items: int) -> Iterator[Control]:
    """The controls of a pool; `given` is the pool without settings, `items` what a request carries."""
    at, group = f"pools.{pool.name}", f"pool {pool.name}"
    most = max(TIMES * given.servers, FEWEST)
    yield whole(f"{at}.servers", "Servers", group, pool.servers, most, FARTHEST, "Identical servers in this pool.")
    yield from _batching(f"{at}.batching", group, given, pool, items)
    if pool.profile is not None:
        file = pool.profile.file
        listed = [file] if given.profile is None or given.profile.file == file else [given.profile.file, file]
        beside = {_own_name(name) for name in listed}
        others = [f"{shipped.PREFIX}{name}" for name in shipped.names("profiles") if _own_name(name) not in beside]
        listed += _nearest_first(others, file)
        said = "Latency measured per batch size, of a model on some hardware."
        yield Control(
            f"{at}.profile", "Latency profile", group, file, str, tuple(listed), named=_namer(listed), about=said
        )
    if pool.price is not None and not isinstance(pool.price, HourlyPrice):
        return
    price = None if pool.price is None else pool.price.usd_per_hour
    yield Control(
        f"{at}.price.usd_per_hour",
        "Price ($ per server and hour)",
        group,
        price,
        plain,
        high=1e6,
        step=nice(max(price or USUAL_PRICE, 0.01) / 10),
        wide=True,
        about="What a server costs.",
    )


def _batching(at: str, group: str, given: Pool, pool: Pool, items: int) -> Iterator[Control]:
    batching = pool.batching
    said = "The rule by which batches form: the text book's, or that of a server by its name."
    text = _policy(given, pool, items)
    yield Control(at, "Batching", group, batching.policy, text, tuple(BATCHING), about=said)
    size, delay = _size_field(batching), _delay_field(batching)
    if size is not None:
        value = getattr(batching, size)
        sizes = {each for each in _sizes(pool) if each >= items} | {value}
        said = "Most items in a batch, as far as the profile was measured."
        yield Control(f"{at}.{size}", "Largest batch (items)", group, value, str, rising(sizes), about=said)
    if delay is not None:
        value = _delay_ns(batching, delay)
        said = "How long a batch waits to become larger."
        choices = rising({*DELAYS_NS, value})
        yield Control(f"{at}.{delay}", "Delay", group, value, DELAYS[delay], choices, named=TIME.format, about=said)


def _policy(given: Pool, pool: Pool, items: int) -> Callable[[str], str]:
    """Writes another policy with the same largest batch and delay, as far as it has them."""

    def text(policy: str) -> str:
        if policy == given.batching.policy:
            adapter: TypeAdapter[Any] = TypeAdapter(type(given.batching))
            return flow(adapter.dump_python(given.batching, mode="json", exclude_defaults=True))
        settings: dict[str, Any] = {"policy": policy}
        size, delay = _size_field(pool.batching), _delay_field(pool.batching)
        for field in fields(BATCHING[policy].Parameters):
            if field.name in SIZES:
                settings[field.name] = getattr(pool.batching, size) if size else _first_size(pool, items)
            elif field.name in DELAYS and (delay or field.default is MISSING):
                delay_ns = _delay_ns(pool.batching, delay) if delay else FIRST_DELAY_NS
                settings[field.name] = _read(DELAYS[field.name](delay_ns), field.name)
        return flow(settings)

    return text


def _size_field(batching: Any) -> str | None:
    return next((field.name for field in fields(batching) if field.name in SIZES), None)


def _delay_field(batching: Any) -> str | None:
    return next((field.name for field in fields(batching) if field.name in DELAYS), None)


def _delay_ns(batching: Any, field: str) -> int:
    return round(float(getattr(batching, field)) * PER_UNIT.get(field, 1))


def _read(text: str, field: str) -> str | float | int:
    """The value that YAML would read."""
    if field not in PER_UNIT:
        return text
    return int(text) if field == "batch_timeout_micros" else float(text)


def _first_size(pool: Pool, items: int) -> int:
    return max([size for size in _sizes(pool) if size <= FIRST_SIZE], default=1) // items * items or items


def _sizes(pool: Pool) -> list[int]:
    """Batch sizes to choose from: what the profile can answer for."""
    if pool.profile is None:
        return list(BATCH_SIZES)
    measured = pool.profile.batch_sizes
    return sorted({*measured, *(size for size in BATCH_SIZES if min(measured) <= size <= max(measured))})


def _own_name(file: str) -> str:
    """The last folder and the file's name without ending: what tells profiles apart wherever they lie."""
    return "/".join(file.removeprefix(shipped.PREFIX).removesuffix(".yaml").split("/")[-2:])


def _namer(files: list[str]) -> Callable[[str], str]:
    """Names profiles by device, model and precision; the runtime too, where files differ in nothing else."""
    counts = Counter(_short_name(file) for file in files)

    def named(file: str) -> str:
        short = _short_name(file)
        return short if counts[short] == 1 else _device_and(file, _own_name(file).rpartition("/")[2])

    return named


def _short_name(file: str) -> str:
    name = _own_name(file).rpartition("/")[2]
    precise = PRECISION.match(name)
    return _device_and(file, precise[0] if precise else name.rpartition("-")[0] or name)


def _device_and(file: str, name: str) -> str:
    device = MAKER.sub("", _own_name(file).rpartition("/")[0])
    return " · ".join(filter(None, (device, name)))


def _nearest_first(files: list[str], chosen: str) -> list[str]:
    """Those of the same model first, and of those left the ones on the same device."""
    device, _, name = _own_name(chosen).rpartition("/")
    model = _model(name)

    def distance(file: str) -> tuple[bool, bool]:
        other, _, named = _own_name(file).rpartition("/")
        return _model(named) != model, other != device

    return sorted(files, key=distance)


def _model(name: str) -> str:
    precise = PRECISION.match(name)
    return precise[0].rpartition("-")[0] if precise else name
