import json
from datetime import timedelta
from io import StringIO
from unittest import mock

import pytest
from django.contrib.admin.models import LogEntry
from django.core.management import CommandError, call_command
from django.utils import timezone
from django.utils.dateformat import format as date_format

from contacts.models import AccessEntry, Consent, Lead, LeadNote
from contacts.privacy.subject_access import copy_of
from questionnaire.rules import Answers
from tests.leads import make_lead
from tests.staff import make_staff, signed_in

pytestmark = pytest.mark.django_db

FIND, COPY, ERASE = (
    "/admin/contacts/lead/person/",
    "/admin/contacts/lead/person/copy/",
    "/admin/contacts/lead/person/erase/",
)
ERASED = "/admin/contacts/lead/person/erased/"


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.VAR_DIR = tmp_path


@pytest.fixture
def owner():
    return signed_in(make_staff("olga", "owner"))


@pytest.fixture
def annas():
    """One person: the address in two spellings, with a +tag, and a suspected one; and somebody else."""
    leads = [
        make_lead("Anna.Rossi@Example.org", language="en", name="Anna Rossi", message="First words"),
        make_lead("anna.rossi@example.org", is_suspected=True),
        make_lead("anna.rossi+clinic@example.org"),
    ]
    make_lead("annarossi@example.org", name="Another Anna")
    return leads


def ids(leads):
    return [str(lead.pk) for lead in leads]


def accesses(action):
    return list(AccessEntry.objects.filter(action=action).values_list("reference", flat=True))


def test_an_address_finds_its_leads_in_any_case_ticked_and_its_tags_to_tick(owner, annas):
    html = owner.post(FIND, {"address": "ANNA.rossi@example.ORG"}, follow=True).content.decode()
    for lead, tick in zip(annas, [" checked", " checked", ""], strict=True):
        assert f'name="lead" value="{lead.pk}"{tick}>' in html
    assert "annarossi@" not in html
    assert sorted(accesses("searched")) == sorted(lead.reference for lead in annas)


def test_what_was_found_is_shown_by_an_address_that_says_nothing_so_that_back_works(owner, annas):
    response = owner.post(FIND, {"address": "ANNA.rossi@example.ORG"})
    assert response["Location"] == f"{FIND}?found"
    assert "anna" not in str(dict(owner.session)).lower()
    for _visit in range(2):
        assert annas[0].reference in owner.get(response["Location"]).content.decode()
    assert annas[0].reference not in owner.get(FIND).content.decode()
    assert len(accesses("searched")) == 3


def test_a_lead_leads_to_everything_of_its_person(owner, annas):
    html = owner.post(FIND, {"lead": str(annas[2].pk)}, follow=True).content.decode()
    assert f'name="lead" value="{annas[2].pk}" checked>' in html
    assert f'name="lead" value="{annas[0].pk}">' in html


def test_a_search_that_finds_nothing_is_recorded_without_the_address(owner):
    html = owner.post(FIND, {"address": "nobody@example.org"}, follow=True).content.decode()
    assert "Nothing is kept under this address" in html
    entry = AccessEntry.objects.get()
    assert (entry.action, entry.reference, entry.actor.username) == ("searched", "", "olga")


def test_the_address_is_taken_from_a_post_only(owner, annas):
    html = owner.get(FIND, {"address": "anna.rossi@example.org", "lead": ids(annas)}).content.decode()
    assert annas[0].reference not in html
    assert owner.get(ERASE).status_code == owner.get(COPY).status_code == 405
    assert owner.post(FIND, {"address": "anna"}).status_code == 422
    assert owner.post(ERASE, {"lead": "nonsense", "sure": "on"}).status_code == 400


