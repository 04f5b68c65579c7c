"""What BentoML's dispatcher would fit with numpy, and its simulated one."""

from __future__ import annotations

import numpy as np
import pytest

from capsim.serving.batching.bentoml import BASE, BEGUN, KEPT, SKIPPED, SLOPE, STATE_CELLS, TRAINING, WAIT, learn

SECOND = 1_000_000_000
Batches = list[tuple[int, int, int]]


def learned(batches: Batches, apart_ns: int) -> list[int]:
    """The row after batches (size, wait, duration) that end so far apart."""
    state = [0] * STATE_CELLS
    state[BEGUN] = TRAINING
    for number, (size, waited_ns, served_ns) in enumerate(batches):
        learn((number + 1) * apart_ns, size, waited_ns, served_ns, (), state)
    return state


def as_the_server_does(batches: Batches) -> tuple[float, float, float]:
    """`Optimizer.trigger_refresh` in ns."""
    kept = batches[SKIPPED:][-KEPT:]
    slope, base = np.linalg.lstsq([(size, 1) for size, _, _ in kept], [served for _, _, served in kept], rcond=None)[0]
    first = len(batches) - len(kept)
    waits = [waited if first + i >= TRAINING else 0 for i, (_, waited, _) in enumerate(kept)]
    return max(1000.0, slope), max(0.0, base), float(np.mean(waits))


def drawn(seed: int, count: int, largest: int) -> Batches:
    chance = np.random.default_rng(seed)
    sizes = chance.integers(1, largest + 1, count)
    served = 16_000_000 + 2_000_000 * sizes + chance.normal(0, 3_000_000, count).astype(np.int64)
    return list(zip(sizes.tolist(), chance.integers(0, 40_000_000, count).tolist(), served.tolist(), strict=True))


@pytest.mark.parametrize("count", [3, 4, 11, 12, 52, 53, 200])
@pytest.mark.parametrize("largest", [1, 2, 8, 100])
def test_the_fit_is_that_of_least_squares(count: int, largest: int) -> None:
    batches = drawn(count, count, largest)
    state = learned(batches, apart_ns=5 * SECOND)
    assert [state[SLOPE], state[BASE], state[WAIT]] == pytest.approx(as_the_server_does(batches), abs=1, rel=1e-12)


def test_no_batch_takes_less_than_a_microsecond_more_a_request_and_none_less_than_nothing_before() -> None:
    shorter = [(size, 0, 9_000_000 - size) for size in range(1, 20)]
    assert learned(shorter, 5 * SECOND)[SLOPE] == 1000
    steeper = [(size, 0, 1_000_000 * size * size) for size in range(1, 20)]
    assert learned(steeper, 5 * SECOND)[BASE] == 0


def test_what_is_fitted_is_used_after_five_seconds() -> None:
    batches = drawn(0, 40, 8)
    # The third batch, at 3 s, is the first that counts, and what is fitted then is used at once; so is the eighth.
    assert learned(batches[:7], SECOND)[SLOPE : WAIT + 1] == learned(batches[:3], SECOND)[SLOPE : WAIT + 1]
    state = learned(batches[:8], SECOND)
    assert [state[SLOPE], state[BASE]] == pytest.approx(as_the_server_does(batches[:8])[:2], abs=1)
