"""One line of the bench's table, and measuring two things in turn until the noise of the machine lets them compare."""

import statistics
from collections.abc import Callable
from dataclasses import dataclass

ROUNDS = 9
TRIES = 3
# Half of the rounds' ratios lie within this part of the middle one, or the measurement was disturbed.
STEADY = 0.15


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
        return f"disturbed: the ratio varies by {self.spread:.0%} within one run" if self.spread > STEADY else ""


def in_turn(site: Callable[[], float], limit: Callable[[], float], rounds: int = ROUNDS) -> Pair:
    """Measure limit and site in turn, so that both meet the same machine; a disturbed run is repeated."""
    pairs = []
    for _try in range(TRIES):
        measured = [(limit(), site()) for _round in range(rounds)]
        ratios = sorted(limit / site for limit, site in measured)
        ratio, quarter = statistics.median(ratios), len(ratios) // 4
        spread = (ratios[-1 - quarter] - ratios[quarter]) / ratio
        middle = [statistics.median(column) for column in zip(*measured, strict=True)]
        pairs.append(Pair(site=middle[1], limit=middle[0], ratio=ratio, spread=spread))
        if spread <= STEADY:
            break
    return min(pairs, key=lambda pair: pair.spread)
