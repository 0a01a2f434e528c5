"""Uploaded photographs: hostile files are refused, metadata is removed, files go and come back with their row."""

import subprocess
import sys
from datetime import timedelta
from io import BytesIO, StringIO

import pytest
import time_machine
from django.conf import settings
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.utils import timezone
from PIL import Image

from clinic.facts import facts
from clinic.models import Professional, Revision
from tests.site import ROOT
from tests.staff import make_staff, signed_in
from tests.treatments import hostile_images
from treatments.models import Page, Photo

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
ADD = "/admin/treatments/photo/add/"
WORDS = {"alt_it": "La sala d'attesa del centro", "alt_en": "The centre's waiting room"}

SMALL = hostile_images.encoded((400, 320), "JPEG")


@pytest.fixture
def editor():
    return signed_in(make_staff("edda", "editor"))


def from_a_phone() -> bytes:
    """Return a JPEG as a phone takes it: rotated by EXIF, with location and owner in the metadata."""
    exif = Image.Exif()
    exif[0x0112] = 6  # rotated
    exif[0x010F] = "PhoneMaker"
    exif.get_ifd(0x8825).update({1: "N", 2: (45.0, 27.0, 50.0), 3: "E", 4: (9.0, 11.0, 24.0)})
    file = BytesIO()
    Image.linear_gradient("L").resize((2000, 1500)).convert("RGB").save(file, "JPEG", exif=exif, comment=b"Maria Rossi")
    return file.getvalue()


def add(editor, data=None, **words):
    upload = SimpleUploadedFile("Maria Rossi.jpg", data or SMALL)
    return editor.post(ADD, WORDS | {"file": upload} | words)


def content_of(name):
    with default_storage.open(name) as file:
        return file.read()


def stored(folder="photos"):
    return set(default_storage.listdir(folder)[1]) if default_storage.exists(folder) else set()


def test_the_stored_picture_is_upright_and_without_metadata(editor):
    assert b"PhoneMaker" in from_a_phone()
    before = stored()
    assert add(editor, from_a_phone()).status_code == 302
    photo = Photo.objects.get()
    assert (photo.width, photo.height) == (1500, 2000)
    assert stored() - before == {name.removeprefix("photos/") for name in photo.files()}
    assert len(photo.files()) == 6
    for name in photo.files():
        content = content_of(name)
        assert b"PhoneMaker" not in content
        assert b"Maria" not in content
        with Image.open(BytesIO(content)) as image:
            assert not image.getexif()
            assert not {"exif", "icc_profile", "xmp", "comment"} & {key for key, value in image.info.items() if value}


def test_replacing_a_photograph_removes_its_files(editor, django_capture_on_commit_callbacks):
    before = stored()
    add(editor)
    photo = Photo.objects.get()
    first = set(photo.files())
    upload = SimpleUploadedFile("other.png", hostile_images.encoded((500, 400), "PNG"))
    with django_capture_on_commit_callbacks(execute=True):
        editor.post(f"/admin/treatments/photo/{photo.pk}/change/", WORDS | {"file": upload})
    photo.refresh_from_db()
    assert stored() - before == {name.removeprefix("photos/") for name in photo.files()}
    assert not first & set(photo.files())


def deleted_photo(editor, run_on_commit):
    """Add a photograph to a page, and delete it; return it with its files and the section that showed it."""
    add(editor)
    photo, section = Photo.objects.get(), Page.objects.get(slug_it="vitiligine").sections.first()
    section.photo = photo
    section.save()
    with run_on_commit(execute=True):
        editor.post(f"/admin/treatments/photo/{photo.pk}/delete/", {"post": "yes"})
    return photo, section


def test_a_deleted_photograph_is_served_no_more_and_comes_back_where_it_was(
    editor, client, django_capture_on_commit_callbacks
):
    photo, section = deleted_photo(editor, django_capture_on_commit_callbacks)
    address = f"{settings.MEDIA_URL}{photo.file(400, 'webp')}"
    assert client.get(address).status_code == 404
    assert WORDS["alt_en"] in editor.get("/admin/treatments/photo/deleted/").content.decode().replace("&#x27;", "'")
    deleted = Revision.objects.get(action="deleted")
    with django_capture_on_commit_callbacks(execute=True):
        editor.post(f"/admin/treatments/photo/revision/{deleted.pk}/")
    section.refresh_from_db()
    assert section.photo == photo
    assert b"".join(client.get(address).streaming_content)
    assert WORDS["alt_it"] in client.get("/it/vitiligine/").content.decode().replace("&#x27;", "'")


def test_the_files_of_a_deleted_photograph_go_when_it_can_no_longer_be_restored(
    editor, django_capture_on_commit_callbacks
):
    before = stored("deleted/photos")
    photo, _section = deleted_photo(editor, django_capture_on_commit_callbacks)
    call_command("forget_sign_ins", stdout=StringIO())
    assert stored("deleted/photos") - before == {name.removeprefix("photos/") for name in photo.files()}
    deleted = Revision.objects.get(action="deleted")
    with time_machine.travel(timezone.now() + timedelta(days=settings.KEEP_DELETED_CONTENT_DAYS + 1)):
        call_command("forget_sign_ins", stdout=StringIO())
    assert stored("deleted/photos") == before
    deleted.save()
    page = signed_in(make_staff("ezio", "editor")).post(f"/admin/treatments/photo/revision/{deleted.pk}/", follow=True)
    assert "The files of this photograph are no longer kept." in page.content.decode()
    assert not Photo.objects.exists()


