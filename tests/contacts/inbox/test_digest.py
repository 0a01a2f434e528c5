import smtplib
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from clinic.models import SignInEntry
from contacts.inbox import casework, digest
from contacts.models import Lead
from tests.leads import make_lead
from tests.staff import make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _mail_is_set_up(settings):
    settings.EMAIL_URL, settings.STAFF_INBOX = "smtp://mail.example", "desk@example.org"


def test_the_digest_contains_counts_and_references_and_no_person(settings):
    now = timezone.now()
    late = make_lead("giulia@example.org", name="Giulia", message="vitiligine", now=now - timedelta(days=10))
    make_lead(now=now)
    assert digest.send(now=now)
    (message,) = mail.outbox
    text = f"{message.subject}\n{message.body}"
    assert message.to == ["desk@example.org"]
    assert f"{late.reference} (in ritardo)\n{settings.SITE_URL}/admin/contacts/lead/{late.pk}/change/\n" in text
    assert message.subject == "Scrivania: 2 richieste in attesa di risposta"
    for word in ("Giulia", "giulia", "vitilig"):
        assert word not in text


@pytest.mark.parametrize(
    ("failing", "days", "subject"),
    [
        (True, 0, "Scrivania: 2 email non recapitate"),
        (False, 170, "Scrivania: 1 richiesta da cancellare entro 14 giorni"),
        (True, 170, "Scrivania: 2 email non recapitate, 1 richiesta da cancellare entro 14 giorni"),
    ],
)
def test_the_subject_says_what_the_email_is_about(failing, days, subject):
    lead = make_lead(status=Lead.Status.CLOSED, now=timezone.now() - timedelta(days=days))
    lead.emails.update(failing_since=timezone.now() if failing else None)
    digest.send(now=timezone.now())
    assert mail.outbox[0].subject == subject


def test_suspected_leads_and_refused_addresses_are_counted_with_their_age_and_their_link():
    spam = make_lead(is_suspected=True, now=timezone.now() - timedelta(days=3))
    refused = make_lead("ana@example.org", status=Lead.Status.CLOSED)
    refused.emails.filter(kind="staff").update(sent_at=timezone.now())
    refused.emails.filter(kind="patient").update(failing_since=timezone.now())
    Lead.objects.filter(pk=refused.pk).update(address_refused=True)
    digest.send(now=timezone.now())
    (message,) = mail.outbox
    assert message.subject == "Scrivania: 1 indirizzo rifiutato, 1 sospetto spam"
    day = timezone.localtime(spam.created_at)
    assert f"Sospetto spam: 1 (il più vecchio è del {day.day} " in message.body
    assert refused.reference in message.body
    assert f"/admin/contacts/lead/{refused.pk}/change/" in message.body


def test_each_view_of_the_inbox_is_counted_and_leads_that_wait_for_the_patient_alone_are_no_reason_to_write():
    now, anna = timezone.now(), make_staff("anna")
    SignInEntry.objects.all().delete()
    tomorrow = timezone.localdate(now) + timedelta(days=1)
    casework.update_lead(make_lead(now=now).pk, version=0, actor=anna, now=now, wait_until=tomorrow)
    assert not digest.send(now=now)
    make_lead(now=now)
    casework.update_lead(make_lead(now=now).pk, version=0, actor=anna, now=now, to="progress")
    digest.send(now=now)
    said = (
        "In attesa di risposta: 2\ndi cui nuove: 1\ndi cui in ritardo: 0\ndi cui a anna: 1\nIn attesa del paziente: 1\n"
    )
    assert said in mail.outbox[0].body


def test_each_address_of_the_centre_gets_the_digest(settings):
    settings.STAFF_INBOX = "desk@example.org, second@example.org"
    make_lead()
    assert digest.send(now=timezone.now())
    assert [message.to for message in mail.outbox] == [["desk@example.org"], ["second@example.org"]]


def test_an_address_that_refuses_the_digest_keeps_it_from_no_other(settings, monkeypatch):
    settings.STAFF_INBOX = "desk@example.org, second@example.org"
    make_lead()
    send, refusing = digest.EmailMessage.send, {"desk@example.org"}

    def refuse(message):
        if message.to[0] in refusing:
            raise smtplib.SMTPRecipientsRefused({message.to[0]: (550, b"5.1.1 unknown")})
        send(message)

    monkeypatch.setattr(digest.EmailMessage, "send", refuse)
    assert digest.send(now=timezone.now())
    assert [message.to for message in mail.outbox] == [["second@example.org"]]
    refusing.add("second@example.org")
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        digest.send(now=timezone.now())


def test_nothing_is_sent_when_nothing_waits():
    make_lead(status=Lead.Status.CLOSED)
    assert not digest.send(now=timezone.now())
    assert mail.outbox == []


def test_nothing_is_sent_before_mail_is_set_up(settings):
    settings.STAFF_INBOX = ""
    make_lead()
    assert not digest.send(now=timezone.now())
