import smtplib
from datetime import timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.db import OperationalError, connection
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from contacts.inbox import casework
from contacts.intake.receive import NewRequest
from contacts.intake.receive import receive as receive_request
from contacts.mail import outbox
from contacts.mail.outbox import SendResult
from contacts.models import Lead, OutboxEmail
from contacts.privacy import withdrawals
from tests.mail_server import STAFF

pytestmark = pytest.mark.django_db


def receive(email="anna@example.org", message="How long does a visit take?", now=None, **changes):
    request = NewRequest(email=email, name="Anna Rossi", message=message, **{"language": "it"} | changes)
    return receive_request(request, now=now or timezone.now())


def mark_not_spam(lead):
    lead.refresh_from_db()
    casework.update_lead(lead.pk, version=lead.version, actor=None, now=timezone.now(), to=Lead.Status.NEW)


def send_all(now=None):
    outcomes = []
    while outcome := outbox.send_next(now=now or timezone.now()):
        outcomes.append(outcome)
        assert len(outcomes) < 20
    return outcomes


def to_patients():
    return OutboxEmail.objects.filter(kind=OutboxEmail.Kind.PATIENT)


def later(**time):
    return timezone.now() + timedelta(**time)


# --- What the mails say ---


@pytest.mark.parametrize(
    ("language", "subject", "path"),
    [("it", "La sua richiesta", "/it/contatti/revoca/"), ("en", "Your request", "/en/contact/withdraw/")],
)
def test_the_patient_gets_reference_and_withdraw_link_in_their_language_and_nothing_they_typed(
    server, settings, client, language, subject, path
):
    lead = receive(language=language)
    assert send_all() == [SendResult.SENT, SendResult.SENT]
    (message,) = server.messages(to="anna@example.org")
    assert message["Subject"] == f"{subject} {lead.reference}"
    assert message["To"] == "anna@example.org"
    link = f"{settings.SITE_URL}{path}{withdrawals.token(lead.pk)}/"
    for part in ("plain", "html"):
        text = message.get_body([part]).get_content()
        assert lead.reference in text
        assert link in text
        assert not any(word in text.lower() for word in ("anna", "rossi", "visit", "vitilig"))
    assert client.get(link.removeprefix(settings.SITE_URL)).status_code == 200


def test_the_centre_gets_the_reference_and_a_link_to_the_desk_and_no_more(server, settings):
    lead = receive()
    send_all()
    (message,) = server.messages(to=STAFF)
    assert message["Subject"] == f"Nuova richiesta {lead.reference}"
    for part in ("plain", "html"):
        text = message.get_body([part]).get_content()
        assert f"{settings.SITE_URL}/admin/contacts/lead/{lead.pk}/change/" in text
        assert not any(word in text.lower() for word in ("anna", "rossi", "visit", "vitilig", "revoca"))


def test_each_message_has_one_recipient_and_a_message_id_of_its_own(server):
    receive()
    send_all()
    assert sorted(recipients for recipients, _content in server.received) == [("anna@example.org",), (STAFF,)]
    assert len(server.times_by_message()) == 2
    assert all(message["Auto-Submitted"] == "auto-generated" for message in server.messages())


# --- When they leave ---


def test_a_mail_is_sent_once(server):
    receive()
    send_all()
    assert outbox.send_next(now=later(days=30)) is None
    assert len(server.received) == 2


def test_without_a_mail_server_the_mails_wait_and_it_is_said(settings, capsys):
    settings.EMAIL_URL = settings.STAFF_INBOX = ""
    receive()
    call_command("send_mails")
    assert OutboxEmail.objects.filter(sent_at=None, attempts=0).count() == 2
    said = capsys.readouterr()
    assert "EMAIL_URL and STAFF_INBOX not set" in said.err
    assert "2 still to be sent" in said.out


def test_without_an_inbox_of_the_centre_only_its_mails_wait(server, settings):
    settings.STAFF_INBOX = ""
    receive()
    assert send_all() == [SendResult.SENT]
    assert [mail.kind for mail in outbox.waiting()] == ["staff"]


