"""Closed forms against published values and against each other; bulk service has a file of its own."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal, localcontext

import numpy as np
import pytest

from capsim import queueing

EXACT = 1e-10  # relative; what double precision leaves of an exact formula


# Erlang


@pytest.mark.parametrize(
    ("servers", "offered_load"),
    [(1, 0.0101), (2, 0.153), (5, 1.361), (10, 4.461), (20, 12.03), (50, 37.90), (100, 84.06)],
)
def test_erlang_b_gives_the_traffic_tables_loads_at_one_percent_blocking(servers: int, offered_load: float) -> None:
    # The tables round the load to the digits shown, which moves the blocking by less than 1 %.
    assert queueing.erlang_b(servers, offered_load) == pytest.approx(0.01, rel=0.01)


@pytest.mark.parametrize(("servers", "offered_load"), [(1, 0.5), (3, 2.0), (8, 6.4), (40, 39.0), (7, 0.01)])
def test_erlang_formulas_are_erlangs_sums(servers: int, offered_load: float) -> None:
    terms = [offered_load**n / math.factorial(n) for n in range(servers + 1)]
    waiting = terms[-1] * servers / (servers - offered_load)
    assert queueing.erlang_b(servers, offered_load) == pytest.approx(terms[-1] / sum(terms), rel=EXACT)
    assert queueing.erlang_c(servers, offered_load) == pytest.approx(waiting / (sum(terms[:-1]) + waiting), rel=EXACT)


def test_erlang_c_of_two_erlang_on_three_servers_is_four_ninths() -> None:
    assert queueing.erlang_c(3, 2.0) == pytest.approx(4 / 9, rel=EXACT)


def test_erlang_b_holds_where_factorials_overflow() -> None:
    # Many servers at full load: B tends to sqrt(2 / (pi c)) (Jagerman 1974); the next term is of order 1 / c.
    assert queueing.erlang_b(10_000, 10_000.0) == pytest.approx(math.sqrt(2 / (math.pi * 10_000)), rel=0.01)


# M/M/1 and M/M/c


def test_mm1_at_80_percent_takes_five_service_times() -> None:
    assert queueing.mm1_mean_latency_s(160, 0.005) == pytest.approx(0.025, rel=EXACT)
    assert queueing.mm1_mean_waiting_s(160, 0.005) == pytest.approx(0.020, rel=EXACT)
    assert queueing.mm1_latency_quantile_s(160, 0.005, 0.99) == pytest.approx(0.025 * math.log(100), rel=EXACT)


@pytest.mark.parametrize("load", [0.01, 0.5, 0.99])
def test_mmc_with_one_server_is_mm1(load: float) -> None:
    assert queueing.mmc_mean_waiting_s(load, 1, 1) == pytest.approx(queueing.mm1_mean_waiting_s(load, 1), rel=EXACT)
    assert queueing.mmc_latency_quantile_s(load, 1, 1, 0.99) == pytest.approx(
        queueing.mm1_latency_quantile_s(load, 1, 0.99), rel=EXACT
    )


def test_mm2_waits_by_its_own_formula() -> None:
    # Two servers: W = S rho² / (1 - rho²).
    assert queueing.mmc_mean_waiting_s(1.5, 1.0, 2) == pytest.approx(0.75**2 / (1 - 0.75**2), rel=EXACT)


@pytest.mark.parametrize("servers", [1, 2, 5, 64])
@pytest.mark.parametrize("utilisation", [0.1, 0.5, 0.8, 0.98])
@pytest.mark.parametrize("probability", [0.01, 0.5, 0.99, 0.9999])
def test_mmc_latency_quantile_inverts_the_distribution(servers: int, utilisation: float, probability: float) -> None:
    rate = utilisation * servers / 0.005
    latency = queueing.mmc_latency_quantile_s(rate, 0.005, servers, probability)
    assert queueing.mmc_latency_exceeds(rate, 0.005, servers, latency) == pytest.approx(1 - probability, rel=1e-9)


def test_mmc_latency_distribution_has_its_mean() -> None:
    times = np.linspace(0, 60, 6_001)
    exceeds = np.array([queueing.mmc_latency_exceeds(2.4, 1.0, 3, float(time)) for time in times])
    mean = float(np.sum((exceeds[1:] + exceeds[:-1]) / 2 * np.diff(times)))
    assert mean == pytest.approx(queueing.mmc_mean_latency_s(2.4, 1.0, 3), rel=1e-4)


def test_mmc_latency_distribution_is_smooth_where_the_queue_drains_as_fast_as_one_service() -> None:
    # c mu - lambda = mu: the sum of wait and service is Erlang distributed, and its neighbours agree with it.
    waits = queueing.erlang_c(2, 1.0)
    erlang = (1 - waits) * math.exp(-3) + waits * (1 + 3) * math.exp(-3)
    assert queueing.mmc_latency_exceeds(1.0, 1.0, 2, 3.0) == pytest.approx(erlang, rel=EXACT)
    for rate in (1 - 1e-12, 1 + 1e-12):
        assert queueing.mmc_latency_exceeds(rate, 1.0, 2, 3.0) == pytest.approx(erlang, rel=EXACT)


def test_mmc_waiting_quantile_inverts_the_distribution_and_is_zero_at_the_atom() -> None:
    waits = queueing.erlang_c(4, 3.2)
    waiting = queueing.mmc_waiting_quantile_s(3.2, 1.0, 4, 0.99)
    assert waits * math.exp(-0.8 * waiting) == pytest.approx(0.01, rel=EXACT)
    assert queueing.mmc_waiting_quantile_s(3.2, 1.0, 4, 1 - waits - 1e-9) == 0.0


def test_many_servers_leave_the_service_time_alone() -> None:
    assert queueing.mmc_mean_latency_s(10, 1.0, 100) == pytest.approx(1.0, rel=1e-12)
    assert queueing.mmc_latency_quantile_s(10, 1.0, 100, 0.99) == pytest.approx(math.log(100), rel=1e-9)


# M/M/c/K and the closed loop


@pytest.mark.parametrize("offered_load", [0.5, 4.0, 9.0])
def test_mmck_without_a_queue_is_erlang_b(offered_load: float) -> None:
    assert queueing.mmck_blocking(offered_load, 1.0, 4, 0) == pytest.approx(
        queueing.erlang_b(4, offered_load), rel=EXACT
    )
    assert queueing.mmck_mean_latency_s(offered_load, 1.0, 4, 0) == pytest.approx(1.0, rel=EXACT)


@pytest.mark.parametrize(("load", "places"), [(0.5, 3), (0.9, 10), (2.0, 5)])
def test_mm1k_blocks_by_its_own_formula(load: float, places: int) -> None:
    blocking = (1 - load) * load**places / (1 - load ** (places + 1))
    assert queueing.mmck_blocking(load, 1.0, 1, places - 1) == pytest.approx(blocking, rel=EXACT)


def test_mmck_with_a_long_queue_is_mmc() -> None:
    assert queueing.mmck_blocking(3.2, 1.0, 4, 2_000) == pytest.approx(0.0, abs=1e-100)
    assert queueing.mmck_mean_latency_s(3.2, 1.0, 4, 2_000) == pytest.approx(
        queueing.mmc_mean_latency_s(3.2, 1.0, 4), rel=EXACT
    )


def test_mmck_shares_under_overload_let_the_capacity_through() -> None:
    shares = queueing.mmck_number_shares(400.0, 0.01, 2, 5)
    busy = float(shares @ np.minimum(np.arange(8), 2))
    assert shares.sum() == pytest.approx(1.0, rel=EXACT)
    assert 400.0 * (1 - queueing.mmck_blocking(400.0, 0.01, 2, 5)) == pytest.approx(busy / 0.01, rel=EXACT)


@pytest.mark.parametrize("clients", [1, 2, 8, 60])
@pytest.mark.parametrize("think", [0.0, 0.3, 20.0])
def test_closed_loop_agrees_with_mean_value_analysis(clients: int, think: float) -> None:
    # Reiser and Lavenberg 1980: who arrives sees the system with one client less.
    number, latency, throughput = 0.0, 0.0, 0.0
    for population in range(1, clients + 1):
        latency = 0.5 * (1 + number)
        throughput = population / (think + latency)
        number = throughput * latency
    closed = queueing.closed_mmc(clients, think, 0.5, 1)
    assert closed.throughput_per_s == pytest.approx(throughput, rel=EXACT)
    assert closed.mean_latency_s == pytest.approx(latency, rel=EXACT)
    assert closed.utilisation == pytest.approx(throughput * 0.5, rel=EXACT)


def test_closed_loop_of_two_machines_by_hand() -> None:
    # One repairman, think and repair of mean 1: the shares of 0, 1, 2 broken are 1/5, 2/5, 2/5.
    closed = queueing.closed_mmc(2, 1.0, 1.0, 1)
    assert closed.throughput_per_s == pytest.approx(4 / 5, rel=EXACT)
    assert closed.mean_latency_s == pytest.approx(3 / 2, rel=EXACT)


@pytest.mark.parametrize("servers", [1, 3, 10])
def test_closed_loop_keeps_its_clients_and_its_capacity(servers: int) -> None:
    closed = queueing.closed_mmc(40, 0.2, 0.1, servers)
    # Little over the whole cycle: every client either thinks or has its request under way.
    assert closed.throughput_per_s * (closed.mean_latency_s + 0.2) == pytest.approx(40, rel=EXACT)
    assert closed.throughput_per_s == pytest.approx(closed.utilisation * servers / 0.1, rel=EXACT)
    assert closed.utilisation <= 1


def test_closed_loop_with_a_server_for_each_client_never_waits() -> None:
    assert queueing.closed_mmc(5, 0.2, 0.1, 5).mean_latency_s == pytest.approx(0.1, rel=EXACT)
    assert queueing.closed_mmc(6, 0.0, 0.1, 5).mean_latency_s == pytest.approx(0.12, rel=EXACT)


def test_closed_loop_of_many_rare_clients_is_the_open_queue() -> None:
    closed = queueing.closed_mmc(100_000, 100_000 / 1.6, 1.0, 2)
    assert closed.mean_latency_s == pytest.approx(queueing.mmc_mean_latency_s(1.6, 1.0, 2), rel=1e-3)


# M/D/1, M/G/1, G/G/c


def test_mg1_spans_md1_and_mm1() -> None:
    exponential = queueing.mm1_mean_waiting_s(160, 0.005)
    assert queueing.mg1_mean_waiting_s(160, 0.005, 1.0) == pytest.approx(exponential, rel=EXACT)
    assert queueing.md1_mean_waiting_s(160, 0.005) == pytest.approx(exponential / 2, rel=EXACT)


def erlang_series(load: float, services: float) -> float:
    """P(W > t) in M/D/1 by Erlang's alternating series (1909), in 80 digits because it cancels."""
    with localcontext() as context:
        context.prec = 80
        total = Decimal(0)
        for j in range(math.floor(services) + 1):
            x = Decimal(load) * (Decimal(j) - Decimal(services))
            power = x**j if j else Decimal(1)
            total += power / math.factorial(j) * (-x).exp()
        return float(1 - (1 - Decimal(load)) * total)


