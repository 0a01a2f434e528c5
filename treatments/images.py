"""Uploaded photographs: size limits before decoding, no metadata, encoded in a few widths and two formats."""

import threading
from collections.abc import Iterator
from contextlib import suppress
from io import BytesIO

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageCms, ImageOps

FORMATS = ("JPEG", "PNG", "WEBP", "AVIF")
MAX_BYTES = 20 * 1024 * 1024
# Memory for decoding, measured with Pillow 13: a progressive JPEG is decoded at full size, a baseline one is scaled.
BYTES_PER_PIXEL = {"JPEG": 3, "PNG": 9, "WEBP": 16, "AVIF": 9}
MAX_DECODING_BYTES = 132_000_000
MIN_SIDE = 320
WIDTHS = (480, 960, 1600)
MAX_HEIGHT = 2400
ENCODERS = {"avif": {"quality": 60, "speed": 6, "max_threads": 1}, "webp": {"quality": 80, "method": 4}}
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
            raise ValidationError(TOO_LARGE, params={"most": MAX_DECODING_BYTES // 3_000_000}) from error
        except Exception as error:  # decoders raise many exceptions for malformed files
            raise ValidationError(
                _("We cannot read this file as a photograph. Use JPEG, PNG, WebP or AVIF.")
            ) from error


def check_size(image: Image.Image) -> None:
    """Raise ValidationError if the image is too large to decode or too small to show; reads only its header."""
    kind = "JPEG" if image.format == "MPO" else str(image.format)
    per_pixel = 2 * len(image.getbands()) if image.info.get("progressive") else BYTES_PER_PIXEL[kind]
    if image.width * image.height * per_pixel > MAX_DECODING_BYTES:
        most = MAX_DECODING_BYTES // per_pixel // 1_000_000
        raise ValidationError(TOO_LARGE, params={"most": most})
    if min(image.size) < MIN_SIDE:
        least = {"least": MIN_SIDE}
        raise ValidationError(_("This photograph is too small: at least %(least)d pixels a side."), params=least)


def strip(image: Image.Image) -> Image.Image:
    """Return the pixels of an opened image without its metadata (EXIF, location, colour profile, comment)."""
    orientation = image.getexif().get(0x0112, 1)
    profile = image.info.get("icc_profile")
    box = (WIDTHS[-1], MAX_HEIGHT) if orientation < 5 else (MAX_HEIGHT, WIDTHS[-1])
    shrink = max(image.width / box[0], image.height / box[1], 1)
    image.draft(None, (int(image.width / shrink), int(image.height / shrink)))
    if image.mode not in {"L", "RGB", "RGBA", "CMYK"}:
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    image.thumbnail(box)
    if profile:
        with suppress(ImageCms.PyCMSError, OSError):  # a broken profile: the colours stay as they are
            image = ImageCms.profileToProfile(  # type: ignore[assignment]
                image, ImageCms.ImageCmsProfile(BytesIO(profile)), ImageCms.createProfile("sRGB"), outputMode=image.mode
            )
    picture = Image.new("RGB", image.size, "white")
    picture.paste(image, mask=image.getchannel("A") if "A" in image.getbands() else None)
    picture.getexif()[0x0112] = orientation
    return ImageOps.exif_transpose(picture)


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
