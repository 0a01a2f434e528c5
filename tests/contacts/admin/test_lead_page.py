from datetime import timedelta
from urllib.parse import unquote

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from clinic.models import ClinicProfile
from contacts.inbox import casework
from contacts.models import AccessEntry, Lead, LeadNote, OutboxEmail
from contacts.privacy import access_log, erasure, subject_access
from questionnaire.rules import Answers
from tests.leads import make_lead
from tests.staff import give_password, make_staff, phone_code, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
Status = Lead.Status


def page(lead):
    return f"/admin/contacts/lead/{lead.pk}/change/"


def save(desk, lead, version=0, **typed):
    """Post the form of a lead as a browser does that shows it at `version`."""
    shown = {"version": version, "note": "", "owner": "", "keep_until": "", "keep_reason": ""}
    seen = {f"initial-{name}": typed.pop(f"seen_{name}", "") for name in ("owner", "keep_until", "keep_reason")}
    return desk.post(page(lead), shown | seen | typed)


def recorded(lead):
    return list(AccessEntry.objects.filter(reference=lead.reference).order_by("pk").values_list("action", flat=True))


def test_one_screen_shows_everything_the_patient_sent(desk):
    answers = Answers(diagnosed=True, family=False, patches=False)
    earlier = make_lead("Giulia+old@example.org")
    lead = make_lead("giulia@example.org", name="Giulia <b>", message="one\ntwo", answers=answers, language="en")
    shown = desk.get(page(lead)).content.decode()
    for text in (
        "giulia@example.org",
        "Giulia &lt;b&gt;",
        "one<br>two",
        "Have you ever been diagnosed",
        earlier.reference,
    ):
        assert text in shown
    assert f"mailto:giulia@example.org?subject=Your%20request%20{lead.reference}" in shown


def test_a_saved_text_is_written_in_the_patients_language(desk):
    assert "Gentile%20Anna%20Rossi" in desk.get(page(make_lead(language="it"))).content.decode()
    assert "Dear%20Anna%20Rossi" in desk.get(page(make_lead(language="en"))).content.decode()


def test_an_answer_is_signed_as_the_automatic_email_is_so_that_nothing_tells_what_patients_have(desk):
    ClinicProfile.objects.create(pk=1, name_it="Centro Vitiligine", phone="+39 02 000000")
    shown = desk.get(page(make_lead(language="it"))).content.decode()
    assert "Il%20centro%20della%20dott.ssa%20Marina%20Fantato%0D%0A%2B39%2002%20000000" in shown
    assert "Centro%20Vitiligine" not in shown


def test_opening_a_lead_is_recorded_once_a_visit(desk, anna):
    lead = make_lead()
    for _ in range(2):
        desk.get(page(lead))
    assert recorded(lead) == ["opened"]
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        desk.get(page(lead))
    assert recorded(lead) == ["opened", "opened"]
    assert set(AccessEntry.objects.values_list("actor", flat=True)) == {anna.pk}


@pytest.mark.parametrize(("typed", "status"), [({"version": "x"}, 422), ({"version": 99, "note": "n"}, 409)])
def test_a_view_of_a_lead_after_a_refused_change_is_recorded_too(desk, typed, status):
    lead = make_lead("giulia@example.org")
    response = save(desk, lead, **typed)
    assert response.status_code == status
    assert "giulia@example.org" in response.content.decode()
    assert recorded(lead) == ["opened"]


def test_a_view_is_recorded_after_another_action_on_the_lead(desk, anna):
    lead = make_lead()
    save(desk, lead, to="progress")
    desk.get(page(lead))
    assert recorded(lead) == ["taken", "opened"]


