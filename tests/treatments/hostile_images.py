"""Files that may be uploaded as a photograph, from mistakes to attacks.

`python -m tests.treatments.hostile_images FOLDER` reads each file and prints the result, then the peak memory in MiB.
"""

import struct
import zlib
from io import BytesIO

from PIL import Image

from treatments.images import MAX_DECODING_BYTES, read_photo, renditions


def encoded(size, form, mode="RGB", **options) -> bytes:
    file = BytesIO()
    Image.new(mode, size, options.pop("colour", None) or 120).save(file, form, **options)
    return file.getvalue()


def chunk(kind: bytes, content: bytes, *, crc: int | None = None) -> bytes:
    check = zlib.crc32(kind + content) if crc is None else crc
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)


def png(*chunks: bytes, width=800, height=800, depth=8, colour=2) -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(chunks) + chunk(b"IEND", b"")


def jpeg_of(width: int, height: int, **options) -> bytes:
    """Return a small JPEG whose header says `width` x `height`."""
    data = bytearray(encoded((640, 640), "JPEG", **options))
    start = data.index(b"\xff\xc2" if options.get("progressive") else b"\xff\xc0")
    data[start + 5 : start + 9] = struct.pack(">HH", height, width)
    return bytes(data)


def in_scans(jpeg: bytes) -> bytes:
    """Return `jpeg` with a first scan of one component, as a file has whose colours come one after the other."""
    start = jpeg.index(b"\xff\xda")
    return jpeg[:start] + b"\xff\xda\0\x08\x01\x01\0\0\x3f\0" + jpeg[start + 14 :]


def avif_of(width: int, height: int) -> bytes:
    data = encoded((640, 640), "AVIF", speed=10)
    return data.replace(struct.pack(">II", 640, 640), struct.pack(">II", width, height))


def webp_of(width: int, height: int) -> bytes:
    picture = b"VP8L" + struct.pack("<I", 6) + b"\x2f" + struct.pack("<I", (width - 1) | (height - 1) << 14) + b"\0"
    return b"RIFF" + struct.pack("<I", len(picture) + 4) + b"WEBP" + picture