def test_a_claimed_email_is_not_claimed_again_until_its_lease_is_over(server):
    receive()
    now = timezone.now()
    claimed = {outbox.claim(now=now).pk for _mail in range(2)}
    assert len(claimed) == 2
    assert outbox.claim(now=now + outbox.LEASE - timedelta(seconds=1)) is None
    assert outbox.claim(now=now + outbox.LEASE).pk in claimed


def test_a_worker_whose_clock_is_a_little_behind_claims_nothing_of_another_worker(server):
    receive()
    now = timezone.now()
    first = outbox.claim(now=now)
    OutboxEmail.objects.exclude(pk=first.pk).delete()
    assert outbox.claim(now=now - timedelta(seconds=10)) is None


def test_a_worker_that_took_longer_than_its_lease_and_failed_leaves_the_mail_to_the_one_who_has_it(server):
    receive()
    to_patients().delete()
    now = timezone.now()
    slow = outbox.claim(now=now)
    other = outbox.claim(now=now + outbox.LEASE)
    outbox.record_failure(slow, TimeoutError(), now=now)
    assert outbox.claim(now=now + outbox.LEASE + timedelta(minutes=1)) is None
    outbox.record_result(other, SendResult.SENT, sent_at=now)
    outbox.record_failure(slow, TimeoutError(), now=now)
    assert OutboxEmail.objects.get().failing_since is None


def test_a_clock_that_was_a_day_ahead_holds_nothing_back(server):
    receive(now=later(days=1))
    with time_machine.travel(later(days=1), tick=False):
        outbox.claim(now=timezone.now())
    OutboxEmail.objects.update(due_at=later(days=1, hours=2))
    assert send_all() == [SendResult.SENT, SendResult.SENT]


# --- When the server does not want them ---


def test_a_refused_address_is_tried_daily_and_shown_on_the_lead_until_it_is_accepted(server):
    server.behaviour = "RCPT 550 <{address}> unknown"
    lead = receive()
    assert set(send_all()) == {SendResult.REFUSED}
    mail = to_patients().get()
    assert mail.last_error == "SMTP 550"
    assert mail.due_at - timezone.now() > timedelta(hours=23)
    assert Lead.objects.get().address_refused
    server.behaviour = "well"
    assert send_all(later(days=1, minutes=1)) == [SendResult.SENT, SendResult.SENT]
    lead.refresh_from_db()
    assert not lead.address_refused
    assert to_patients().get().failing_since is None


@pytest.mark.parametrize(
    "refusal", ["RCPT 550 5.7.1 relaying denied", "DATA 550 5.4.5 Daily limit exceeded", "RCPT 554 no"]
)
def test_a_refusal_for_another_reason_is_retried_within_minutes_and_says_nothing_about_the_address(server, refusal):
    server.behaviour = refusal
    receive()
    now = timezone.now()
    Lead.objects.update(address_refused=True)
    OutboxEmail.objects.update(failing_since=now)
    assert set(send_all(now)) == {SendResult.REFUSED_BY_SERVER}
    assert not Lead.objects.get().address_refused
    for mail in OutboxEmail.objects.all():
        assert mail.last_error.startswith("refused by the mail server: SMTP 55")
        assert mail.due_at - now <= timedelta(minutes=5)
    server.behaviour = "well"
    assert send_all(now + timedelta(minutes=6)) == [SendResult.SENT, SendResult.SENT]


