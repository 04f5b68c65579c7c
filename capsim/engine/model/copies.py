"""Copies: a token splits and is joined again; others are lost or called off."""

from __future__ import annotations

from capsim.engine.kernel.layout import NOTHING, PLAIN, word
from capsim.engine.kernel.lines import append, take
from capsim.engine.kernel.path import DELAYED, FETCHED, PARKED, WAITING, copy_at
from capsim.engine.kernel.records import Model, line_at, node_at, starts_at, token_at
from capsim.engine.kernel.words import give_back, take_token
from capsim.engine.model.caches import fail_to_fetch, hand_over, pass_to, wait_no_longer
from capsim.engine.model.ends import finish, follow
from capsim.engine.model.loads import add_load
from capsim.engine.model.queues import drop_out


@word
def duplicate(m: Model, t: int, branch: int) -> int:
    """A copy of a token for a branch, with the times along its path so far."""
    other = take_token(m)
    token, copied = token_at(m, t), token_at(m, other)
    copied.root, copied.order = token.root, token.order - copy_at(m, t).branch + branch
    copied.sent_ns, copied.waited_ns, copied.served_ns = token.sent_ns, token.waited_ns, token.served_ns
    copied.client, copied.row, copied.units, copied.of_class = token.client, token.row, token.units, token.of_class
    copy, made = copy_at(m, t), copy_at(m, other)
    made.called_off, made.branch, made.parent, made.child = 0, branch, t, NOTHING
    made.attempt, made.delayed_ns, made.fetches = copy.attempt, copy.delayed_ns, 0
    made.key, made.request_bytes = copy.key, copy.request_bytes
    made.sibling, copy.child = copy.child, other
    return other


@word
def split(m: Model, t: int) -> None:
    """A token waits at a split, while a copy goes along each branch."""
    n = token_at(m, t).node
    starts, copy = starts_at(m, n), copy_at(m, t)
    copy.stage, copy.child = PARKED, NOTHING
    copy.missing, copy.alive = node_at(m, n).wait_for, len(starts)
    for place in range(len(starts) - 1, -1, -1):
        pass_to(m, duplicate(m, t, node_at(m, n).of + place), starts[place])


@word
def leave_family(m: Model, t: int) -> int:
    """A copy is not one of its split any more; gives the token that waits there."""
    parent = copy_at(m, t).parent
    family, sibling = copy_at(m, parent), copy_at(m, t).sibling
    if family.child == t:
        family.child = sibling
    else:
        before = family.child
        while copy_at(m, before).sibling != t:
            before = copy_at(m, before).sibling
        copy_at(m, before).sibling = sibling
    family.alive -= 1
    copy_at(m, t).parent = NOTHING
    return parent


@word
def join(m: Model, t: int) -> None:
    """A copy has come to the end of its branch; with the last that was missing the token at the split goes on."""
    parent = leave_family(m, t)
    token, goes, copy = token_at(m, t), token_at(m, parent), copy_at(m, parent)
    copy.missing -= 1
    if copy.missing == 0:
        goes.waited_ns, goes.served_ns, copy.delayed_ns = token.waited_ns, token.served_ns, copy_at(m, t).delayed_ns
        call_off_copies(m, parent)
        follow(m, parent, node_at(m, goes.node).next)
    give_back(m, t)


@word
def dismiss(m: Model, t: int) -> None:
    """Nobody waits for a token any more: it is no more, at once or when it comes out of where it is held."""
    copy = copy_at(m, t)
    hand_over(m, t)
    copy.parent, copy.called_off = NOTHING, 1
    if copy.stage == WAITING:
        drop_out(m, t, copy.station)
        add_load(m, copy.station, -1)
    elif copy.stage == FETCHED:
        wait_no_longer(m, t)
    elif copy.stage == DELAYED:
        copy.alarm = NOTHING
    if copy.stage in (WAITING, FETCHED, DELAYED, PARKED):
        give_back(m, t)


@word
def call_off(m: Model, top: int) -> None:
    """A token and all its copies are called off, copies first."""
    t = top
    while t != NOTHING:
        child = copy_at(m, t).child if copy_at(m, t).stage == PARKED else NOTHING
        if child != NOTHING:
            copy_at(m, t).child = copy_at(m, child).sibling
            t = child
        else:
            parent = NOTHING if t == top else copy_at(m, t).parent
            dismiss(m, t)
            t = parent


@word
def call_off_copies(m: Model, t: int) -> None:
    """The copies of a token at a split are called off."""
    copy = copy_at(m, t)
    while copy.child != NOTHING:
        child = copy.child
        copy.child = copy_at(m, child).sibling
        call_off(m, child)


@word
def lose_one(m: Model, t: int, outcome: int) -> None:
    """A token ends without service; so does the one at its split, when too few copies are left."""
    while True:
        fail_to_fetch(m, t)
        if copy_at(m, t).parent == NOTHING:
            finish(m, t, outcome)
            return
        parent = leave_family(m, t)
        give_back(m, t)
        if copy_at(m, parent).alive >= copy_at(m, parent).missing:
            return
        call_off_copies(m, parent)
        t = parent


@word
def lose(m: Model, t: int, outcome: int) -> None:
    """A token ends without service, and with it those who wait for what it fetches."""
    if PLAIN:
        finish(m, t, outcome)
        return
    append(m, m.turn_line, t)
    while line_at(m, m.turn_line).count > 0:
        lose_one(m, take(m, m.turn_line, 1), outcome)
