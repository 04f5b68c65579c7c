"""When requests are sent and what they carry: one arrival process a file, and rates that vary over time."""

from capsim.workload.arrivals import ARRIVALS, Arrivals, arrival_times
from capsim.workload.closed_loop import ClosedLoop
from capsim.workload.items import ItemCounts, ItemsPerRequest, item_counts, item_doubts
from capsim.workload.keys import Keys
from capsim.workload.open_loop import OpenLoop
from capsim.workload.process import ArrivalProcess, Load
from capsim.workload.trace import Sent, Trace
from capsim.workload.trace_file import TraceFile

__all__ = [
    "ARRIVALS",
    "ArrivalProcess",
    "Arrivals",
    "ClosedLoop",
    "ItemCounts",
    "ItemsPerRequest",
    "Keys",
    "Load",
    "OpenLoop",
    "Sent",
    "Trace",
    "TraceFile",
    "arrival_times",
    "item_counts",
    "item_doubts",
]
