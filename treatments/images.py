"""Photographs: decoded within a memory limit, converted to sRGB, stripped of metadata, encoded in two formats."""

import threading
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageCms, ImageOps, JpegImagePlugin

FORMATS = ("JPEG", "PNG", "WEBP", "AVIF")
MAX_BYTES = 20 * 1024 * 1024
# What decoding takes, measured with Pillow 13. libjpeg makes an ordinary JPEG smaller while it reads it (the figure is
# a limit of 66 megapixels, not its memory); of one in several scans it holds two bytes for each coefficient.
BYTES_PER_PIXEL: dict[str, float] = {"JPEG": 2, "PNG": 9, "WEBP": 16, "AVIF": 9}
MAX_DECODING_BYTES = 132_000_000
MIN_SIDE = 320
WIDTHS = (480, 960, 1600)
MAX_HEIGHT = 2400
ENCODERS = {"avif": {"quality": 60, "speed": 8, "max_threads": 1}, "webp": {"quality": 80, "method": 4}}
BACKGROUND = "white"  # behind what is transparent; the form says so
TOO_LARGE = _("This photograph is too large: at most %(most)d megapixels.")
_one_at_a_time = threading.Lock()


def read_photo(upload) -> Image.Image:
    """Return the picture of an uploaded file: upright, in sRGB, at most as large as the site shows it, no metadata.

    Raises ValidationError if the file is not a photograph that can be shown.
    """
    if upload.size > MAX_BYTES:
        raise ValidationError(_("This file is too large: at most 20 MB."))
    with _one_at_a_time:
        try:
            with Image.open(upload, formats=FORMATS) as image:
                check_size(image)
                return strip(image)
        except ValidationError:
            raise
        except Image.DecompressionBombError as error:
            raise ValidationError(TOO_LARGE, params={"most": MAX_DECODING_BYTES // 2_000_000}) from error
        except Exception as error:  # decoders raise many exceptions for malformed files
            raise ValidationError(
                _("We cannot read this file as a photograph. Use JPEG, PNG, WebP or AVIF.")
            ) from error


def check_size(image: Image.Image) -> None:
    """Refuse what is too large to decode or too small to show; only the header has been read so far."""
    per_pixel = BYTES_PER_PIXEL["JPEG" if image.format == "MPO" else str(image.format)]
    if isinstance(image, JpegImagePlugin.JpegImageFile) and has_several_scans(image):
        most_samples = max(across * down for _id, across, down, _table in image.layer)
        per_pixel = 2 * sum(across * down for _id, across, down, _table in image.layer) / most_samples
    if image.width * image.height * per_pixel > MAX_DECODING_BYTES:
        raise ValidationError(TOO_LARGE, params={"most": MAX_DECODING_BYTES // per_pixel // 1_000_000})
    if min(image.size) < MIN_SIDE:
        least = {"least": MIN_SIDE}
        raise ValidationError(_("This photograph is too small: at least %(least)d pixels a side."), params=least)


def has_several_scans(image: JpegImagePlugin.JpegImageFile) -> bool:
    """Return whether libjpeg holds the whole image to decode it: progressive, or a first scan without all colours."""
    if image.info.get("progressive"):
        return True
    file: Any = image.fp
    file.seek(2)
    while (marker := file.read(2)) != b"\xff\xda":
        if marker == b"\xff\xff":  # filling
            file.seek(-1, 1)
        elif marker[:1] == b"\xff":
            file.seek(int.from_bytes(file.read(2)) - 2, 1)
        else:
            return True
    return file.read(3)[-1] < len(image.layer)


def strip(image: Image.Image) -> Image.Image:
    """Return the pixels of an opened image, upright, in sRGB and on BACKGROUND; no EXIF, place, profile or comment.

    `info["broken_profile"]` of the result says that the file's profile could not be used.
    """
    # Pillow makes eight bits of grey with two or four, but not of the value that is transparent.
    if image.format == "PNG" and "transparency" in image.info:
        image.info["transparency"] *= {"L;2": 85, "L;4": 17}.get(image.tile[0].args, 1)  # type: ignore[attr-defined]
    orientation: Any = image.getexif().get(0x0112)
    orientation = orientation if orientation in range(1, 9) else 1
    profile = image.info.get("icc_profile")
    box = (WIDTHS[-1], MAX_HEIGHT) if orientation < 5 else (MAX_HEIGHT, WIDTHS[-1])
    shrink = max(image.width / box[0], image.height / box[1], 1)
    image.draft(None, (int(image.width / shrink), int(image.height / shrink)))
    image = in_eight_bits(image)
    image.thumbnail(box)
    colours, broken_profile = in_srgb(image, profile)
    picture = Image.new("RGB", image.size, BACKGROUND)
    picture.paste(colours, mask=image.getchannel("A") if "A" in image.getbands() else None)
    picture.getexif()[0x0112] = orientation
    picture = ImageOps.exif_transpose(picture)
    picture.info["broken_profile"] = broken_profile
    return picture


def in_eight_bits(image: Image.Image) -> Image.Image:
    """Return `image` in L, LA, RGB, RGBA or CMYK, however its file states depth, palette and transparency."""
    if image.mode.startswith("I"):  # grey of 16 bits: convert() would make all above 255 white
        transparent = image.info.get("transparency")
        to_eight = [255 if value == transparent else round(value / 257) for value in range(65_536)]
        return image.convert("I").point(to_eight, "L")
    if image.mode in {"1", "L", "LA"}:
        mode = "LA" if image.has_transparency_data else "L"
    else:
        mode = "RGBA" if image.has_transparency_data else "CMYK" if image.mode == "CMYK" else "RGB"
    return image if image.mode == mode else image.convert(mode)


def in_srgb(image: Image.Image, profile: bytes | None) -> tuple[Image.Image, bool]:
    """Return the colours of `image` (without its transparency) in sRGB, and whether `profile` could not be used."""
    colours = image.convert({"LA": "L", "RGBA": "RGB"}.get(image.mode, image.mode))
    if not profile:
        return colours, False
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        if colours.mode == "L" and source.profile.xcolor_space == "RGB ":  # so some programs describe grey
            colours = colours.convert("RGB")
        sRGB = ImageCms.createProfile("sRGB")
        return ImageCms.profileToProfile(colours, source, sRGB, outputMode="RGB"), False  # type: ignore[return-value]
    except (ImageCms.PyCMSError, OSError):  # the plain colours must do
        return colours, True


def widths_of(width: int) -> list[int]:
    """Return the widths in pixels that a picture of `width` is stored in: none is larger."""
    return [smaller for smaller in WIDTHS if smaller < width] + [width]


def renditions(picture: Image.Image) -> Iterator[tuple[int, str, bytes]]:
    """Yield (width, extension, content) for every file that is stored of `picture`."""
    for width in widths_of(picture.width):
        resized = picture.resize((width, round(picture.height * width / picture.width)), Image.Resampling.LANCZOS)
        for extension, settings in ENCODERS.items():
            file = BytesIO()
            resized.save(file, extension, **settings)
            yield width, extension, file.getvalue()
