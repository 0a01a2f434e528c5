"""ICC profiles written for tests, since none may be copied in: wide RGB, linear grey, a press's CMYK."""

import struct
from itertools import product

D50 = struct.pack(">4s4x3i", b"XYZ ", 63_190, 65_536, 54_061)


def profile(space: bytes, connection: bytes, device: bytes, tags: dict[bytes, bytes]) -> bytes:
    table, content = b"", b""
    for name, tag in tags.items():
        table += struct.pack(">4sII", name, 128 + 4 + 12 * len(tags) + len(content), len(tag))
        content += tag + bytes(-len(tag) % 4)
    body = struct.pack(">I", len(tags)) + table + content
    header = struct.pack(">I4xI4s4s4s", 128 + len(body), 0x02400000, device, space, connection)
    header += struct.pack(">6H4s", 2026, 1, 1, 0, 0, 0, b"acsp") + bytes(28) + D50[8:] + bytes(48)
    return header + body


def xyz(*values: float) -> bytes:
    return struct.pack(">4s4x3i", b"XYZ ", *(round(value * 65_536) for value in values))


def gamma(value: float) -> bytes:
    return struct.pack(">4s4xIH", b"curv", 1, round(value * 256))


def text(words: bytes) -> bytes:
    return struct.pack(">4s4xI", b"desc", len(words) + 1) + words + bytes(1 + 4 + 4 + 2 + 1 + 67)


COMMON = {b"desc": text(b"Of a test"), b"wtpt": D50, b"cprt": b"text\0\0\0\0None\0"}
# The primaries of Adobe RGB (1998), adapted to D50, with its gamma.
WIDE_RGB = profile(
    b"RGB ", b"XYZ ", b"mntr",
    COMMON
    | {b"rXYZ": xyz(0.6097, 0.3111, 0.0195), b"gXYZ": xyz(0.2053, 0.6257, 0.0609), b"bXYZ": xyz(0.1492, 0.0632, 0.7446)}
    | {name: gamma(2.2) for name in (b"rTRC", b"gTRC", b"bTRC")},
)  # fmt: skip
LINEAR_GREY = profile(b"GRAY", b"XYZ ", b"mntr", COMMON | {b"kTRC": gamma(1.0)})


def press_cmyk() -> bytes:
    """Return a profile from CMYK to Lab: the sixteen overprints of an offset press, straight lines between them."""
    inks = {
        "": (95, 0, 0), "c": (55, -37, -50), "m": (48, 74, -3), "y": (89, -5, 93), "cm": (24, 22, -46),
        "cy": (50, -68, 33), "my": (47, 68, 48), "cmy": (23, 0, 0),
    }  # fmt: skip
    lattice = b""
    for *colours, black in product((0, 1), repeat=4):
        lightness, a, b = inks["".join(ink for ink, on in zip("cmy", colours, strict=True) if on)]
        if black:
            lightness, a, b = lightness * 0.17, a // 6, b // 6
        lattice += bytes([round(lightness * 2.55), 128 + a, 128 + b])
    line = bytes(range(256))
    unity = struct.pack(">9i", *(65_536 * (place % 4 == 0) for place in range(9)))
    table = b"mft1" + bytes(4) + bytes([4, 3, 2, 0]) + unity + line * 4 + lattice + line * 3
    return profile(b"CMYK", b"Lab ", b"prtr", COMMON | {b"A2B0": table})


PRESS_CMYK = press_cmyk()
