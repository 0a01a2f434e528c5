"""The Italian catalogue is complete, compiled and up to date."""

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import django
import polib
import pytest
from django.utils.translation import gettext, ngettext, override

from tests.site import ROOT

CATALOGUE = ROOT / "locale" / "it" / "LC_MESSAGES" / "django.po"


def test_every_string_is_translated_and_none_is_fuzzy():
    catalogue = polib.pofile(str(CATALOGUE))
    assert [entry.msgid for entry in catalogue if not entry.translated() or entry.fuzzy] == []
    assert len(catalogue) > 100


def test_the_compiled_catalogue_is_up_to_date():
    written = {(e.msgctxt, e.msgid): e.msgstr or e.msgstr_plural for e in polib.pofile(str(CATALOGUE)) if e.msgid}
    compiled = polib.mofile(str(CATALOGUE.with_suffix(".mo")))
    assert {(e.msgctxt, e.msgid): e.msgstr or e.msgstr_plural for e in compiled if e.msgid} == written


def test_the_translated_strings_of_packages_exist_there_and_ours_take_precedence():
    module = ast.parse((ROOT / "clinic" / "package_translations.py").read_text())
    ours = {ast.literal_eval(call.args[0]) for call in ast.walk(module) if isinstance(call, ast.Call)}
    theirs = {"timed out", "Connection refused"}  # Python's and the operating system's
    for path in Path(django.__file__).parent.rglob("locale/en/LC_MESSAGES/django.po"):
        theirs |= {entry.msgid for entry in polib.pofile(str(path))}
    # Django 6.1 writes some messages with other quotation marks: both are ours until 5.2 goes.
    straight = str.maketrans("“”", '""')
    assert {text.translate(straight) for text in ours} - {text.translate(straight) for text in theirs} == set()
    with override("it"):
        for entry in polib.pofile(str(CATALOGUE)):
            if entry.msgid in ours and entry.msgid_plural:
                assert ngettext(entry.msgid, entry.msgid_plural, 2) == entry.msgstr_plural[1]
            elif entry.msgid in ours:
                assert gettext(entry.msgid) == entry.msgstr


@pytest.mark.skipif(not shutil.which("xgettext"), reason="gettext is not installed")
def test_the_catalogue_contains_every_string_of_code_and_templates(tmp_path):
    names = ["manage.py", "clinic", "contacts", "questionnaire", "treatments", "templates", "locale"]
    for name in names:
        source = ROOT / name
        shutil.copytree(source, tmp_path / name) if source.is_dir() else shutil.copy(source, tmp_path)
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "clinic.settings"}
    command = "manage.py makemessages -l it --no-location --no-wrap --no-obsolete"
    subprocess.run([sys.executable, *command.split()], cwd=tmp_path, env=environment, check=True, capture_output=True)
    fresh = polib.pofile(str(tmp_path / "locale" / "it" / "LC_MESSAGES" / "django.po"))
    kept = {(entry.msgctxt, entry.msgid) for entry in polib.pofile(str(CATALOGUE))}
    assert {(entry.msgctxt, entry.msgid) for entry in fresh} == kept
