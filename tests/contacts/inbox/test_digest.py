from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from contacts.inbox import digest
from contacts.models import Lead
from tests.leads import make_lead

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _mail_is_set_up(settings):
    settings.EMAIL_URL, settings.STAFF_INBOX = "smtp://mail.example", "desk@example.org"


def test_the_digest_contains_counts_and_references_and_no_person():
    now = timezone.now()
    late = make_lead("giulia@example.org", name="Giulia", message="vitiligine", now=now - timedelta(days=10))
    make_lead(now=now)
    assert digest.send(now=now)
    (message,) = mail.outbox
    text = f"{message.subject}\n{message.body}"
    assert message.to == ["desk@example.org"]
    assert f"{late.reference} (in ritardo)" in text
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


def test_nothing_is_sent_when_nothing_waits():
    make_lead(status=Lead.Status.CLOSED)
    assert not digest.send(now=timezone.now())
    assert mail.outbox == []


def test_nothing_is_sent_before_mail_is_set_up(settings):
    settings.STAFF_INBOX = ""
    make_lead()
    assert not digest.send(now=timezone.now())
