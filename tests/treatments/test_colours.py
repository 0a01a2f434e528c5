"""A photograph looks on the site as it looked when it was taken: pixels against a colour-managed reference."""

import zlib
from io import BytesIO
from itertools import pairwise

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageCms, PngImagePlugin

from tests.treatments.colour_profiles import LINEAR_GREY, PRESS_CMYK, WIDE_RGB
from tests.treatments.hostile_images import chunk, png
from treatments.images import read_photo, renditions

SIZE = (480, 320)
RGB = [(200, 40, 30), (60, 150, 70), (70, 90, 200), (220, 190, 160)]
CMYK = [(90, 150, 200, 60), (0, 200, 200, 0), (120, 0, 0, 0), (0, 0, 0, 200)]
GREY = [0, 64, 128, 255]
WHITE = (255, 255, 255)


def striped(mode, colours):
    image = Image.new(mode, SIZE)
    width = SIZE[0] // len(colours)
    for place, colour in enumerate(colours):
        image.paste(colour, (place * width, 0, (place + 1) * width, SIZE[1]))
    return image


def encoded(image, form, **options) -> bytes:
    lossless = {"JPEG": {"quality": 98, "subsampling": 0}, "MPO": {"quality": 98, "subsampling": 0}}
    lossless |= {"WEBP": {"lossless": True, "exact": True}, "AVIF": {"quality": 100, "subsampling": "4:4:4"}}
    file = BytesIO()
    image.save(file, form, **lossless.get(form, {}) | options)
    return file.getvalue()


