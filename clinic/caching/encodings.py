"""Negotiates Accept-Encoding (RFC 9110, 12.5.3) and compresses a body."""

import gzip
import re

import brotli

# Run once per change of a page, while its first visitor waits: higher levels take much longer for few bytes.
COMPRESS = {
    "br": lambda body: brotli.compress(body, quality=5),
    "gzip": lambda body: gzip.compress(body, compresslevel=6, mtime=0),
}
WEIGHT = re.compile(r"\s*q=(0(\.\d{0,3})?|1(\.0{0,3})?)\s*")


def best_encoding(accept_encoding: str) -> str:
    """Return "br", "gzip" or "identity": the one with the highest weight in the Accept-Encoding header."""
    weights = {}
    for part in accept_encoding.lower().split(","):
        name, has_weight, weight = part.partition(";")
        match = WEIGHT.fullmatch(weight)
        weights[name.strip()] = (float(match[1]) if match else 0.0) if has_weight else 1.0
    others = weights.get("*", 0.0)
    candidates = {encoding: weights.get(encoding, others) for encoding in COMPRESS}
    # The uncompressed body is always acceptable; unless it is named, it comes last.
    candidates["identity"] = weights.get("identity", 0.0) or 1e-9
    return max(candidates, key=candidates.__getitem__)