def test_each_address_of_the_centre_gets_its_own_mail_and_has_its_own_fate(server, settings):
    settings.STAFF_INBOX = f"{STAFF}, wrong@clinic.example; third@clinic.example"
    server.behaviour = "RCPT 550 5.1.1 unknown"
    lead = receive()
    send_all()
    server.behaviour = "well"
    OutboxEmail.objects.filter(inbox=1).update(due_at=later(days=1, hours=12))
    assert send_all(later(days=1, minutes=1)) == [SendResult.SENT] * 3
    assert [recipients for recipients, _content in server.received if len(recipients) > 1] == []
    assert len(server.messages(to=STAFF)) == len(server.messages(to="third@clinic.example")) == 1
    (left,) = outbox.waiting()
    assert (left.lead, left.inbox, left.last_error) == (lead, 1, "SMTP 550 5.1.1")
    assert not Lead.objects.get().address_refused
    # Its number in the list is its name: a corrected address gets what the wrong one did not.
    settings.STAFF_INBOX = f"{STAFF}, right@clinic.example, third@clinic.example"
    assert send_all(later(days=10)) == [SendResult.SENT]
    assert len(server.messages(to="right@clinic.example")) == 1
    settings.STAFF_INBOX = STAFF
    assert send_all(later(days=30)) == []


def test_an_address_that_was_removed_from_the_centres_gets_nothing_and_waits_for_nothing(server, settings):
    settings.STAFF_INBOX = f"{STAFF}, second@clinic.example"
    server.behaviour = "RCPT 451 later"
    receive()
    send_all()
    settings.STAFF_INBOX, server.behaviour = STAFF, "well"
    assert send_all(later(hours=2)) == [SendResult.SENT, SendResult.SENT]
    assert not outbox.waiting().exists()
    assert server.messages(to="second@clinic.example") == []


def test_a_refused_inbox_of_the_centre_says_nothing_about_the_patient(server):
    server.behaviour = "RCPT 550 unknown"
    receive()
    to_patients().delete()
    assert send_all() == [SendResult.REFUSED]
    assert not Lead.objects.get().address_refused


@pytest.mark.parametrize("behaviour", ["RCPT 451 later", "DATA 451 later"])
def test_a_mail_put_off_backs_off_to_an_hour_and_never_gives_up(server, behaviour):
    server.behaviour = behaviour
    receive(now=timezone.now())
    began = now = timezone.now()
    waits = []
    for _try in range(14):
        assert outbox.send_next(now=now) is SendResult.FAILED
        mail = OutboxEmail.objects.filter(attempts__gt=0).first()
        OutboxEmail.objects.exclude(pk=mail.pk).delete()
        waits.append(mail.due_at - now)
        now = mail.due_at
    assert waits == sorted(waits)
    assert waits[0] < timedelta(seconds=10)
    assert waits[-1] == timedelta(hours=1)
    assert mail.attempts == 14
    assert abs(mail.failing_since - began) < timedelta(seconds=5)
    server.behaviour = "well"
    assert outbox.send_next(now=now) is SendResult.SENT


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [("hang", "timed out"), ("drop", "SMTPServerDisconnected"), ("stop", "Connection refused")],
)
def test_an_unreachable_server_is_recorded_as_such_and_the_next_email_tries_it(server, settings, behaviour, reason):
    settings.EMAIL_TIMEOUT = 0.2
    receive()
    server.behaviour = behaviour
    if behaviour == "stop":
        settings.EMAIL_PORT = 1
    assert outbox.send_next(now=timezone.now()) is SendResult.SERVER_AWAY
    mail = OutboxEmail.objects.exclude(last_error="").get()
    assert mail.last_error == reason
    assert mail.claimed_until is None
    assert outbox.claim(now=timezone.now()).pk != mail.pk


def test_a_servers_own_words_are_not_kept_because_they_may_name_the_patient(server, caplog):
    server.behaviour = "RCPT 550 5.1.1 <{address}> unknown user Anna"
    receive()
    send_all()
    ours = [str(vars(record)) for record in caplog.records if not record.name.startswith("mail.log")]
    assert "SMTP 550" in str(ours)
    assert "anna" not in str(ours).lower()
    assert not OutboxEmail.objects.filter(last_error__icontains="anna").exists()


def test_a_mail_that_cannot_be_written_is_no_obstacle_to_the_others(server):
    receive()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE contacts_lead SET name = 'damaged'")
    receive(email="bea@example.org")
    assert send_all() == [SendResult.FAILED, SendResult.FAILED, SendResult.SENT, SendResult.SENT]
    assert len(server.messages(to="bea@example.org")) == 1
    assert to_patients().get(sent_at=None).last_error == "WrongKey"


