"""Addresses as people paste them."""

import unicodedata
from importlib import import_module

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils.translation import override

from contacts import addresses
from contacts.addresses import AddressField, clean, digest, normalise
from contacts.models import Lead
from contacts.privacy.subject_access import leads_of
from tests.leads import make_lead

PASTED = {
    "  anna@example.org \n": "anna@example.org",
    "anna@example.org\u00a0": "anna@example.org",
    "anna @ example.org": "anna@example.org",
    "anna@example. org": "anna@example.org",
    "\u200eanna@example.org\u202c": "anna@example.org",
    "an\u200bna@exam\u00adple.org": "anna@example.org",
    "anna@exam\ufe0fple\u2060.org\ufeff": "anna@example.org",
    "\uff41nna\uff20example\uff0eorg": "anna@example.org",
    "anna\ufe6bexample\u3002org": "anna@example.org",
    "so\ufb01a@example.org": "sofia@example.org",
    "mailto:anna@example.org": "anna@example.org",
    "MAILTO: anna@example.org?subject=Ciao": "anna@example.org",
    "mailto:anna%40example.org": "anna@example.org",
    "anna@example.org.": "anna@example.org",
    "anna@example.org,": "anna@example.org",
    "anna@example.org;": "anna@example.org",
    "Anna Rossi <anna@example.org>": "anna@example.org",
    '"anna@old.example.org" <anna@example.org>,': "anna@example.org",
    "anna@example.org <mailto:anna@example.org>": "anna@example.org",
    "Anna [mailto:anna@example.org]": "anna@example.org",
    "Anna Rossi (anna@example.org)": "anna@example.org",
    "<anna@example.org": "anna@example.org",
    "\u201canna@example.org\u201d": "anna@example.org",
    "'anna@example.org'": "anna@example.org",
    "Anna.Rossi+sito@Example.org": "Anna.Rossi+sito@Example.org",
    "o'neill@example.org": "o'neill@example.org",
    "anna@caffe\u0300.example": "anna@caff\u00e8.example",
}


@pytest.mark.parametrize(("pasted", "address"), PASTED.items())
def test_what_people_paste_around_an_address_is_cleaned(pasted, address):
    assert clean(pasted) == address
    assert clean(address) == address
    assert AddressField().clean(pasted) == address
    assert digest(pasted) == digest(address)


def test_no_format_character_anywhere_hides_a_person():
    every = [chr(code) for code in range(0x110000) if unicodedata.category(chr(code)) == "Cf"]
    assert len(every) > 150
    for character in every:
        assert clean(f"{character}an{character}na@{character}exam{character}ple.org{character}") == "anna@example.org"


@pytest.mark.parametrize("address", ["anna@exam\u200bple.org", "anna@EXAM\u00adPLE.org", "anna@ex\uff41mple\u3002org"])
def test_an_address_that_was_stored_before_it_was_cleaned_is_found(address):
    assert normalise(address) == normalise("anna@example.org")


@pytest.mark.parametrize(
    ("pasted", "named"),
    [
        ("anna rossi@example.org", "a space"),
        ("anna@example.org, bea@example.org", "a comma"),
        ("anna@example,org", "a comma"),
        ("anna;rossi@example.org", "a semicolon"),
        ("anna@rossi@example.org", "a second @"),
        ("nicol\u00f2@example.org", "\u201c\u00f2\u201d"),
        ("\u0430nna@example.org", "(cyrillic small letter a)"),
        ("anna@example\\.org", "\u201c\\\u201d"),
        ('an"na@example.org', "a quotation mark"),
    ],
)
def test_what_cannot_be_cleaned_is_named(pasted, named):
    with override("en"), pytest.raises(ValidationError, match="There is") as error:
        AddressField().clean(pasted)
    assert named in error.value.messages[0]


@pytest.mark.parametrize(
    "address",
    ["anna@localhost", "anna@LOCALHOST.", "anna@pc.localhost", "anna@mail.local", "anna@192.168.10.20", "anna@", "anna",
     "@example.org", "anna@example", "anna@[192.0.2.1]", '"anna"@example.org', "anna@-example.org", "a..b@example.org"],
)  # fmt: skip
def test_an_address_that_no_mail_can_reach_is_refused(address):
    with pytest.raises(ValidationError):
        AddressField().clean(address)


def test_the_addresses_of_the_centre_are_separated_by_commas_or_semicolons():
    assert addresses.several("") == []
    assert addresses.several(" desk@example.org ") == ["desk@example.org"]
    assert addresses.several("Desk <desk@example.org>, b@example.org;c@example.org,") == [
        "desk@example.org", "b@example.org", "c@example.org",
    ]  # fmt: skip


@pytest.mark.django_db
def test_the_upgrade_finds_people_whose_address_was_stored_as_they_pasted_it():
    migration = import_module("contacts.migrations.0003_inboxes_and_erased_leads")
    old, damaged, plain = make_lead("bea@example.org"), make_lead("carla@example.org"), make_lead("anna@example.org")
    Lead.objects.filter(pk=old.pk).update(email="anna@example.org\u00bb", email_digest="as it was")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE contacts_lead SET email = 'damaged' WHERE reference = %s", [damaged.reference])
    migration.find_people_by_cleaned_addresses(apps, connection.schema_editor())
    exact, _variants = leads_of("ANNA@example.org")
    assert set(exact) == {old, plain}
