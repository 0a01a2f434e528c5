from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from contacts.inbox import casework
from contacts.models import AccessEntry, Lead
from tests.contacts.admin.test_inbox import INBOX, act, listed
from tests.contacts.admin.test_lead_page import page, recorded, save
from tests.leads import make_lead, rome
from tests.staff import make_staff, signed_in

pytestmark = pytest.mark.django_db
Status = Lead.Status
FRIDAY = rome(2026, 11, 20, 15)


def undo(client, shown, to="/admin/"):
    """Press the button in the message of the page `shown`, as it stands there."""
    button = next(message for message in shown.context["messages"] if message.extra_tags.startswith("undo-"))
    return client.post(f"{INBOX}undo/", {"undo": button.extra_tags, "next": to}, follow=True).content.decode()


def test_a_lead_waits_for_the_patient_until_a_day_and_comes_back_by_itself(anna):
    with time_machine.travel(FRIDAY, tick=False):
        desk, lead = signed_in(anna), make_lead(now=FRIDAY - timedelta(days=60))
        shown = desk.get(page(lead)).content.decode()
        # Three days later is Monday, a week later Friday.
        assert 'name="wait" value="2026-11-23">Monday 23 November</button>' in shown
        assert 'name="wait" value="2026-11-27">Friday 27 November</button>' in shown
        saved = desk.post(page(lead), {"version": 0, "wait": "2026-11-23"}, follow=True)
        assert f"{lead.reference}: waiting for the patient until 23 November 2026." in saved.content.decode()
        lead.refresh_from_db()
        assert (lead.status, lead.owner, lead.last_contact_at) == (Status.IN_PROGRESS, anna, FRIDAY)
        assert recorded(lead)[-1] == "waiting"
        assert listed(desk.get(INBOX)) == []
        assert listed(desk.get(INBOX, {"status": "late"})) == []
        assert "patient, until" in desk.get(INBOX, {"status": "waiting"}).content.decode()
        assert "waiting for the patient until 23 November 2026" in desk.get(page(lead)).content.decode()
    with time_machine.travel(rome(2026, 11, 23, 11), tick=False):
        desk = signed_in(anna)
        assert listed(desk.get(INBOX)) == [lead.reference]
        assert listed(desk.get(INBOX, {"status": "late"})) == []
        assert "2 working hours" in desk.get(INBOX).content.decode()
    with time_machine.travel(rome(2026, 11, 26, 11), tick=False):
        assert listed(signed_in(anna).get(INBOX, {"status": "late"})) == [lead.reference]


def test_it_is_our_turn_from_the_opening_of_the_first_working_day(anna):
    lead = make_lead(status=Status.ANSWERED)
    # Sunday, then Sant'Ambrogio and the Immacolata.
    casework.update_lead(lead.pk, version=0, actor=anna, now=FRIDAY, wait_until=rome(2026, 12, 6).date())
    lead.refresh_from_db()
    assert lead.waiting_since == rome(2026, 12, 9, 9)


@pytest.mark.one_database
@pytest.mark.parametrize("typed", ["", "2026-11-20", "2027-02-19", "soon"])
def test_a_day_that_cannot_be_waited_for_is_refused_and_what_was_typed_stays(anna, typed):
    with time_machine.travel(FRIDAY, tick=False):
        lead = make_lead()
        response = save(signed_in(anna), lead, wait="", wait_until=typed, note="kept")
    shown = response.content.decode()
    assert response.status_code == 422
    assert "Another day:" in shown
    assert "kept</textarea>" in shown
    assert f'value="{typed}"' in shown or not typed
    lead.refresh_from_db()
    assert lead.version == 0


@pytest.mark.one_database
def test_a_day_typed_beside_the_buttons_is_waited_for_and_kept_after_a_colleagues_save(anna):
    with time_machine.travel(FRIDAY, tick=False):
        desk, lead = signed_in(anna), make_lead()
        save(signed_in(make_staff("bruno")), lead, note="first")
        response = save(desk, lead, wait="", wait_until="2027-02-18")
        assert response.status_code == 409
        assert 'value="2027-02-18"' in response.content.decode()
        save(desk, lead, 1, wait="", wait_until="2027-02-18")
    lead.refresh_from_db()
    assert lead.our_turn_since == rome(2027, 2, 18, 9)