@pytest.mark.parametrize("words", [{"alt_it": ""}, {"alt_en": "  "}])
def test_a_photograph_needs_a_description_in_both_languages(editor, words):
    assert add(editor, **words).status_code == 200
    assert not Photo.objects.exists()
    with pytest.raises(IntegrityError), transaction.atomic():
        Photo.objects.create(name="0" * 16, width=1, height=1, **WORDS | {"alt_en": ""})


def test_a_file_that_the_browser_does_not_keep_is_asked_for_again(editor):
    errors = add(editor, alt_en="").context["adminform"].form.errors
    assert errors["file"] == ["Choose the file again: your browser did not keep it."]


def test_a_page_that_keeps_the_file_is_answered_what_is_wrong_or_where_to_go(editor):
    def answer(**words):
        upload = SimpleUploadedFile("a.jpg", SMALL)
        return editor.post(ADD, WORDS | {"file": upload} | words, headers={"Accept": "application/json"})

    wrong = answer(alt_en="")
    assert (wrong.status_code, list(wrong.json()["errors"])) == (422, ["alt_en"])
    assert answer().json() == {"location": "/admin/treatments/photo/"}
    assert Photo.objects.count() == 1


def test_a_profile_that_cannot_be_used_is_said_and_the_photograph_is_kept(editor):
    broken = hostile_images.encoded((400, 320), "JPEG", icc_profile=b"no profile")
    upload = SimpleUploadedFile("a.jpg", broken)
    page = editor.post(ADD, WORDS | {"file": upload}, follow=True).content.decode()
    assert "We cannot use the colour profile of this file" in page
    assert Photo.objects.count() == 1


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_every_hostile_file_is_an_error_of_the_form(editor):
    before = stored()
    for name, data in hostile_images.refused().items():
        response = editor.post(ADD, WORDS | {"file": SimpleUploadedFile(name, data)})
        assert response.status_code == 200, name
        assert response.context["adminform"].form.errors["file"], name
    assert not Photo.objects.exists()
    assert stored() == before


def test_data_appended_to_a_picture_is_not_stored(editor):
    for name, data in hostile_images.accepted().items():
        if "appended" in name or "inside" in name:
            assert add(editor, data).status_code == 302, name
    for photo in Photo.objects.all():
        for name in photo.files():
            content = content_of(name)
            assert b"script" not in content
            assert b"PK\x03\x04" not in content


def test_memory_stays_below_250_mib_whatever_is_uploaded(tmp_path):
    for name, data in (hostile_images.refused() | hostile_images.accepted()).items():
        (tmp_path / name).write_bytes(data)
    done = subprocess.run(
        [sys.executable, "-m", "tests.treatments.hostile_images", tmp_path],
        env={"DJANGO_SETTINGS_MODULE": "tests.settings", "PATH": "", "HOME": str(tmp_path)},
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    *lines, peak = done.stdout.splitlines()
    shown = {line.split(" ", 1)[0] for line in lines if line.endswith(")")}
    assert shown == set(hostile_images.accepted())
    assert int(peak) < 250, peak


def test_a_section_shows_its_photograph_with_size_and_description(editor, client):
    add(editor)
    page = Page.objects.get(slug_it="vitiligine")
    section = page.sections.first()
    section.photo = Photo.objects.get()
    section.save()
    for address, words in {"/it/vitiligine/": WORDS["alt_it"], "/en/vitiligo/": WORDS["alt_en"]}.items():
        html = client.get(address).content.decode().replace("&#x27;", "'")
        assert f'width="400" height="320" alt="{words}" loading="lazy"' in html
        assert '<source type="image/avif" srcset="/media/photos/' in html


def test_the_portrait_replaces_the_monogram_beside_the_form(editor, client):
    assert "monogram" in client.get("/it/vitiligine/").content.decode()
    add(editor)
    Professional.objects.update(portrait=Photo.objects.get())
    facts.invalidate()
    html = client.get("/it/vitiligine/").content.decode()
    assert "monogram" not in html
    assert 'alt="La sala d&#x27;attesa del centro"' in html


def test_a_file_is_cached_for_ever_and_is_served_as_a_picture(editor, client):
    add(editor)
    name = Photo.objects.get().file(400, "webp")
    response = client.get(f"{settings.MEDIA_URL}{name}")
    assert b"".join(response.streaming_content)[8:12] == b"WEBP"
    assert response["Content-Type"] == "image/webp"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in response["Cache-Control"]
    assert "Cookie" not in response.get("Vary", "")


@pytest.mark.parametrize(
    "path",
    [
        "photos/0123456789abcdef-480.webp",
        "photos/0123456789abcdef-480.html",
        "photos/../db.sqlite3",
        "photos/..%2f..%2fdb.sqlite3",
        "keys/SECRET_KEY",
        "photos/",
    ],
)
def test_nothing_else_is_served_from_the_media_folder(client, path):
    assert client.get(f"/media/{path}").status_code == 404