def test_saving_a_lead_that_was_erased_meanwhile_shows_what_happened_and_the_note(desk, monkeypatch):
    lead = make_lead()
    erase, as_it_was = erasure.erase, casework.update_lead

    def update_lead(*arguments, **rest):
        erase(Lead.objects.all(), action=AccessEntry.Action.ERASED, now=timezone.now())
        as_it_was(*arguments, **rest)

    monkeypatch.setattr(casework, "update_lead", update_lead)
    response = save(desk, lead, note="too late")
    assert response.status_code == 404
    assert f"{lead.reference} is no more" in response.content.decode()
    assert "too late</textarea>" in response.content.decode()


def test_taking_answering_and_closing_change_the_status_and_are_recorded(desk, anna):
    lead = make_lead(now=timezone.now() - timedelta(days=3))
    saved = save(desk, lead, to="progress")
    assert saved["Location"] == page(lead)
    assert saved.cookies.keys() <= {"session"}
    lead.refresh_from_db()
    assert (lead.status, lead.owner, lead.version) == (Status.IN_PROGRESS, anna, 1)
    assert save(desk, lead, 1, to="answered")["Location"] == "/admin/contacts/lead/"
    lead.refresh_from_db()
    assert (lead.status, lead.waiting_since) == (Status.ANSWERED, None)
    assert timezone.now() - lead.last_contact_at < timedelta(minutes=1)
    save(desk, lead, 2, to="closed")
    assert recorded(lead) == ["taken", "answered", "closed"]


def test_a_note_is_kept_encrypted_with_its_author(desk, anna):
    lead = make_lead()
    save(desk, lead, note="Richiamare dopo le 17")
    note = LeadNote.objects.get()
    assert (note.text, note.author) == ("Richiamare dopo le 17", anna)
    assert "Richiamare" in desk.get(page(lead)).content.decode()


@pytest.mark.parametrize("status", Status)
def test_only_allowed_transitions_are_offered_and_accepted(desk, anna, status):
    lead = make_lead(status=status)
    shown = desk.get(page(lead)).content.decode()
    for to in Status:
        is_allowed = to in casework.TRANSITIONS[status]
        assert (f'name="to" value="{to}"' in shown) is is_allowed
        if not is_allowed:
            assert save(desk, lead, to=to, note="kept?").status_code == 409
    lead.refresh_from_db()
    assert (lead.status, lead.version) == (status, 0)
    assert not LeadNote.objects.exists()


