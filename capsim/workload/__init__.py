"""When requests are sent: one arrival process a file, and rates that vary over time."""

from capsim.workload.arrivals import ARRIVALS, Arrivals, OpenLoop, arrival_times
from capsim.workload.closed_loop import ClosedLoop
from capsim.workload.trace import Trace
from capsim.workload.trace_file import TraceFile

__all__ = ["ARRIVALS", "Arrivals", "ClosedLoop", "OpenLoop", "Trace", "TraceFile", "arrival_times"]