@given(st.integers(min_value=0, max_value=10_000))
def test_no_number_of_attempts_waits_longer_than_the_longest(attempts):
    wait = outbox.pause(attempts, longest=outbox.MAX_PAUSE)
    assert timedelta(seconds=4) <= wait <= timedelta(hours=1)


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (smtplib.SMTPAuthenticationError(535, b"no"), SendResult.SERVER_AWAY),
        (smtplib.SMTPSenderRefused(451, b"no", "site@clinic.example"), SendResult.SERVER_AWAY),
        (smtplib.SMTPNotSupportedError("STARTTLS"), SendResult.SERVER_AWAY),
        (smtplib.SMTPDataError(554, b"no"), SendResult.REFUSED_BY_SERVER),
        (ConnectionResetError(), SendResult.SERVER_AWAY),
        (ValueError("anna@example.org"), SendResult.FAILED),
    ],
)
def test_each_error_has_its_result(error, outcome):
    judged, reason = outbox.classify_error(error)
    assert judged is outcome
    assert "anna" not in reason


def test_a_sent_email_is_recorded_even_when_the_database_fails_at_first(server, monkeypatch):
    receive()
    to_patients().delete()
    failures = iter([OperationalError("database is locked"), OperationalError("database is locked")])
    real = outbox.transaction.atomic

    def atomic(*arguments):
        if server.received and (error := next(failures, None)):
            raise error
        return real(*arguments)

    monkeypatch.setattr(outbox.transaction, "atomic", atomic)
    monkeypatch.setattr(outbox, "close_old_connections", lambda: None)
    monkeypatch.setattr(outbox.time, "sleep", lambda seconds: None)
    assert send_all() == [SendResult.SENT]
    assert len(server.received) == 1


# --- Whom they must not flood or reach ---


def test_one_address_gets_three_mails_a_day_and_the_rest_later(server):
    for number in range(5):
        receive(email=f"anna+{number}@example.org")
    assert send_all().count(SendResult.POSTPONED) == 2
    assert len([message for message in server.messages() if "anna+" in message["To"]]) == 3
    assert len(server.messages(to=STAFF)) == 5
    assert send_all(later(hours=25)) == [SendResult.SENT, SendResult.SENT]


def test_mails_of_a_clock_that_was_a_year_ahead_count_for_no_day_of_ours(server):
    for number in range(3):
        receive(email=f"anna+{number}@example.org")
    send_all(later(days=365))
    receive(email="anna+3@example.org")
    assert send_all() == [SendResult.SENT, SendResult.SENT]


def test_a_suspected_lead_sends_nothing_and_not_spam_sends_its_mails_once(server):
    lead = receive(honeypot="filled in")
    assert send_all() == []
    mark_not_spam(lead)
    with pytest.raises(casework.TransitionNotAllowed):
        mark_not_spam(lead)
    assert send_all() == [SendResult.SENT, SendResult.SENT]
    lead.refresh_from_db()
    assert lead.status == Lead.Status.NEW


def test_a_lead_that_staff_call_spam_is_not_written_to_any_more(server):
    lead = receive()
    Lead.objects.update(status=Lead.Status.SUSPECTED)
    assert send_all() == []
    mark_not_spam(lead)
    assert send_all() == [SendResult.SENT, SendResult.SENT]


def test_an_automatic_mail_changes_neither_status_nor_last_contact(server):
    lead = receive()
    send_all()
    again = Lead.objects.get()
    assert (again.status, again.last_contact_at, again.version) == (Lead.Status.NEW, lead.last_contact_at, 0)


def test_an_outbox_row_holds_no_address_and_no_text(server):
    receive()
    assert {field.name for field in OutboxEmail._meta.fields} == {
        "id", "lead", "kind", "note", "before", "recipient", "inbox", "message_id", "created_at", "due_at",
        "claimed_until", "attempts", "last_error", "failing_since", "sent_at",
    }  # fmt: skip