def test_the_database_refuses_states_that_make_no_sense(anna):
    lead = make_lead(status=Status.SUSPECTED)
    of_nobody = {"status": "new", "our_turn_since": None}
    for impossible in ({"status": "lost"}, of_nobody, {"owner": anna}, {"outcome": "contact"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Lead.objects.filter(pk=lead.pk).update(**impossible)


def test_not_spam_sends_its_mails_once(desk):
    lead = make_lead(is_suspected=True)
    assert not OutboxEmail.objects.exists()
    save(desk, lead, to="new")
    lead.refresh_from_db()
    assert (lead.status, lead.version) == (Status.NEW, 1)
    assert OutboxEmail.objects.filter(lead=lead).count() == 2
    save(desk, lead, 1, to="suspected")
    save(desk, lead, 2, to="new")
    assert OutboxEmail.objects.filter(lead=lead).count() == 2


def test_a_second_save_of_an_old_version_is_refused_and_overwrites_nothing(desk, anna):
    bruno = make_staff("bruno")
    other = signed_in(bruno)
    lead = make_lead()
    save(desk, lead, to="answered", note="risposto")
    response = save(other, lead, to="progress", note="la chiamo io")
    shown = response.content.decode()
    assert response.status_code == 409
    assert "anna" in shown
    assert "la chiamo io" in shown
    lead.refresh_from_db()
    assert (lead.status, lead.owner, LeadNote.objects.count()) == (Status.ANSWERED, anna, 1)
    # Looked at again and saved: the note goes in, the first person's work stays.
    assert 'name="version" value="1"' in shown
    assert save(other, lead, 1, note="la chiamo io").status_code == 302
    lead.refresh_from_db()
    assert (lead.status, LeadNote.objects.count()) == (Status.ANSWERED, 2)


def test_fields_that_the_second_person_did_not_change_keep_what_the_first_one_saved(desk, anna):
    bruno = make_staff("bruno")
    lead = make_lead()
    save(desk, lead, owner=bruno.pk)
    response = save(signed_in(make_staff("carla")), lead, keep_until="2030-01-31", keep_reason="visit")
    form = response.context["form"]
    assert form["owner"].value() == str(bruno.pk)
    assert form["keep_until"].value() == "2030-01-31"
    save(desk, lead, 1, owner=bruno.pk, seen_owner=bruno.pk, keep_until="2030-01-31", keep_reason="visit")
    lead.refresh_from_db()
    assert (lead.owner, str(lead.keep_until), lead.keep_reason) == (bruno, "2030-01-31", "visit")


def test_keeping_longer_needs_a_reason_and_what_was_typed_stays(desk):
    lead = make_lead()
    response = save(desk, lead, keep_until="2030-01-31", note="typed")
    assert response.status_code == 422
    assert "typed" in response.content.decode()
    assert not LeadNote.objects.exists()


def test_a_lead_is_kept_five_years_longer_at_most(desk):
    lead = make_lead()
    response = save(desk, lead, keep_until="9999-12-31", keep_reason="visit", note="typed")
    assert response.status_code == 422
    assert "Five years from today at most." in response.content.decode()
    assert "typed" in response.content.decode()


def test_spam_has_no_owner_and_what_was_typed_stays(desk, anna):
    lead = make_lead()
    response = save(desk, lead, to="suspected", owner=anna.pk, note="typed")
    assert response.status_code == 422
    assert "Nobody takes care of spam" in response.content.decode()
    assert "typed" in response.content.decode()
    suspected = make_lead(is_suspected=True)
    assert save(desk, suspected, owner=anna.pk).status_code == 422
    assert save(desk, suspected, to="new", owner=anna.pk).status_code == 302
    suspected.refresh_from_db()
    assert suspected.owner == anna
    assert save(desk, suspected, 1, to="suspected", owner=anna.pk, seen_owner=anna.pk).status_code == 302


def test_the_history_of_an_erased_lead_is_not_that_of_a_new_one_with_its_reference(desk, anna):
    lead = make_lead()
    long_ago = lead.created_at - timedelta(days=30)
    access_log.record(AccessEntry.Action.WITHDRAWN, [lead.reference], now=long_ago)
    shown = desk.get(page(lead))
    assert [line["what"] for line in shown.context["timeline"]] == ["arrived"]
    assert [entry["what"] for entry in subject_access.copy_of(lead)["accesses"]] == ["apertura"]


def test_nothing_about_leads_enters_djangos_own_log(desk):
    lead = make_lead()
    save(desk, lead, to="progress", note="segreto")
    assert not LogEntry.objects.exists()
    assert desk.get(f"/admin/contacts/lead/{lead.pk}/history/")["Location"] == page(lead)


def test_a_lead_that_never_was_is_not_found_with_the_face_of_the_desk(desk):
    for name in ("00000000-0000-0000-0000-000000000000", "no-id"):
        response = desk.get(f"/admin/contacts/lead/{name}/change/")
        assert response.status_code == 404
        assert "Back to the desk" in response.content.decode()


@pytest.mark.parametrize(
    ("action", "said", "by"),
    [
        ("withdrawn", "The patient withdrew this request", "the patient, with the link in our email"),
        ("erased", "A colleague erased this request", "anna"),
        ("expired", "erased by itself at the end of its retention", "the site"),
    ],
)
def test_a_lead_that_is_no_more_is_explained_wherever_one_looks_for_it(desk, anna, action, said, by):
    lead = make_lead("giulia@example.org", name="Giulia")
    actor = anna if action == "erased" else None
    erasure.erase(Lead.objects.all(), action=AccessEntry.Action(action), actor=actor, now=timezone.now())
    found = desk.get("/admin/contacts/lead/", {"q": lead.reference.lower()})
    for response in (
        desk.get(page(lead)),
        found,
        save(desk, lead, note="richiamare", to="answered"),
    ):
        shown = response.content.decode()
        assert response.status_code == 404
        assert said in shown
        assert f"<dd>{by}</dd>" in shown
        assert lead.reference in shown
        assert ("Do not write to this person" in shown) is (action != "expired")
        assert "giulia" not in shown.lower()
    assert "richiamare</textarea>" in shown


def test_a_new_lead_with_the_reference_of_an_erased_one_is_found_by_it(desk):
    lead = make_lead()
    access_log.record(AccessEntry.Action.ERASED, [lead.reference], now=timezone.now() - timedelta(days=9))
    assert desk.get("/admin/contacts/lead/", {"q": lead.reference})["Location"] == page(lead)


def test_only_who_may_read_leads_learns_what_happened_to_one():
    lead = make_lead()
    erasure.erase(Lead.objects.all(), action=AccessEntry.Action.WITHDRAWN, now=timezone.now())
    editor = signed_in(make_staff("edo", "editor"))
    for address in (page(lead), f"/admin/contacts/lead/?q={lead.reference}"):
        assert editor.get(address).status_code == 403


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        ({"message": "https://a.example https://b.example www.c.example"}, "3 links"),
        ({"name": "https://a.example"}, "a link in the name"),
        ({"message": "[url=x]y[/url]"}, "the code of a link"),
        ({"honeypot": "filled in"}, "a field that people do not see was filled in"),
    ],
)
def test_a_suspected_lead_says_why_on_its_page_and_is_counted_on_every_page(desk, sent, why):
    lead = make_lead(**sent)
    assert lead.status == Status.SUSPECTED
    assert f"Suspected spam: {why}." in desk.get(page(lead)).content.decode()
    assert "Suspected spam · 1" in desk.get("/admin/contacts/savedreply/").content.decode()
    assert "Suspected spam · 1" in desk.get("/admin/").content.decode()
    save(desk, lead, to="new")
    assert "Suspected spam" not in desk.get("/admin/").content.decode()


