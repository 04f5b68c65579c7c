"""Law: a word of the serving path that is broken in one binding of the text only is seen, as the bindings differ."""

from __future__ import annotations

import functools
from typing import Any

import pytest
from random_paths import random_path
from test_broken_rules import Broken, Edited, order

from capsim.engine import Blueprint, Ledger, compiled
from capsim.engine.kernel.order import ANSWERED, ARRIVAL, CANCELLED, DELAY_ENDS, GIVES_UP, HEDGES, NEXT_NODE, RESENT
from capsim.engine.simpy import replication
from capsim.engine.simpy.calendar import SPAN

TOLD_APART_WITHIN = 400

QUEUES = {
    "a deadline that is met alike by the last": Edited("rank", "> deadline_ns_of(m, t)", ">= deadline_ns_of(m, t)"),
    "no deadline that ranks by sending": Edited("deadline_ns_of", "NEVER if deadline_ns == NEVER else ", ""),
    "the earliest deadline without a place": Edited("last_to_go", "(m, last, tail)", "(m, tail, last)"),
    "the latest deadline first": Edited("next_to_go", "(m, head, first)", "(m, first, head)"),
    "a delay that counts from the newest": Edited("oldest_ns", "line.first", "line.last"),
    "a batch with a unit to spare": Edited("sift", "units > room", "units >= room"),
    "units of the request before": Edited("draw_units", "of_class.sent)", "of_class.sent + 1)"),
    "keys of the request before": Edited("draw_key", "of_class.sent)", "of_class.sent + 1)"),
}
NODES = {
    "the way of the next request": Edited("choose_way", "token_at(m, t).root)", "token_at(m, t).root + 1)"),
    "a link where nobody waits": Edited("send_over", "max(sent_ns, link.free_ns)", "sent_ns"),
    "a link that is held for the latency": Edited(
        "send_over", "= sent_ns + takes_ns\n", "= sent_ns + takes_ns + node.takes_ns\n"
    ),
    "answers of the size of requests": Edited(
        "send_over", "of_class.response_bytes if", "copy_at(m, t).request_bytes if"
    ),
    "a delay that a retry draws alike": Edited("draw_delay_ns", "draw_index(m, t)", "token_at(m, t).root * m.attempts"),
    "a delay that is not told": Edited("spend", "copy.delayed_ns + until_ns - m.now_ns", "copy.delayed_ns"),
    "a hit that goes on": Edited("delay_ends", "node.hit", "node.next"),
    "a split that waits for all": Edited("split", "node_at(m, n).wait_for, len(starts)", "len(starts), len(starts)"),
    "the parts of no branch": Edited("join", "token.waited_ns, token.served_ns", "goes.waited_ns, goes.served_ns"),
    "a split that is lost too soon": Edited("lose_one", ".alive >= ", ".alive > "),
    "copies of one order": Edited("duplicate", "token.order - copy_at(m, t).branch + branch", "token.order"),
    "a load that stays": Edited("dismiss", "        add_load(m, copy.station, -1)\n", ""),
}
CACHES = {
    "one answer fewer": Edited("put_in", "cache.count > cache.capacity", "cache.count >= cache.capacity"),
    "an answer that is too old in time": Edited("knows", "> cache.ttl_ns", ">= cache.ttl_ns"),
    "a hit that makes an answer new": Edited(
        "knows", "    use(m, c, e)\n", "    use(m, c, e); entry_at(m, e).put_ns = m.now_ns\n"
    ),
    "the answer that was put in first leaves": Edited("knows", "    forget_use(m, c, e)\n    use(m, c, e)\n", ""),
    "answers put in again that stay as old": Edited(
        "put_in",
        "    entry.put_ns = m.now_ns\n",
        "    entry.put_ns = m.now_ns if entry.put_ns == NOTHING else entry.put_ns\n",
    ),
    "misses that are not shared": Edited("fetch", "entry.fetched_by != NOTHING", "entry.fetched_by < NOTHING"),
    "a wait for a key that is not told": Edited("next_waiting", "+= m.now_ns - token_at(m, t).since_ns", "+= 0"),
    "an answer known before its route is over": Edited("fill", " and node_at(m, cache_at(m, c).node).hit == n", ""),
    "who waits for who is lost": Edited("fail_to_fetch", "            release(m, c, t)\n", "            pass\n"),
}
SENDERS = {
    "a budget that is used up to one": Edited("may_retry", "< MILLION", "<= MILLION"),
    "a budget of twice as much": Edited("first_send", "+ sender.budget", "+ 2 * sender.budget"),
    "no outcome that is not tried again": Edited("may_retry", " or not retried_at(m, sender_of(m, k))[outcome]", ""),
    "a shorter pause": Edited("pause_ns", "u * most_ns if", "u * most_ns / 2 if"),
    "the pause of the attempt before": Edited("pause_ns", "+ call.attempts)", "+ call.attempts - 1)"),
    "losers that are not called off": Edited("answered", "        cancel(m, other)\n", ""),
    "servers that learn of timeouts when they should not": Edited("gives_up", ".cancels", ".most_retries > 0"),
    "a cancellation that needs no time": Edited("cancel", "m.now_ns + attempt.up_ns", "m.now_ns"),
    "an attempt that needs no time": Edited("send", "m.now_ns + call.up_ns", "m.now_ns"),
    "an answer that needs no time": Edited("leave", "m.now_ns + class_at(m, token.of_class).down_ns", "m.now_ns"),
    "a breaker that is open too long": Edited("lets_through", "m.now_ns < sender", "m.now_ns <= sender"),
    "a breaker that remembers too long": Edited(
        "hear", "<= m.now_ns - sender.window_ns", "< m.now_ns - sender.window_ns"
    ),
    "a breaker that needs one more": Edited("hear", ">= sender.least", "> sender.least"),
    "a trial that always closes": Edited("hear", "m.now_ns + sender.open_ns if failed else 0", "0"),
    "a breaker that does not forget": Edited(
        "hear", "        while sender.heard > 0:\n            forget_first(m, d)\n", ""
    ),
}
QUICK = {
    "the latest deadline first",
    "a link where nobody waits",
    "copies of one order",
    "an answer that is too old in time",
    "a budget of twice as much",
}
WORDS = QUEUES | NODES | CACHES | SENDERS
ORDERS = {
    "answers after timeouts": order({ANSWERED: GIVES_UP * SPAN + SPAN // 2}),
    "timeouts before delays": order({GIVES_UP: DELAY_ENDS * SPAN - SPAN // 2}),
    "copies before answers": order({HEDGES: ANSWERED * SPAN - SPAN // 2}),
    "cancellations after nodes": order({CANCELLED: NEXT_NODE * SPAN + SPAN // 2}),
    "delays after nodes": order({DELAY_ENDS: NEXT_NODE * SPAN + SPAN // 2}),
    "retries after arrivals": order({RESENT: ARRIVAL * SPAN + SPAN // 2}),
}


@functools.cache
def right(number: int) -> tuple[Blueprint, Ledger]:
    """A path and its rows."""
    blueprint = random_path(number)
    return blueprint, compiled.run(blueprint)


def _all_but(quick: set[str], broken: dict[str, Any]) -> list[Any]:
    """Names, those that are not quick as slow ones: each takes half a second to bind."""
    return [pytest.param(name, marks=() if name in quick else pytest.mark.slow) for name in broken]


@pytest.mark.parametrize("broken", _all_but(QUICK, WORDS))
def test_a_broken_word_is_seen(broken: str) -> None:
    text = Broken(WORDS[broken])
    for number in range(TOLD_APART_WITHIN):
        blueprint, ledger = right(number)
        if replication.run(blueprint, text=text) != ledger:
            assert text.found
            return
    pytest.fail(f"{TOLD_APART_WITHIN} paths did not tell: {broken}")


@pytest.mark.parametrize("broken", _all_but(set(), ORDERS))
def test_a_broken_order_is_seen(broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(TOLD_APART_WITHIN):
        blueprint, ledger = right(number)
        with monkeypatch.context() as patch:
            ORDERS[broken](patch)
            if replication.run(blueprint) != ledger:
                return
    pytest.fail(f"{TOLD_APART_WITHIN} paths did not tell: {broken}")