def refused() -> dict[str, bytes]:
    """Return files that are not photographs, or too large to decode."""
    whole = {form: encoded((640, 640), form) for form in ("JPEG", "PNG", "WEBP", "AVIF")}
    pixels = zlib.compress(bytes(1 << 20))
    files = {
        "empty": b"",
        "one-byte": b"\xff",
        "text.jpg": b"This is no photograph." * 50,
        "page.html": b"<!doctype html><script>alert(1)</script>",
        "drawing.svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><rect width="9" height="9"/></svg>',
        "external.svg": b'<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg>&x;</svg>',
        "document.pdf": b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj",
        "script.eps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 800 800\n(/etc/passwd) (r) file\n",
        "archive.zip": b"PK\x03\x04" + bytes(400),
        "movie.mp4": b"\0\0\0\x20ftypisom" + bytes(400),
        "gif-script": b"GIF89a/*\x03" + bytes(200) + b"*/=1;alert(1)",
        "tiff": encoded((640, 640), "TIFF"),
        "gif": encoded((640, 640), "GIF", mode="L"),
        "bmp": encoded((640, 640), "BMP"),
        "ico": encoded((256, 256), "ICO"),
        "tiny": encoded((64, 64), "JPEG"),
        "bomb.png": png(
            chunk(b"IDAT", zlib.compress(bytes(30_001 * 3_000), 9)), width=240_000, height=3_000, depth=1, colour=0
        ),
        "wide.png": png(chunk(b"IDAT", pixels), width=2_000_000_000, height=1),
        "huge.png": png(chunk(b"IDAT", pixels), width=2_000_000_000, height=2_000_000_000),
        "zero.png": png(chunk(b"IDAT", pixels), width=0, height=0),
        "huge.jpg": jpeg_of(65_500, 65_500),
        "huge-progressive.jpg": jpeg_of(8_000, 6_000, progressive=True, subsampling=0),
        "huge-in-scans.jpg": in_scans(jpeg_of(8_000, 6_000, subsampling=0)),
        "one-hundred-megapixels.png": png(chunk(b"IDAT", pixels), width=10_000, height=10_000),
        "huge-cmyk.jpg": jpeg_of(6_000, 4_000, progressive=True, mode="CMYK"),
        "huge.webp": webp_of(16_383, 16_383),
        "huge.avif": avif_of(30_000, 30_000),
        "wrong-size.png": png(chunk(b"IDAT", pixels), width=4_000, height=4_000),
        "text-bomb.png": png(
            *[chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(1_000_000)))] * 80, chunk(b"IDAT", pixels)
        ),
        "wrong-check.png": png(chunk(b"IDAT", pixels, crc=1)),
        "wrong-data.png": png(chunk(b"IDAT", b"no zlib stream" * 40)),
        "no-picture.png": png(),
        "no-header.png": b"\x89PNG\r\n\x1a\n" + chunk(b"IDAT", pixels),
        "wrong-length.png": b"\x89PNG\r\n\x1a\n\xff\xff\xff\xffIHDR",
        "markers.jpg": b"\xff\xd8" + b"\xff\xe1\0\x02" * 100_000,
    }
    files |= {f"cut.{form}": data[: len(data) * 2 // 3] for form, data in whole.items()}
    files |= {f"head.{form}": data[:24] for form, data in whole.items()}
    return files


def largest(bytes_a_pixel: int) -> tuple[int, int]:
    side = int((MAX_DECODING_BYTES / bytes_a_pixel) ** 0.5)
    return side, side


def accepted() -> dict[str, bytes]:
    """Return files that can be shown after everything but the picture is removed, and the largest that are decoded."""
    jpeg = encoded((400, 320), "JPEG", icc_profile=b"no profile", exif=b"Exif\0\0no exif at all")
    return {
        "html-appended.jpg": jpeg + b"<html><script>alert(1)</script></html>",
        "zip-appended.jpg": jpeg + b"PK\x03\x04" + bytes(200),
        "script-inside.png": png(
            chunk(b"tEXt", b"Comment\0<script>alert(1)</script>"),
            chunk(b"IDAT", zlib.compress(bytes(400 * (400 * 3 + 1)))),
            width=400,
            height=400,
        ),
        "grey-16.png": encoded((640, 640), "PNG", mode="I;16"),
        "palette.png": encoded((640, 640), "PNG", mode="P", transparency=0),
        "see-through.png": encoded((640, 640), "PNG", mode="RGBA"),
        "cmyk.jpg": encoded((640, 640), "JPEG", mode="CMYK"),
        "grey-16-with-key.png": encoded(largest(9), "PNG", mode="I;16", transparency=120),
        "of-a-phone-48-megapixels.jpg": encoded((8_064, 6_048), "JPEG", quality=95),
        "largest.jpg": encoded(largest(2), "JPEG"),
        "tallest.jpg": encoded((660, 65_000), "JPEG"),
        "largest-progressive.jpg": encoded(largest(6), "JPEG", progressive=True, subsampling=0),
        "largest.png": encoded(largest(9), "PNG", mode="RGBA"),
        "largest.webp": encoded(largest(16), "WEBP", method=0),
        "largest.avif": encoded(largest(9), "AVIF", speed=10),
    }


def main():
    import sys
    import warnings
    from pathlib import Path

    import django

    django.setup()
    from django.core.exceptions import ValidationError
    from django.core.files.uploadedfile import SimpleUploadedFile

    warnings.simplefilter("ignore")
    for path in sorted(Path(sys.argv[1]).iterdir()):
        try:
            picture = read_photo(SimpleUploadedFile(path.name, path.read_bytes()))
            print(path.name, picture.size)
        except ValidationError as error:
            print(path.name, *error.messages)
    print(
        "stored as",
        [len(file) for *_, file in renditions(Image.linear_gradient("L").resize((1_600, 2_400)).convert("RGB"))],
    )
    # Not getrusage: its value starts from that of the parent process.
    peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    print(int(peak.split()[1]) // 1024)


if __name__ == "__main__":
    main()
