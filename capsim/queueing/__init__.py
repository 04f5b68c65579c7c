"""Closed forms of queueing theory: oracles for the tests, and the planner's first guess.

Times are seconds, rates are per second, loads are erlangs; a quantile takes its probability (0.99 for p99).
Each function says where its formula comes from. A load without a stationary state is a ValueError.
"""

from capsim.queueing.bulk import BulkService, bulk_service, bulk_service_mean_latency_s
from capsim.queueing.exponential import (
    ClosedLoop,
    closed_mmc,
    erlang_b,
    erlang_c,
    mm1_latency_quantile_s,
    mm1_mean_latency_s,
    mm1_mean_waiting_s,
    mmc_latency_exceeds,
    mmc_latency_quantile_s,
    mmc_mean_latency_s,
    mmc_mean_waiting_s,
    mmc_waiting_quantile_s,
    mmck_blocking,
    mmck_mean_latency_s,
    mmck_number_shares,
)
from capsim.queueing.general import (
    ggc_mean_waiting_approximation_s,
    md1_latency_quantile_s,
    md1_mean_waiting_s,
    md1_waiting_exceeds,
    md1_waiting_quantile_s,
    mg1_mean_waiting_s,
)

__all__ = [
    "BulkService",
    "ClosedLoop",
    "bulk_service",
    "bulk_service_mean_latency_s",
    "closed_mmc",
    "erlang_b",
    "erlang_c",
    "ggc_mean_waiting_approximation_s",
    "md1_latency_quantile_s",
    "md1_mean_waiting_s",
    "md1_waiting_exceeds",
    "md1_waiting_quantile_s",
    "mg1_mean_waiting_s",
    "mm1_latency_quantile_s",
    "mm1_mean_latency_s",
    "mm1_mean_waiting_s",
    "mmc_latency_exceeds",
    "mmc_latency_quantile_s",
    "mmc_mean_latency_s",
    "mmc_mean_waiting_s",
    "mmc_waiting_quantile_s",
    "mmck_blocking",
    "mmck_mean_latency_s",
    "mmck_number_shares",
]