def test_erasing_takes_the_ticked_leads_and_shows_a_receipt_that_names_nobody(owner, annas):
    LeadNote.objects.create(lead=annas[0], text="called back")
    response = owner.post(ERASE, {"address": "anna.rossi@example.org", "lead": ids(annas), "sure": "on"}, follow=True)
    html = response.content.decode()
    assert response.status_code == 200
    assert all(lead.reference in html for lead in annas)
    assert "notes: 1, emails: 4" in html
    assert "anna" not in html.lower()
    assert Lead.objects.get().name == "Another Anna"
    assert Consent.objects.filter(lead=None, withdrawn_at__isnull=False).count() == 3
    assert sorted(accesses("erased")) == sorted(lead.reference for lead in annas)
    assert "Nothing is kept" in owner.post(FIND, {"address": "anna.rossi@example.org"}, follow=True).content.decode()
    assert owner.get(ERASED).content.decode().count(annas[0].reference) == 1
    assert LogEntry.objects.count() == 0


def test_what_was_not_ticked_stays(owner, annas):
    owner.post(ERASE, {"address": "anna.rossi@example.org", "lead": ids(annas[:2]), "sure": "on"})
    assert {lead.email for lead in Lead.objects.all()} == {"anna.rossi+clinic@example.org", "annarossi@example.org"}


@pytest.mark.parametrize("missing", ["lead", "sure"])
def test_nothing_is_erased_without_a_lead_and_without_being_sure(owner, annas, missing):
    data = {"address": "anna.rossi@example.org", "lead": ids(annas), "sure": "on"}
    data.pop(missing)
    response = owner.post(ERASE, data)
    assert response.status_code == 422
    assert "Nothing was done" in response.content.decode()
    assert annas[0].reference in response.content.decode()
    assert Lead.objects.count() == 4


def test_erasing_what_a_colleague_has_just_erased_is_no_error(owner, annas):
    for expected in (302, 422):
        assert owner.post(ERASE, {"address": "a@example.org", "lead": ids(annas), "sure": "on"}).status_code == expected
    assert AccessEntry.objects.filter(action="erased").count() == 3


def test_the_erase_screen_says_what_goes_what_stays_and_until_when_backups_hold_it(owner, annas, settings):
    html = owner.post(FIND, {"address": "anna.rossi@example.org"}, follow=True).content.decode()
    last_day = date_format(timezone.localdate() + timedelta(days=settings.KEEP_BACKUP_DAYS), "j F Y")
    for words in ("What is erased", "What is kept", last_day, "own mailbox"):
        assert words in html


def test_reception_may_search_but_neither_copy_nor_erase(annas):
    reception = signed_in(make_staff("rita", "reception"))
    html = reception.post(FIND, {"address": "anna.rossi@example.org"}, follow=True).content.decode()
    assert annas[0].reference in html
    assert COPY not in html
    assert "Erase the ticked leads" not in html
    assert 'name="lead"' not in html
    assert "Only a colleague with the Owner role" in html
    data = {"address": "anna.rossi@example.org", "lead": ids(annas), "sure": "on"}
    assert reception.post(COPY, data).status_code == reception.post(ERASE, data).status_code == 403
    assert Lead.objects.count() == 4


def test_the_copy_for_the_person_holds_everything_but_our_colleagues_names(owner):
    lead = make_lead(
        "anna@example.org",
        name="Anna Rossi",
        message="Quanto dura una visita?",
        answers=Answers(diagnosed=True, family=False, patches=True),
    )
    LeadNote.objects.create(lead=lead, text="richiamata", author=None)
    response = owner.post(COPY, {"lead": ids([lead]), "format": "json"})
    assert response["Content-Disposition"] == f"attachment; filename={lead.reference}.json"
    assert "no-store" in response["Cache-Control"]
    (copy,) = json.loads(response.content)["requests"]
    assert (copy["email"], copy["name"], copy["message"]) == (
        "anna@example.org",
        "Anna Rossi",
        "Quanto dura una visita?",
    )
    assert copy["answers"][0] == {"question": "Le è mai stata diagnosticata la vitiligine?", "is_yes": True}
    assert copy["consent"]["text"] == lead.consent.text
    assert copy["notes"][0]["text"] == "richiamata"
    assert [mail["what"] for mail in copy["mails"]] == ["al centro", "al paziente"]
    assert copy["accesses"][-1]["what"] == "esportazione"
    assert "olga" not in response.content.decode()
    assert accesses("exported") == [lead.reference]