@pytest.mark.one_database
def test_spam_waits_for_nobody(desk):
    lead = make_lead(is_suspected=True)
    assert 'name="wait"' not in desk.get(page(lead)).content.decode()
    assert save(desk, lead, wait=f"{timezone.localdate() + timedelta(days=3)}").status_code == 409


def test_spam_is_judged_once_and_then_counts_nowhere_until_it_is_erased_or_called_back(desk):
    lead = make_lead(is_suspected=True)
    assert ">It is spam</button>" in desk.get(page(lead)).content.decode()
    save(desk, lead, to="suspected")
    shown = desk.get(page(lead)).content.decode()
    assert f"{lead.reference}: marked as spam." in shown
    assert "Suspected spam: marked as spam by anna." in shown
    assert "Judge it" not in shown
    assert ">It is spam</button>" not in shown
    assert "Suspected spam · " not in shown
    assert listed(desk.get(INBOX, {"status": "suspected"})) == []
    assert listed(desk.get(INBOX, {"status": "spam"})) == [lead.reference]
    save(desk, lead, 1, to="new")
    assert listed(desk.get(INBOX)) == [lead.reference]


def test_a_lead_that_waits_for_the_patient_can_be_taken_back_today(desk, anna):
    lead, now = make_lead(), timezone.now()
    casework.update_lead(lead.pk, version=0, actor=anna, now=now, wait_until=timezone.localdate() + timedelta(days=9))
    assert ">It is our turn</button>" in desk.get(page(lead)).content.decode()
    save(desk, lead, 1, to="progress")
    lead.refresh_from_db()
    assert now < lead.waiting_since < timezone.now()
    assert ">It is our turn</button>" not in desk.get(page(lead)).content.decode()


def test_a_lead_that_is_opened_again_waits_from_then_on(desk):
    lead = make_lead(now=timezone.now() - timedelta(days=80), status=Status.CLOSED)
    save(desk, lead, to="progress")
    assert listed(desk.get(INBOX)) == [lead.reference]
    assert listed(desk.get(INBOX, {"status": "late"})) == []
    assert "less than an hour" in desk.get(INBOX).content.decode()


@pytest.mark.parametrize(
    ("status", "to", "said"),
    [
        ("new", "progress", "you take care of it"),
        ("new", "answered", "marked as answered"),
        ("progress", "closed", "closed"),
        ("progress", "new", "given back, nobody takes care of it"),
        ("progress", "suspected", "marked as spam"),
        ("closed", "progress", "open again"),
        ("suspected", "new", "not spam, our emails about it are on their way"),
    ],
)
def test_each_change_says_what_it_did_and_is_taken_back(desk, anna, status, to, said):
    lead = make_lead(status=status, now=timezone.now() - timedelta(days=3))
    Lead.objects.filter(pk=lead.pk).update(owner=anna if status == "progress" else None)
    before = Lead.objects.values("status", "owner", "our_turn_since", "last_contact_at").get(pk=lead.pk)
    save(
        desk,
        lead,
        to=to,
        owner=anna.pk if status == "progress" else "",
        seen_owner=anna.pk if status == "progress" else "",
    )
    shown = desk.get("/admin/")
    assert f"{lead.reference}: {said}." in shown.content.decode()
    assert Lead.objects.get(pk=lead.pk).status == to
    assert "Undone: the lead is as it was." in undo(desk, shown)
    assert Lead.objects.values(*before).get(pk=lead.pk) == before
    assert recorded(lead)[-1] == "undone"


@pytest.mark.one_database
def test_an_undo_stays_where_it_was_pressed_and_leaves_the_site_for_nobody(desk):
    for target, where in [
        (f"{INBOX}?status=mine", f"{INBOX}?status=mine"),
        ("//evil.example/", INBOX),
        ("/it/", INBOX),
    ]:
        lead = make_lead()
        save(desk, lead, to="closed")
        tag = next(iter(desk.get("/admin/").context["messages"])).extra_tags
        assert desk.post(f"{INBOX}undo/", {"undo": tag, "next": target})["Location"] == where