@pytest.mark.parametrize("load", [0.05, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("services", [0.0, 0.3, 1.0, 1.5, 4.0, 9.7, 20.25])
def test_md1_waiting_distribution_is_erlangs_series(load: float, services: float) -> None:
    exceeds = queueing.md1_waiting_exceeds(load / 0.005, 0.005, services * 0.005)
    # The time goes through a division here, which moves it in the last digit.
    assert exceeds == pytest.approx(erlang_series(load, services), rel=1e-9)


def test_md1_waiting_distribution_has_its_mean() -> None:
    times = np.linspace(0, 60, 1_201)
    exceeds = np.array([queueing.md1_waiting_exceeds(0.8, 1.0, float(time)) for time in times])
    mean = float(np.sum((exceeds[1:] + exceeds[:-1]) / 2 * np.diff(times)))
    assert mean == pytest.approx(queueing.md1_mean_waiting_s(0.8, 1.0), rel=1e-3)


@pytest.mark.parametrize("load", [0.2, 0.8, 0.99, 0.999])
@pytest.mark.parametrize("probability", [0.9, 0.99, 0.99999])
def test_md1_quantile_inverts_the_distribution(load: float, probability: float) -> None:
    waiting = queueing.md1_waiting_quantile_s(load / 0.005, 0.005, probability)
    assert queueing.md1_waiting_exceeds(load / 0.005, 0.005, waiting) == pytest.approx(1 - probability, rel=1e-9)
    assert queueing.md1_latency_quantile_s(load / 0.005, 0.005, probability) == waiting + 0.005


def test_md1_quantile_is_zero_below_the_share_that_does_not_wait() -> None:
    assert queueing.md1_waiting_quantile_s(0.8, 1.0, 0.19) == 0.0
    # Within the first service: P(W <= t) = (1 - rho) exp(lambda t).
    assert queueing.md1_waiting_quantile_s(0.8, 1.0, 0.3) == pytest.approx(math.log(1.5) / 0.8, rel=EXACT)


def test_ggc_approximation_is_exact_where_theory_is() -> None:
    assert queueing.ggc_mean_waiting_approximation_s(3.2, 1.0, 4, 1.0, 1.0) == pytest.approx(
        queueing.mmc_mean_waiting_s(3.2, 1.0, 4), rel=EXACT
    )
    assert queueing.ggc_mean_waiting_approximation_s(0.8, 1.0, 1, 1.0, 0.4) == pytest.approx(
        queueing.mg1_mean_waiting_s(0.8, 1.0, 0.4), rel=EXACT
    )
    assert queueing.ggc_mean_waiting_approximation_s(0.8, 1.0, 1, 0.0, 0.0) == 0.0


# Inputs


@pytest.mark.parametrize(
    "call",
    [
        lambda: queueing.erlang_c(2, 2.0),
        lambda: queueing.mm1_mean_waiting_s(1.0, 1.0),
        lambda: queueing.mm1_mean_latency_s(1.0, 1.0),
        lambda: queueing.mm1_latency_quantile_s(2.0, 1.0, 0.9),
        lambda: queueing.mmc_mean_waiting_s(4.0, 1.0, 4),
        lambda: queueing.mmc_mean_latency_s(4.0, 1.0, 4),
        lambda: queueing.mmc_waiting_quantile_s(5.0, 1.0, 4, 0.9),
        lambda: queueing.mmc_latency_exceeds(5.0, 1.0, 4, 1.0),
        lambda: queueing.mmc_latency_quantile_s(5.0, 1.0, 4, 0.9),
        lambda: queueing.md1_mean_waiting_s(1.0, 1.0),
        lambda: queueing.md1_waiting_exceeds(1.0, 1.0, 1.0),
        lambda: queueing.md1_waiting_quantile_s(1.0, 1.0, 0.9),
        lambda: queueing.mg1_mean_waiting_s(1.5, 1.0, 0.3),
        lambda: queueing.ggc_mean_waiting_approximation_s(3.0, 1.0, 3, 1.0, 1.0),
        lambda: queueing.bulk_service(2.0, [1.0, 1.0], "exponential"),
        lambda: queueing.bulk_service_mean_latency_s(3.0, [0.1, 1.0], "deterministic"),
    ],
)
def test_a_load_without_a_stationary_state_is_refused(call: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match="unstable"):
        call()


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: queueing.erlang_b(0, 1.0), "servers"),
        (lambda: queueing.erlang_b(1, -1.0), "offered_load"),
        (lambda: queueing.mm1_mean_waiting_s(-1.0, 1.0), "arrival_rate_per_s"),
        (lambda: queueing.mm1_mean_waiting_s(1.0, math.nan), "service_mean_s"),
        (lambda: queueing.mmc_latency_exceeds(1.0, 1.0, 2, -0.1), "latency_s"),
        (lambda: queueing.mmc_latency_quantile_s(1.0, 1.0, 2, 1.0), "probability"),
        (lambda: queueing.mmc_waiting_quantile_s(1.0, 1.0, 2, 0.0), "probability"),
        (lambda: queueing.mm1_latency_quantile_s(0.5, 1.0, math.nan), "probability"),
        (lambda: queueing.mmck_blocking(1.0, 1.0, 1, -1), "queue_capacity"),
        (lambda: queueing.mmck_blocking(math.inf, 1.0, 1, 1), "arrival_rate_per_s"),
        (lambda: queueing.closed_mmc(0, 1.0, 1.0, 1), "clients"),
        (lambda: queueing.closed_mmc(1, -1.0, 1.0, 1), "think_time_mean_s"),
        (lambda: queueing.closed_mmc(1, 1.0, 0.0, 1), "service_mean_s"),
        (lambda: queueing.md1_waiting_exceeds(0.5, 1.0, -1.0), "waiting_s"),
        (lambda: queueing.md1_waiting_quantile_s(0.5, 1.0, 1.5), "probability"),
        (lambda: queueing.mg1_mean_waiting_s(0.5, 1.0, -0.1), "service_cv"),
        (lambda: queueing.ggc_mean_waiting_approximation_s(0.5, 1.0, 1, -1.0, 1.0), "arrival_cv"),
        (lambda: queueing.bulk_service(1.0, [], "exponential"), "got none"),
        (lambda: queueing.bulk_service(0.0, [1.0], "exponential"), "arrival_rate_per_s"),
        (lambda: queueing.bulk_service(0.5, [1.0, math.inf], "exponential"), "batch size 2"),
        (lambda: queueing.bulk_service(0.5, [1.0], "gamma"), "law must be"),  # type: ignore[arg-type]  # wrong on purpose
    ],
)
def test_a_value_that_makes_no_sense_is_refused_by_name(call: Callable[[], object], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        call()