def test_every_field_of_a_lead_that_says_something_is_in_the_copy():
    """A new field of Lead must be handed out too, or be named here with the reason why it is not."""
    lead = make_lead()
    told_otherwise = {
        "created_at": "received",
        "source_page": "sent_from_page",
        "last_contact_at": "last_contact",
        "keep_until": "erased_on",
        "keep_reason": "kept_longer_because",
        "address_refused": "address_refused_by_its_server",
    }
    left_out = {
        "id": "random, says nothing",
        "fingerprint": "a keyed hash of what is there",
        "email_digest": "a keyed hash of what is there",
        "owner": "a colleague",
        "our_turn_since": "received, or in the access log when we opened it again or waited for them",
        "waiting_since": "our_turn_since, while nobody has answered",
        "version": "counts saves",
    }
    names = {field.name for field in Lead._meta.fields} - set(left_out)
    assert {told_otherwise.get(name, name) for name in names} <= set(copy_of(lead))


@pytest.mark.parametrize(
    ("language", "words"), [("it", "Che cosa conserviamo su di lei"), ("en", "What we keep about you")]
)
def test_the_copy_to_print_is_in_the_persons_language(owner, language, words):
    lead = make_lead(language=language, message="<b>typed</b>")
    html = owner.post(COPY, {"lead": ids([lead])}).content.decode()
    assert f'<html lang="{language}">' in html
    assert words in html
    assert "&lt;b&gt;typed" in html
    assert lead.consent.text.partition("'")[0] in html


def test_the_access_log_can_be_read_and_not_changed(owner, annas):
    owner.post(FIND, {"address": "anna.rossi@example.org"})
    listed = owner.get("/admin/contacts/accessentry/", {"q": annas[0].reference.lower()}).content.decode()
    assert listed.count(annas[0].reference) == 1
    assert annas[1].reference not in listed
    entry = AccessEntry.objects.first()
    assert owner.post(f"/admin/contacts/accessentry/{entry.pk}/change/", {}).status_code == 403
    owner.post("/admin/contacts/accessentry/", {"action": "delete_selected", "_selected_action": [entry.pk]})
    assert AccessEntry.objects.count() == 3


def test_the_leads_erased_next_are_listed_with_those_never_answered(owner):
    soon = make_lead(now=timezone.now() - timedelta(days=170), status=Lead.Status.ANSWERED)
    forgotten = make_lead(now=timezone.now() - timedelta(days=175))
    later = make_lead()
    html = owner.get("/admin/contacts/lead/expiring/").content.decode()
    assert html.index(forgotten.reference) < html.index(soon.reference)
    assert later.reference not in html
    assert html.count("never answered") == 1


def run(command, *arguments, address):
    out = StringIO()
    with mock.patch("sys.stdin", StringIO(address + "\n")):
        call_command(command, *arguments, stdout=out)
    return out.getvalue()


def test_the_command_prints_what_would_be_erased_and_erases_only_with_yes(annas):
    for arguments, left in ((), 4), (("--yes",), 2), (("--yes", "--with-variants"), 1):
        printed = run("erase_person", *arguments, address="Anna.Rossi@example.org")
        assert Lead.objects.count() == left
        assert "example.org" not in printed
    assert run("erase_person", address="anna.rossi@example.org").startswith("Would erase: 0 leads.")
    with pytest.raises(CommandError, match="standard input"):
        run("erase_person", address="")


def test_the_export_command_prints_the_same_copy(annas):
    printed = json.loads(run("export_person", "--with-variants", address="anna.rossi@example.org"))
    assert [copy["reference"] for copy in printed["requests"]] == [lead.reference for lead in annas]
