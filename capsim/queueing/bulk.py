"""One server with dynamic batching and a delay of 0: bulk service, exactly.

Poisson arrivals; a free server takes what waits, up to B requests, and an idle one takes the next arrival
alone. The service time depends on the batch size. This is Neuts's bulk queue ("A general class of bulk queues
with Poisson input", Annals of Mathematical Statistics 38, 1967) with a least batch of 1.

N, the number left behind at a batch's end, is a Markov chain: the next is n - min(n, B) + A, where A counts
the arrivals in the batch's service (from 0, the batch is the next arrival). From B on it is a random walk
with steps A - B, whose states are not truncated. Its descending ladder says where a walk that starts at B
or more first falls below B, and so gives the chain as it is seen only below B: B states. The ladder's
heights h follow from 1 - sum h[d] z^-d = prod (1 - r / z) over the roots r of z^B = E z^A in the closed
unit disk (Wiener-Hopf; the roots are those of Bailey, "On queueing processes with bulk service", 1954). Of
the states from B on only the probability and the mean matter, and these follow from E N' = E N and E N'² =
E N².
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from capsim.queueing.inputs import require_positive

Law = Literal["deterministic", "exponential"]
Floats = NDArray[np.float64]

ARRIVALS_TAIL = 1e-16  # the probability of more arrivals in one service than are followed
NEWTON_STEPS = 30  # 8 are the most seen, for B up to 512 and loads from 1e-6 to 0.9999


@dataclass(frozen=True)
class BulkService:
    """The long-run values of one batching server.

    Attributes:
        mean_latency_s: of a request, from arrival to the end of its batch.
        mean_waiting_s: of a request, from arrival to the start of its batch.
        utilisation: share of time in which the server works.
        batch_size_shares: share of the batches that hold 1, 2, … B requests.
    """

    mean_latency_s: float
    mean_waiting_s: float
    utilisation: float
    batch_size_shares: tuple[float, ...]

    @property
    def mean_batch_size(self) -> float:
        """Requests per batch."""
        return sum(size * share for size, share in enumerate(self.batch_size_shares, start=1))


def bulk_service_mean_latency_s(arrival_rate_per_s: float, service_s: Sequence[float], law: Law) -> float:
    """Mean latency of dynamic batching with a delay of 0, in seconds; as `bulk_service`."""
    return bulk_service(arrival_rate_per_s, service_s, law).mean_latency_s


def bulk_service(arrival_rate_per_s: float, service_s: Sequence[float], law: Law) -> BulkService:
    """The long-run values of one server with dynamic batching and a delay of 0.

    Args:
        arrival_rate_per_s: of the Poisson arrivals.
        service_s: mean service time of a batch of 1, 2, … B requests.
        law: of the service times around these means.

    Raises:
        ValueError: the server can't keep up even in batches of B, or an argument makes no sense.
    """
    _require_stable(arrival_rate_per_s, service_s, law)
    largest = len(service_s)
    means = np.asarray(service_s, dtype=np.float64)
    moment = 2.0 if law == "exponential" else 1.0  # E S² over (E S)²
    arrivals = arrival_rate_per_s * means
    left = _left_behind_below(arrivals, law)
    many, mean_many = _from_largest_on(left, arrivals, moment)

    # A batch per state: state 0 serves the next arrival alone. Shares near 0 may come out at -1e-16.
    batches = np.maximum(np.append(left[1:], many), 0.0)
    batches[0] += left[0]
    # Number in the system, integrated over a service: those there at its start, and the arrivals since.
    present = float(left[1:] @ (np.arange(1, largest) * means[:-1])) + mean_many * means[-1]
    present += float(left[0] * means[0])
    area = present + float(batches @ (moment * arrival_rate_per_s * means**2 / 2))
    work = float(batches @ means)
    cycle = work + float(left[0]) / arrival_rate_per_s
    latency = float(area / (arrival_rate_per_s * cycle))

    sizes = np.arange(1, largest + 1)
    service_of_a_request = float(batches @ (sizes * means)) / float(batches @ sizes)
    return BulkService(latency, latency - service_of_a_request, work / cycle, tuple(batches.tolist()))


def _require_stable(arrival_rate_per_s: float, service_s: Sequence[float], law: str) -> None:
    if len(service_s) == 0:
        raise ValueError("service_s must hold a mean service time for each batch size from 1, got none")
    require_positive(arrival_rate_per_s=arrival_rate_per_s)
    for size, mean in enumerate(service_s, start=1):
        require_positive(**{f"service_s of batch size {size}": mean})
    if law not in ("deterministic", "exponential"):
        raise ValueError(f"law must be deterministic or exponential, got {law!r}")
    if arrival_rate_per_s * service_s[-1] >= len(service_s):
        capacity = len(service_s) / service_s[-1]
        raise ValueError(f"unstable: {arrival_rate_per_s:g}/s arrive, batches of {len(service_s)} allow {capacity:g}")


def _left_behind_below(arrivals: Floats, law: Law) -> Floats:
    """Stationary probabilities of 0 to B - 1 left behind; `arrivals` are the means per batch size."""
    largest = len(arrivals)
    sources = np.append(arrivals[0], arrivals[:-1])  # the batch that follows 0, 1, … B - 1 left behind
    most = max(largest, _most_arrivals(float(sources.max()), law))
    counts = np.stack([_arrival_probabilities(float(mean), law, most) for mean in sources])
    censored = counts @ _landings(_ladder(float(arrivals[-1]), largest, law), most)

    # Stationary up to a factor; E N' = E N over all states then sets it.
    balance = censored.T - np.eye(largest)
    drift = sources - np.arange(largest) + largest - arrivals[-1]
    balance[-1] = drift
    right = np.zeros(largest)
    right[-1] = largest - arrivals[-1]
    return np.asarray(np.linalg.solve(balance, right), dtype=np.float64)


def _from_largest_on(left: Floats, arrivals: Floats, moment: float) -> tuple[float, float]:
    """Probability of B or more left behind, and the mean number there (times that probability)."""
    largest = len(arrivals)
    sources = np.append(arrivals[0], arrivals[:-1])
    many = 1 - float(left.sum())
    squares = moment * sources**2 + sources  # E A²
    mean = float(arrivals[-1])
    step_square = moment * mean**2 + mean - 2 * largest * mean + largest**2  # E (A - B)²
    surplus = float(left @ (squares - np.arange(largest) ** 2)) + many * step_square
    return many, surplus / (2 * (largest - mean))


def _ladder(mean: float, largest: int, law: Law) -> Floats:
    """Where the walk with steps A - B first falls below its start: shares of B, B - 1, … 1 below."""
    roots = _roots(mean, largest, law)
    # Coefficients by Fourier transform: multiplied out one by one, 512 roots would lose all digits.
    points = np.exp(2j * np.pi * np.arange(2 * largest) / (2 * largest))
    values = np.prod(points[:, None] - roots, axis=1)
    coefficients: Floats = np.fft.fft(values).real / len(points)
    return -coefficients[:largest]


def _roots(mean: float, largest: int, law: Law) -> NDArray[np.complex128]:
    """The roots of z^B = E z^A in the closed unit disk: one is 1, the others by Newton from 0.

    Each of the others is the fixed point of z = w (E z^A)^(1/B) for one B-th root of unity w, a contraction.
    """
    unity = np.exp(2j * np.pi * np.arange(1, largest) / largest)
    root = np.zeros(largest - 1, dtype=np.complex128)
    for _ in range(NEWTON_STEPS):
        late = mean * (1 - root)
        if law == "deterministic":
            image = unity * np.exp(-late / largest)
            slope = image * mean / largest
        else:
            image = unity * np.exp(-np.log1p(late) / largest)
            slope = image * mean / largest / (1 + late)
        step = (image - root) / (1 - slope)
        root = root + step
        if np.all(np.abs(step) < 1e-14):
            break
    else:
        raise ArithmeticError(f"no roots found for a batch of {largest} with {mean:g} arrivals in its service")
    return np.append(root, 1.0)


def _landings(ladder: Floats, most: int) -> Floats:
    """Row m: where below B a walk that starts at m first lands; it is m itself below B."""
    largest = len(ladder)
    landing = np.zeros((most + 1, largest))
    landing[:largest] = np.eye(largest)
    for start in range(largest, most + 1):
        landing[start] = ladder @ landing[start - largest : start]
    return landing


def _most_arrivals(mean: float, law: Law) -> int:
    """A count of arrivals in a service that is exceeded with a probability below ARRIVALS_TAIL."""
    decades = -math.log(ARRIVALS_TAIL)
    if law == "exponential":
        return math.ceil(decades / math.log1p(1 / mean))
    # Chernoff: a Poisson count exceeds its mean by x with probability at most exp(-x² / (2 (mean + x / 3))).
    return math.ceil(mean + decades / 3 + math.sqrt(decades**2 / 9 + 2 * decades * mean))


def _arrival_probabilities(mean: float, law: Law, most: int) -> Floats:
    """Probabilities of 0, 1, … `most` arrivals in a service; the tail beyond counts as `most`."""
    number = np.arange(most + 1)
    if law == "exponential":
        logs = number * math.log(mean / (1 + mean)) - math.log1p(mean)
    else:
        factorials = np.concatenate(([0.0], np.cumsum(np.log(number[1:]))))
        logs = number * math.log(mean) - mean - factorials
    probabilities: Floats = np.exp(logs)
    probabilities[-1] += 1 - probabilities.sum()
    return probabilities
