"""`make bench`: measures the site and its limits alternately on this machine and prints one table."""

import os
import platform
import tempfile
from datetime import date
from pathlib import Path

from tests.bench import desk, leads, pages, visit
from tests.bench.table import Row

COLUMNS = (72, 22, 20, 16)


def machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    processor = next((line.split(": ")[1] for line in lines if line.startswith("model name")), platform.machine())
    return f"{os.cpu_count()} x {processor}, {memory:.0f} GiB, Python {platform.python_version()}"


def show(*cells: str) -> None:
    print("  ".join(cell.ljust(width) for cell, width in zip(cells, COLUMNS, strict=True)).rstrip(), flush=True)


def show_row(row: Row) -> None:
    verdict = "" if row.holds is None else "  holds" if row.holds else "  MISSED"
    show(row.what, row.site, row.limit, row.ratio + verdict)
    if row.remark:
        print(f"    {row.remark}")


def main() -> None:
    load = os.getloadavg()[0]
    print(f"{date.today():%d %B %Y}  {machine()}  load before: {load:.1f}\n")
    show("what", "the site", "its limit", "ratio or wanted")
    with tempfile.TemporaryDirectory(prefix="clinic-bench-") as folder:
        for part in (pages, leads, desk, visit):
            for row in part.measure(Path(folder)):
                show_row(row)


if __name__ == "__main__":
    main()
