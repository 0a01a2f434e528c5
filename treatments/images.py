"""Photographs of staff: decoded with care, stripped of all but the picture, encoded in a few widths and two formats."""

import threading
from collections.abc import Iterator
from contextlib import suppress
from io import BytesIO

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageCms, ImageOps

FORMATS = ("JPEG", "PNG", "WEBP", "AVIF")
MAX_BYTES = 20 * 1024 * 1024
# What decoding takes, measured with Pillow 13; a progressive JPEG is held whole, an ordinary one is made small at once.
BYTES_A_PIXEL = {"JPEG": 3, "PNG": 9, "WEBP": 16, "AVIF": 9}
MAX_DECODING_BYTES = 132_000_000
LEAST_SIDE = 320
WIDTHS = (480, 960, 1600)
TALLEST = 2400
ENCODERS = {"avif": {"quality": 60, "speed": 6, "max_threads": 1}, "webp": {"quality": 80, "method": 4}}
TOO_LARGE = _("This photograph is too large: at most %(most)d megapixels.")
_one_at_a_time = threading.Lock()


def read_photo(upload) -> Image.Image:
    """Return the picture of an uploaded file, upright, in sRGB, no larger than we show it; nothing else of the file.

    What is wrong with the file is told by ValidationError.
    """
    if upload.size > MAX_BYTES:
        raise ValidationError(_("This file is too large: at most 20 MB."))
    with _one_at_a_time:
        try:
            with Image.open(upload, formats=FORMATS) as image:
                check_size(image)
                return only_the_picture(image)
        except ValidationError:
            raise
        except Image.DecompressionBombError as error:
            raise ValidationError(TOO_LARGE, params={"most": MAX_DECODING_BYTES // 3_000_000}) from error
        except Exception as error:  # decoders of hostile files raise whatever they like
            raise ValidationError(
                _("We cannot read this file as a photograph. Use JPEG, PNG, WebP or AVIF.")
            ) from error


def check_size(image: Image.Image) -> None:
    """Refuse what is too large to decode or too small to show; only the header has been read so far."""
    kind = "JPEG" if image.format == "MPO" else str(image.format)
    a_pixel = 2 * len(image.getbands()) if image.info.get("progressive") else BYTES_A_PIXEL[kind]
    if image.width * image.height * a_pixel > MAX_DECODING_BYTES:
        most = MAX_DECODING_BYTES // a_pixel // 1_000_000
        raise ValidationError(TOO_LARGE, params={"most": most})
    if min(image.size) < LEAST_SIDE:
        least = {"least": LEAST_SIDE}
        raise ValidationError(_("This photograph is too small: at least %(least)d pixels a side."), params=least)


def only_the_picture(image: Image.Image) -> Image.Image:
    """Return the pixels of an opened image, without EXIF, place, profile or comment."""
    turned = image.getexif().get(0x0112, 1)
    profile = image.info.get("icc_profile")
    box = (WIDTHS[-1], TALLEST) if turned < 5 else (TALLEST, WIDTHS[-1])
    shrink = max(image.width / box[0], image.height / box[1], 1)
    image.draft(None, (int(image.width / shrink), int(image.height / shrink)))
    if image.mode not in {"L", "RGB", "RGBA", "CMYK"}:
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    image.thumbnail(box)
    if profile:
        with suppress(ImageCms.PyCMSError, OSError):  # a broken profile: the plain colours must do
            image = ImageCms.profileToProfile(  # type: ignore[assignment]
                image, ImageCms.ImageCmsProfile(BytesIO(profile)), ImageCms.createProfile("sRGB"), outputMode=image.mode
            )
    picture = Image.new("RGB", image.size, "white")
    picture.paste(image, mask=image.getchannel("A") if "A" in image.getbands() else None)
    picture.getexif()[0x0112] = turned
    return ImageOps.exif_transpose(picture)


def widths_of(width: int) -> list[int]:
    """Return the widths in which a picture of `width` is kept: never larger than it is."""
    return [each for each in WIDTHS if each < width] + [width]


def renditions(picture: Image.Image) -> Iterator[tuple[int, str, bytes]]:
    """Yield (width, format, file) of everything that is kept of `picture`."""
    for width in widths_of(picture.width):
        resized = picture.resize((width, round(picture.height * width / picture.width)), Image.Resampling.LANCZOS)
        for extension, settings in ENCODERS.items():
            file = BytesIO()
            resized.save(file, extension, **settings)
            yield width, extension, file.getvalue()