def test_a_colleague_who_calls_it_spam_is_named_as_the_reason(desk):
    lead = make_lead()
    save(desk, lead, to="suspected")
    assert "Suspected spam: marked as spam by anna." in desk.get(page(lead)).content.decode()


def test_a_refused_address_stands_on_the_home_with_a_link_to_its_lead(desk):
    lead = make_lead(status=Status.CLOSED)
    lead.emails.filter(kind="patient").update(failing_since=timezone.now(), last_error="SMTP 550 5.1.1")
    Lead.objects.filter(pk=lead.pk).update(address_refused=True)
    home = desk.get("/admin/").content.decode()
    assert f'<a href="{page(lead)}">{lead.reference}</a>' in home
    assert "undelivered since" not in home


def test_a_refusal_of_the_server_is_not_said_to_be_the_address(desk):
    lead = make_lead()
    lead.emails.update(failing_since=timezone.now(), last_error="refused by the mail server: SMTP 550 5.7.1")
    for address in ("/admin/", page(lead)):
        shown = desk.get(address).content.decode()
        assert "refused by the mail server: SMTP 550 5.7.1" in shown
        assert "mistyped" not in shown


def test_the_link_in_the_mail_to_the_centre_opens_the_lead_after_the_sign_in(desk):
    lead = make_lead()
    stranger = Client()
    sign_in = stranger.get(page(lead), follow=True).redirect_chain[-1][0]
    assert page(lead) in unquote(sign_in)
    code = give_password(stranger, to=sign_in)
    assert stranger.post(code["Location"], {"code": phone_code()})["Location"] == page(lead)
