"""A lead that is given to a colleague: who gave it stands in its history, and the colleague is told by email."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from contacts.inbox import casework, many_leads
from contacts.mail import outbox
from contacts.models import AccessEntry, Lead, OutboxEmail
from tests.leads import make_lead
from tests.staff import make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _mail_is_set_up(settings):
    settings.EMAIL_URL, settings.STAFF_INBOX = "smtp://mail.example", "desk@clinic.example"


@pytest.fixture
def bruno():
    bruno = make_staff("bruno")
    bruno.email = "bruno@clinic.example"
    bruno.save()
    return bruno


def give(lead, to, *, by):
    lead.refresh_from_db()
    return casework.update_lead(lead.pk, version=lead.version, actor=by, now=timezone.now(), owner=to)


def mails_to(colleague):
    while outbox.send_next(now=timezone.now()):
        pass
    return [message for message in mail.outbox if message.to == [colleague.email]]


def test_the_colleague_is_told_the_reference_and_the_link_and_nothing_else(desk, anna, bruno, settings):
    lead = make_lead("giulia@example.org", name="Giulia", message="vitiligine")
    page = f"/admin/contacts/lead/{lead.pk}/change/"
    desk.post(page, {"version": 0, "owner": bruno.pk, "initial-owner": "", "note": "segreto"})
    (message,) = mails_to(bruno)
    assert message.subject == f"La richiesta {lead.reference} è affidata a lei"
    assert f"{settings.SITE_URL}{page}" in message.body
    for text in (message.body, message.alternatives[0].content):
        assert not any(word in text.lower() for word in ("giulia", "vitilig", "segreto"))
    assert "given to bruno · anna" in desk.get(page).content.decode()
    assert "name" not in {field.name for field in AccessEntry._meta.fields}


def test_nobody_is_told_of_a_lead_they_take_themselves_or_without_an_address(anna, bruno):
    lead = make_lead()
    give(lead, bruno, by=bruno)
    give(lead, anna, by=bruno)
    assert mails_to(bruno) == []
    assert not OutboxEmail.objects.filter(kind="handover").exists()
    given = AccessEntry.objects.filter(action="given").order_by("pk")
    assert [entry.given_to for entry in given] == [bruno, anna]


def test_a_colleague_is_not_told_of_a_lead_that_is_not_theirs_any_more(anna, bruno):
    lead = make_lead()
    give(lead, bruno, by=anna)
    give(lead, None, by=anna)
    assert mails_to(bruno) == []
    give(lead, bruno, by=anna)
    assert mails_to(bruno) != []


def test_who_takes_over_the_leads_of_an_account_that_is_switched_off_is_told(anna, bruno):
    carla = make_staff("carla")
    leads = [make_lead(status=Lead.Status.IN_PROGRESS) for _number in range(2)]
    Lead.objects.update(owner=anna)
    many_leads.reassign(anna, bruno, actor=carla, now=timezone.now())
    assert {lead.reference for lead in leads} == {message.subject.split()[2] for message in mails_to(bruno)}
    bruno.is_active = False
    bruno.save()
    many_leads.reassign(bruno, None, actor=carla, now=timezone.now() + timedelta(minutes=1))
    assert set(Lead.objects.values_list("owner", "status")) == {(None, "new")}


def test_assigning_and_keeping_longer_are_both_recorded(anna, bruno):
    lead = make_lead()
    day = timezone.localdate() + timedelta(days=30)
    casework.update_lead(
        lead.pk, version=0, actor=anna, now=timezone.now(), owner=bruno, keep_until=day, keep_reason="visit"
    )
    assert set(AccessEntry.objects.values_list("action", flat=True)) == {"given", "changed"}
