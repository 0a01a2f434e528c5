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


def test_the_morning_mail_holds_counts_and_references_and_no_person():
    now = timezone.now()
    late = make_lead("giulia@example.org", name="Giulia", message="vitiligine", now=now - timedelta(days=10))
    make_lead(now=now)
    assert digest.send(now=now)
    (message,) = mail.outbox
    text = f"{message.subject}\n{message.body}"
    assert message.to == ["desk@example.org"]
    assert f"{late.reference} (in ritardo)" in text
    assert "2" in message.subject
    for word in ("Giulia", "giulia", "vitilig"):
        assert word not in text


def test_nothing_is_sent_when_nothing_waits():
    make_lead(status=Lead.Status.CLOSED)
    assert not digest.send(now=timezone.now())
    assert mail.outbox == []


def test_nothing_is_sent_before_mail_is_set_up(settings):
    settings.STAFF_INBOX = ""
    make_lead()
    assert not digest.send(now=timezone.now())
