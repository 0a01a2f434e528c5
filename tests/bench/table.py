"""A row of the table, and alternating measurements that are repeated while the machine is too busy to compare."""

import statistics
from collections.abc import Callable
from dataclasses import dataclass

ROUNDS = 9
TRIES = 3
# Half of the ratios are within this fraction of the median; otherwise the measurement was disturbed.
MAX_SPREAD = 0.15


@dataclass
class Row:
    what: str
    site: str
    limit: str = ""
    ratio: str = ""
    holds: bool | None = None
    remark: str = ""


@dataclass
class Pair:
    site: float
    limit: float
    ratio: float
    spread: float

    @property
    def remark(self) -> str:
        return f"disturbed: the ratio varies by {self.spread:.0%} within one run" if self.spread > MAX_SPREAD else ""


def alternate(site: Callable[[], float], limit: Callable[[], float], rounds: int = ROUNDS) -> Pair:
    """Measure limit and site alternately, so that both see the same load; repeat a disturbed run."""
    pairs = []
    for _try in range(TRIES):
        measured = [(limit(), site()) for _round in range(rounds)]
        ratios = sorted(limit / site for limit, site in measured)
        ratio, quarter = statistics.median(ratios), len(ratios) // 4
        spread = (ratios[-1 - quarter] - ratios[quarter]) / ratio
        middle = [statistics.median(column) for column in zip(*measured, strict=True)]
        pairs.append(Pair(site=middle[1], limit=middle[0], ratio=ratio, spread=spread))
        if spread <= MAX_SPREAD:
            break
    return min(pairs, key=lambda pair: pair.spread)