def stripes(image, count=4):
    width = image.width // count
    return [image.convert("RGB").getpixel((place * width + width // 2, image.height // 2)) for place in range(count)]


def read(data):
    return read_photo(SimpleUploadedFile("photo", data))


def managed(mode, colours, profile):
    """Return what littlecms makes of `colours`, asked for each alone."""
    source, target = ImageCms.ImageCmsProfile(BytesIO(profile)), ImageCms.createProfile("sRGB")
    one = [Image.new(mode, (1, 1), colour) for colour in colours]
    return [ImageCms.profileToProfile(each, source, target, outputMode="RGB").getpixel((0, 0)) for each in one]


def on_white(colours, alpha):
    return [tuple(round((value * alpha + 255 * (255 - alpha)) / 255) for value in colour) for colour in colours]


def greys(values):
    return [(value,) * 3 for value in values]


def differ(got, wanted):
    return max(abs(a - b) for one, other in zip(got, wanted, strict=True) for a, b in zip(one, other, strict=True))


def raw_png(row: bytes, *chunks: bytes, depth: int, colour: int, width=SIZE[0]) -> bytes:
    picture = chunk(b"IDAT", zlib.compress((b"\0" + row) * SIZE[1]))
    return png(*chunks, picture, width=width, height=SIZE[1], depth=depth, colour=colour)


def wide(values, size=2):
    """Return a row of stripes, each value in `size` bytes a sample."""
    return b"".join(b"".join(v.to_bytes(size, "big") for v in value) * (SIZE[0] // len(values)) for value in values)


def animated(form, **options):
    frames = [striped("RGBA", [(*colour, 128) for colour in RGB]), Image.new("RGBA", SIZE, "black")]
    return encoded(frames[0], form, save_all=True, append_images=frames[1:], **options)


def palette(**options):
    image = Image.new("P", SIZE)
    image.putpalette([value for colour in RGB for value in colour])
    for place in range(4):
        image.paste(place, (place * 120, 0, (place + 1) * 120, SIZE[1]))
    return encoded(image, "PNG", **options)


def files():
    """Yield (name, file, the four colours it must have in sRGB)."""
    for form in ("JPEG", "PNG", "WEBP", "AVIF"):
        yield f"RGB, no profile, {form}", encoded(striped("RGB", RGB), form), RGB
        with_profile = encoded(striped("RGB", RGB), form, icc_profile=WIDE_RGB)
        yield f"RGB, wide profile, {form}", with_profile, managed("RGB", RGB, WIDE_RGB)
    wide_rgb, press = managed("RGB", RGB, WIDE_RGB), managed("CMYK", CMYK, PRESS_CMYK)
    linear = managed("L", GREY, LINEAR_GREY)
    yield "CMYK, press profile, JPEG", encoded(striped("CMYK", CMYK), "JPEG", icc_profile=PRESS_CMYK), press
    progressive = encoded(striped("CMYK", CMYK), "JPEG", icc_profile=PRESS_CMYK, progressive=True)
    yield "CMYK, press profile, progressive JPEG", progressive, press
    yield (
        "RGB, wide profile, MPO",
        encoded(
            striped("RGB", RGB), "MPO", save_all=True, append_images=[Image.new("RGB", SIZE)], icc_profile=WIDE_RGB
        ),
        wide_rgb,
    )
    for form in ("JPEG", "PNG"):
        yield f"grey, linear profile, {form}", encoded(striped("L", GREY), form, icc_profile=LINEAR_GREY), linear
    yield (
        "grey, RGB profile, PNG",
        encoded(striped("L", GREY), "PNG", icc_profile=WIDE_RGB),
        managed("RGB", greys(GREY), WIDE_RGB),
    )
    grey_alpha = striped("LA", [(value, 128) for value in GREY])
    yield "grey, linear profile, alpha, PNG", encoded(grey_alpha, "PNG", icc_profile=LINEAR_GREY), on_white(linear, 128)
    for form in ("PNG", "WEBP", "AVIF"):
        see_through = striped("RGBA", [(*colour, 128) for colour in RGB])
        yield (
            f"RGB, wide profile, alpha, {form}",
            encoded(see_through, form, icc_profile=WIDE_RGB),
            on_white(wide_rgb, 128),
        )
    yield "first frame of APNG", animated("PNG"), on_white(RGB, 128)
    yield "APNG with a picture before its frames", animated("PNG", default_image=True), on_white(RGB, 128)
    yield "first frame of WebP", animated("WEBP"), on_white(RGB, 128)
    yield "first frame of AVIF", animated("AVIF"), on_white(RGB, 128)
    yield "palette, wide profile", palette(icc_profile=WIDE_RGB), wide_rgb
    yield "palette, one colour transparent", palette(transparency=1), [RGB[0], WHITE, *RGB[2:]]
    yield "palette, alpha a colour", palette(transparency=bytes([255, 0, 128])), [
        RGB[0], WHITE, *on_white(RGB[2:3], 128), RGB[3]
    ]  # fmt: skip
    yield "RGB, one colour transparent", encoded(striped("RGB", RGB), "PNG", transparency=RGB[1]), [
        RGB[0], WHITE, *RGB[2:]
    ]  # fmt: skip
    yield "grey, one value transparent", encoded(striped("L", GREY), "PNG", transparency=64), greys([0, 255, 128, 255])
    black_white = raw_png(bytes(60), chunk(b"tRNS", b"\0\0"), depth=1, colour=0)
    yield "black and white, black transparent", black_white, [WHITE] * 4
    for depth, values in {2: (0, 1, 2, 3), 4: (0, 4, 8, 15)}.items():
        row = b"".join(bytes([int(f"{value:0{depth}b}" * (8 // depth), 2)]) * (15 * depth) for value in values)
        seen = [value * 255 // (2**depth - 1) for value in values]
        yield f"grey of {depth} bits", raw_png(row, depth=depth, colour=0), greys(seen)
        key = chunk(b"tRNS", bytes([0, values[1]]))
        yield (
            f"grey of {depth} bits, one value transparent",
            raw_png(row, key, depth=depth, colour=0),
            greys([seen[0], 255, *seen[2:]]),
        )
    grey_16, rgb_16 = [(value * 257,) for value in GREY], [tuple(value * 257 for value in colour) for colour in RGB]
    yield "grey of 16 bits", raw_png(wide(grey_16), depth=16, colour=0), greys(GREY)
    key = chunk(b"tRNS", (64 * 257).to_bytes(2, "big"))
    yield (
        "grey of 16 bits, one value transparent",
        raw_png(wide(grey_16), key, depth=16, colour=0),
        greys([0, 255, 128, 255]),
    )
    profiled = chunk(b"iCCP", b"x\0\0" + zlib.compress(LINEAR_GREY))
    yield "grey of 16 bits, linear profile", raw_png(wide(grey_16), profiled, depth=16, colour=0), linear
    half = [(*value, 128 * 257) for value in grey_16]
    yield "grey of 16 bits, alpha", raw_png(wide(half), depth=16, colour=4), on_white(greys(GREY), 128)
    yield "RGB of 16 bits", raw_png(wide(rgb_16), depth=16, colour=2), RGB
    key = chunk(b"tRNS", b"".join(value.to_bytes(2, "big") for value in rgb_16[1]))
    yield "RGB of 16 bits, one colour transparent", raw_png(wide(rgb_16), key, depth=16, colour=2), [
        RGB[0], WHITE, *RGB[2:]
    ]  # fmt: skip
    half = [(*value, 128 * 257) for value in rgb_16]
    yield "RGB of 16 bits, alpha", raw_png(wide(half), depth=16, colour=6), on_white(RGB, 128)
    yield "a profile cut short", encoded(striped("RGB", RGB), "JPEG", icc_profile=WIDE_RGB[:200]), RGB
    yield "RGB, a profile for CMYK", encoded(striped("RGB", RGB), "JPEG", icc_profile=PRESS_CMYK), RGB
    yield "RGB, a profile for grey", encoded(striped("RGB", RGB), "PNG", icc_profile=LINEAR_GREY), RGB


def test_colours_are_what_the_file_and_its_profile_say():
    wrong = {}
    for name, data, wanted in files():
        difference = differ(stripes(read(data)), wanted)
        if difference > (4 if b"ftypavif" in data[:20] else 2):  # AVIF itself loses a little
            wrong[name] = difference
    assert wrong == {}


def test_the_encoded_files_have_the_colours_of_the_picture():
    picture = read(encoded(striped("CMYK", CMYK), "JPEG", icc_profile=PRESS_CMYK))
    for _width, _form, content in renditions(picture):
        with Image.open(BytesIO(content)) as image:
            assert differ(stripes(image), stripes(picture)) <= 6


def test_a_ramp_of_16_bits_stays_a_ramp():
    row = b"".join(round(x * 65_535 / (SIZE[0] - 1)).to_bytes(2, "big") for x in range(SIZE[0]))
    picture = read(raw_png(row, depth=16, colour=0))
    values = [picture.getpixel((x, 9))[0] for x in range(SIZE[0])]
    assert (values[0], values[-1]) == (0, 255)
    assert all(0 <= later - earlier <= 1 for earlier, later in pairwise(values))


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "AVIF"])
@pytest.mark.parametrize("turned", [*range(1, 9), 0, 9])
def test_the_picture_stands_upright_however_the_camera_was_held(turned, form):
    upright = Image.new("RGB", (480, 360), "white")
    upright.paste((200, 30, 30), (0, 0, 240, 180))  # red on top at the left
    upright.paste((30, 30, 200), (240, 180, 480, 360))  # blue below at the right
    stored_as = {2: [0], 3: [3], 4: [1], 5: [5], 6: [2], 7: [6], 8: [4]}.get(turned, [])
    lying = upright
    for method in stored_as:
        lying = lying.transpose(Image.Transpose(method))
    exif = Image.Exif()
    exif[0x0112] = turned
    data = encoded(lying, form, exif=exif)
    if form == "AVIF":  # Pillow itself turns that tag into the format's own, and those are in range
        turned = turned if 1 <= turned <= 8 else 1
    picture = read(data)
    assert picture.size == (480, 360)
    assert differ([picture.getpixel((60, 60)), picture.getpixel((420, 300))], [(200, 30, 30), (30, 30, 200)]) <= 4
    assert differ([picture.getpixel((420, 60)), picture.getpixel((60, 300))], [WHITE, WHITE]) <= 4


def test_orientation_that_is_no_number_is_passed_over():
    xmp = PngImagePlugin.PngInfo()
    xmp.add_itxt("XML:com.adobe.xmp", '<x:xmpmeta xmlns:x="adobe:ns:meta/" tiff:Orientation="x"/>')
    assert read(encoded(striped("RGB", RGB), "PNG", pnginfo=xmp)).size == SIZE
