"""The codings in which a body may travel, and which of them a reader likes best."""

import gzip
import re
from functools import lru_cache

import brotli

# Once per change of a page, while its first reader waits: higher levels cost far more than they save.
COMPRESS = {
    "br": lambda body: brotli.compress(body, quality=5),
    "gzip": lambda body: gzip.compress(body, compresslevel=6, mtime=0),
}
WEIGHT = re.compile(r"\s*q=(0(\.\d{0,3})?|1(\.0{0,3})?)\s*")


@lru_cache(maxsize=256)
def best_coding(accepted: str) -> str:
    """Return "br", "gzip" or "identity": what the Accept-Encoding header `accepted` likes best (RFC 9110, 12.5.3)."""
    weights = {}
    for part in accepted.lower().split(","):
        name, has_weight, weight = part.partition(";")
        match = WEIGHT.fullmatch(weight)
        weights[name.strip()] = (float(match[1]) if match else 0.0) if has_weight else 1.0
    others = weights.get("*", 0.0)
    liked = {coding: weights.get(coding, others) for coding in COMPRESS}
    # Plain bytes are never refused; unless they are named, they come last.
    liked["identity"] = weights.get("identity", 0.0) or 1e-9
    return max(liked, key=liked.__getitem__)
