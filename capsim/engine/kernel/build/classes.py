"""Classes, and the clients of closed loops."""

from __future__ import annotations

import numpy as np

from capsim.engine.blueprint import Blueprint, ClientsPlan
from capsim.engine.kernel.build.tables import Tables
from capsim.engine.kernel.layout import NOTHING
from capsim.engine.kernel.records import Class


def classes_of(blueprint: Blueprint) -> Tables:
    """The tables of classes."""
    classes = blueprint.classes
    clients = [number for number, loop in blueprint.closed_loops() for _ in loop.starts_ns]
    return Tables(
        clock={
            "mixed": int(any(each.units != 1 for each in classes)),
            "attempts": max(each.senders.most_attempts if each.senders else 1 for each in classes),
            "up_ns": blueprint.up_ns if blueprint.plain else 0,
            "down_ns": blueprint.down_ns,
        },
        records={"classes": _classes(blueprint)},
        columns={"client_class": np.array(clients or [0], np.int64)},
        rows={
            "unit_values": [each.unit_values for each in classes],
            "unit_shares": [each.unit_shares for each in classes],
            "key_shares": [() if each.key_shares is None else each.key_shares for each in classes],
        },
    )


def _classes(blueprint: Blueprint) -> list[Class]:
    priorities = sorted({each.priority for each in blueprint.classes})
    send = [number for number, each in enumerate(blueprint.classes) if each.senders is not None]
    return [
        Class(
            units=each.units,
            units_key=blueprint.class_stream("items", number).key,
            keys=0 if each.key_shares is None else len(each.key_shares),
            keys_key=blueprint.class_stream("keys", number).key,
            level=priorities.index(each.priority),
            deadline_ns=each.deadline_ns,
            up_ns=each.up_ns,
            down_ns=each.down_ns,
            request_bytes=each.request_bytes,
            response_bytes=each.response_bytes,
            first_node=each.first_node,
            sender=send.index(number) if number in send else NOTHING,
            retry_delay_ns=each.arrivals.retry_delay_ns if isinstance(each.arrivals, ClientsPlan) else 0,
        )
        for number, each in enumerate(blueprint.classes)
    ]
