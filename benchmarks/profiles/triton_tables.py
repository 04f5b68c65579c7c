"""Import the shipped profiles of published Triton tables: one `capsim profile import table` for each deployment.

    python benchmarks/profiles/triton_tables.py FOLDER

FOLDER holds the tables as CSV, under the names that the column `table` of triton_tables.csv gives: a row per measured
batch size, with the columns of the published Markdown tables, where each row is from (`source_file`, `source_line`,
`commit`) and one name for each deployment (`pair_id`). The other columns of triton_tables.csv are what is told of a
deployment: `parts` says whether its table splits the client's latency, `said` is for the provenance. With `--dry-run`
the commands are printed and nothing is written.
"""

from __future__ import annotations

import argparse
import csv
import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from capsim.cli import app
from capsim.errors import CapsimError

PICKS = Path(__file__).with_suffix(".csv")
COMPUTE = "compute=server_compute_input_ms+server_compute_infer_ms+server_compute_output_ms"
CLIENTS = (
    "the latency of one client that waits for each answer: compute, and also sending, network, the server's overhead "
    "and receiving, which the table does not split"
)
ORIGIN = ("source=https://github.com/NVIDIA/DeepLearningExamples", "published=2024-04-04")


def picks() -> list[dict[str, str]]:
    """The deployments, in the order of the file."""
    with PICKS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def words(pick: Mapping[str, str], folder: Path) -> list[str]:
    """The arguments of `capsim` that import a deployment from the tables in the folder."""
    notes = [*ORIGIN, f"licence={pick['licence']}", *filter(None, pick["said"].split(";"))]
    told = {"model": pick["model"], "hardware": "gpu", "hardware-name": pick["gpu"]}
    told |= {name: pick[name] for name in ("runtime", "precision")}
    # The table's own column `instances` is how the server was configured; one client keeps one of them busy.
    read = ["--where", f"pair_id={pick['pair_id']}", "--column", "instances=concurrency", "--keep", "source_line"]
    read += ["--column", COMPUTE] if pick["parts"] == "compute" else ["--holds", CLIENTS]
    read += [word for note in notes for word in ("--provenance", note)]
    read += [word for name, value in told.items() for word in (f"--{name}", value)]
    return ["profile", "import", "table", str(folder / pick["table"]), *read, "--force"]


def main(given: Sequence[str] | None = None) -> int:
    """Import all of them into `profiles/` of the current directory."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--dry-run", action="store_true")
    options = parser.parse_args(given)
    for pick in picks():
        command = words(pick, options.folder)
        print(shlex.join(["capsim", *command]))
        if options.dry_run:
            continue
        try:
            app(command, standalone_mode=False)
        except CapsimError as error:
            print(error, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