def test_nothing_is_taken_back_once_a_colleague_has_changed_the_lead(desk):
    lead = make_lead()
    save(desk, lead, to="answered")
    shown = desk.get("/admin/")
    save(signed_in(make_staff("bruno")), lead, 1, to="closed")
    assert "Not undone: it was changed again meanwhile." in undo(desk, shown)
    assert Lead.objects.get(pk=lead.pk).status == Status.CLOSED


def test_the_button_of_an_older_message_takes_back_nothing_else(desk):
    first, second = make_lead(), make_lead()
    save(desk, first, to="answered")
    shown = desk.get("/admin/")
    save(desk, second, to="answered")
    assert "Not undone" in undo(desk, shown)
    assert Lead.objects.filter(status=Status.ANSWERED).count() == 2


@pytest.mark.one_database
def test_a_note_alone_is_saved_and_nothing_typed_changes_nothing(desk):
    lead = make_lead()
    save(desk, lead, note="Richiamare")
    shown = desk.get(page(lead)).content.decode()
    assert f"{lead.reference}: note saved." in shown
    assert "Undo" not in shown
    save(desk, lead, 1)
    assert "Nothing was changed." in desk.get(page(lead)).content.decode()
    assert Lead.objects.get(pk=lead.pk).version == 1


def test_many_leads_are_asked_for_with_their_count_and_taken_back_together(desk):
    one, two, closed = make_lead(), make_lead(), make_lead(status=Status.CLOSED)
    data = {"action": "to_suspected", "_selected_action": [one.pk, two.pk, closed.pk]}
    asked = desk.post(f"{INBOX}?status=all", data, follow=True)
    assert asked.redirect_chain[-1][0] == f"{INBOX}confirm/"
    assert "3 leads are chosen." in asked.content.decode()
    assert Lead.objects.filter(status=Status.SUSPECTED).count() == 0
    answer = desk.post(f"{INBOX}confirm/", {"key": asked.context["chosen"]["key"]}, follow=True)
    assert "They are spam: 2 leads changed. 1 not changed." in answer.content.decode()
    assert "Undone: 2 leads are as they were." in undo(desk, answer)
    assert {lead.status for lead in Lead.objects.all()} == {Status.NEW, Status.CLOSED}
    # Back to the question, and yes once more.
    again = desk.post(f"{INBOX}confirm/", {"key": asked.context["chosen"]["key"]}, follow=True)
    assert "Nothing was changed: choose the leads again." in again.content.decode()


@pytest.mark.one_database
def test_one_lead_is_changed_without_a_question_and_an_action_that_fits_none_says_so(desk):
    lead = make_lead(status=Status.CLOSED)
    assert "Nothing was changed." in act(desk, "to_answered", lead)
    assert "Nothing was changed." in act(desk, "to_new", lead)
    assert "I'll take them: 1 lead changed." in act(desk, "to_progress", lead).replace("&#x27;", "'")


@pytest.mark.one_database
def test_the_list_keeps_its_filter_after_a_lead_is_done(desk):
    lead = make_lead(now=timezone.now() - timedelta(days=20))
    listing = desk.get(INBOX, {"status": "late"}).content.decode()
    link = f"{page(lead)}?_changelist_filters=status%3Dlate"
    assert link in listing
    assert f'<a href="{INBOX}?status=late">Leads</a>' in desk.get(link).content.decode()
    assert desk.post(link, {"version": 0, "to": "progress"})["Location"] == link
    assert desk.post(link, {"version": 1, "to": "answered"})["Location"] == f"{INBOX}?status=late"


def test_a_colleague_who_has_the_lead_open_is_named_until_she_saves_it(desk, anna):
    lead, bruno = make_lead(), signed_in(make_staff("bruno"))
    desk.get(page(lead))
    assert "is looking" not in desk.get(page(lead)).content.decode()
    assert "anna is looking at this lead." in bruno.get(page(lead)).content.decode()
    save(desk, lead, note="fatto")
    assert "is looking" not in bruno.get(page(lead)).content.decode()
    AccessEntry.objects.all().delete()
    desk.get(page(lead))
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        assert "is looking" not in bruno.get(page(lead)).content.decode()
