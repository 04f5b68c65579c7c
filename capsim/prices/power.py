"""What devices draw: published watts per device, and what that makes of a server."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache

from capsim.prices.catalogue import FOLDER
from capsim.prices.offer import Offer

AVERAGE_VCPU = "AWS average"
"""The row of a processor whose make is not known."""


@dataclass(frozen=True)
class Watts:
    """The power of a server.

    Attributes:
        idle: while it waits (W).
        busy: while it computes (W).
        source: where they come from, in words.
    """

    idle: float
    busy: float
    source: str


@dataclass(frozen=True)
class Device:
    """A row of the table of devices.

    Attributes:
        name: of the device.
        idle: while it waits (W); nothing where nobody published it.
        busy: while it computes (W).
        rated: the maker's rated power (W).
        source: where the numbers stand.
    """

    name: str
    idle: float | None
    busy: float | None
    rated: float | None
    source: str


@cache
def devices() -> dict[str, Device]:
    """The devices whose power is published, by name."""
    with (FOLDER / "power.csv").open(encoding="utf-8", newline="") as stream:
        return {row["device"]: _device(row) for row in csv.DictReader(stream)}


def _device(row: dict[str, str]) -> Device:
    idle, busy, rated = (float(row[name]) if row[name] else None for name in ("idle_w", "busy_w", "tdp_w"))
    return Device(row["device"], idle, busy, rated, row["source"])


def device_of(accelerator: str) -> Device | None:
    """The device that an offer's name of an accelerator means: `A100-80GB` is an A100, `A10` no A100 and no A10G."""
    word = accelerator.replace("-", " ").split(" ")[0].upper() if accelerator else ""
    return next((device for name, device in devices().items() if name.split("-")[0].upper() == word), None)


def watts_of(offer: Offer) -> Watts | str:
    """The power of an offered server by the table of devices, or why it is not known."""
    host = devices()[AVERAGE_VCPU]
    if not offer.accelerator:
        if offer.vcpu is None:
            return f"the processors of {offer.name} are not known"
        return _of_processors(offer.vcpu, host)
    device = device_of(offer.accelerator)
    if device is None:
        return f"nobody published what {offer.accelerator} draws"
    if device.idle is None or device.busy is None:
        return f"of {device.name} only the rated power is published ({device.rated:g} W)"
    count = max(offer.accelerator_count, 1)
    idle, busy = count * device.idle, count * device.busy
    told = f"{count} × {device.name} at {device.idle:g} to {device.busy:g} W ({device.source})"
    if offer.vcpu is None:
        return Watts(idle, busy, f"{told}; its host is not counted, as its processors are not known")
    around = _of_processors(offer.vcpu, host)
    return Watts(idle + around.idle, busy + around.busy, f"{told}, and {around.source}")


def _of_processors(vcpu: float, device: Device) -> Watts:
    assert device.idle is not None, "the table has it"  # noqa: S101 - narrows the type
    assert device.busy is not None, "the table has it"  # noqa: S101 - narrows the type
    told = f"{vcpu:g} vCPU at {device.idle:g} to {device.busy:g} W ({device.source})"
    return Watts(vcpu * device.idle, vcpu * device.busy, told)
