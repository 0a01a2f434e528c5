import os
import re
import stat
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from contacts.models import AccessEntry, Arrival, Consent, Lead, LeadNote, OutboxEmail
from contacts.privacy import erasure, withdrawals
from tests.leads import make_lead, rome

pytestmark = pytest.mark.django_db
NOON, MIDNIGHT = rome(2026, 11, 22, 12), rome(2026, 11, 22)
ERASED = AccessEntry.Action.ERASED


@pytest.fixture(autouse=True)
def log(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    return tmp_path / "erasures.log"


def only(*leads):
    return Lead.objects.filter(pk__in=[lead.pk for lead in leads])


def test_erasing_a_lead_deletes_its_notes_and_emails_and_keeps_an_anonymous_consent(django_user_model):
    owner = django_user_model.objects.create(username="owner")
    lead, other = make_lead(), make_lead("carlo@example.org")
    LeadNote.objects.create(lead=lead, author=owner, text="called back")
    receipt = erasure.erase(only(lead), action=ERASED, actor=owner, now=NOON)
    assert receipt == erasure.Receipt(NOON, [lead.reference], notes=1, mails=2)
    assert list(Lead.objects.all()) == [other]
    assert LeadNote.objects.count() == 0
    assert {mail.lead for mail in OutboxEmail.objects.all()} == {other}
    proof = Consent.objects.get(lead=None)
    assert (proof.withdrawn_at, proof.erased_at) == (MIDNIGHT, MIDNIGHT)
    assert "example.org" not in str(vars(proof))
    entry = AccessEntry.objects.get()
    assert (entry.actor, entry.action, entry.reference, entry.at) == (owner, "erased", lead.reference, NOON)


@pytest.mark.parametrize("action", [ERASED, AccessEntry.Action.WITHDRAWN, AccessEntry.Action.EXPIRED])
def test_the_times_of_a_consent_become_days_in_rome_and_identify_no_entry_of_the_access_log(action):
    given = [rome(2026, 10, 24, 0, 10), rome(2026, 10, 25, 2, 30, 59), rome(2026, 10, 26, 23, 50)]  # summer time ends
    leads = [make_lead(f"anna{moment.day}@example.org", now=moment) for moment in given]
    erasure.erase(only(*leads), action=action, now=NOON)
    proofs = list(Consent.objects.order_by("given_at"))
    assert [proof.given_at for proof in proofs] == [rome(2026, 10, day) for day in (24, 25, 26)]
    assert {proof.erased_at for proof in proofs} == {MIDNIGHT}
    assert {proof.withdrawn_at for proof in proofs} == {None if action == "expired" else MIDNIGHT}
    assert not AccessEntry.objects.filter(at__in=[proof.erased_at for proof in proofs]).exists()


def test_the_arrival_of_an_erased_request_is_deleted_too(settings):
    settings.LEADS_PER_HOUR = 20
    lead, other = (make_lead(address, source="somewhere") for address in ("anna@example.org", "carlo@example.org"))
    erasure.erase(only(lead), action=ERASED, now=timezone.now())
    assert [arrival.fingerprint for arrival in Arrival.objects.all()] == [other.fingerprint]


def test_a_batch_is_chosen_once_so_that_the_arrivals_of_the_erased_leads_go_and_no_others(settings, monkeypatch):
    settings.LEADS_PER_HOUR = 20
    lead = make_lead("anna@example.org", source="somewhere", now=NOON)
    record = erasure.access_log.record

    def record_while_an_older_lead_becomes_due(*arguments, **options):
        make_lead("carlo@example.org", source="somewhere", now=NOON - timedelta(days=1))
        record(*arguments, **options)

    monkeypatch.setattr(erasure.access_log, "record", record_while_an_older_lead_becomes_due)
    erasure.erase(Lead.objects.order_by("created_at")[:1], action=ERASED, now=NOON)
    other = Lead.objects.get()
    assert other.email == "carlo@example.org"
    assert [arrival.fingerprint for arrival in Arrival.objects.all()] == [other.fingerprint]
    assert lead.fingerprint != other.fingerprint


def test_erasing_twice_is_one_erasure(log):
    lead = make_lead()
    assert erasure.erase(only(lead), action=ERASED, now=NOON).references == [lead.reference]
    assert erasure.erase(only(lead), action=ERASED, now=NOON).references == []
    assert AccessEntry.objects.count() == 1
    assert len(log.read_text().splitlines()) == 1


def test_the_log_holds_random_ids_and_times_and_nothing_else(log):
    leads = [make_lead(f"anna{number}@example.org") for number in range(3)]
    erasure.erase(only(*leads), action=ERASED, now=NOON)
    lines = log.read_text().splitlines()
    assert {line.split()[0] for line in lines} == {str(lead.pk) for lead in leads}
    assert all(re.fullmatch(r"[0-9a-f-]{36} erased 2026-11-22T12:00:00\+01:00", line) for line in lines)
    assert stat.S_IMODE(os.stat(log).st_mode) == 0o600


def test_a_lost_log_starts_from_its_copy_and_is_not_shorter(log):
    copy = log.parent / "backups/erasures.log"
    copy.parent.mkdir()
    copy.write_text(f"{uuid4()} erased 2026-11-21T12:00:00+01:00\n")
    lead = make_lead()
    erasure.erase(only(lead), action=ERASED, now=NOON)
    assert log.read_text() == f"{copy.read_text()}{lead.pk} erased 2026-11-22T12:00:00+01:00\n"
    assert stat.S_IMODE(os.stat(log).st_mode) == 0o600
    assert not list(log.parent.glob(".erasures*"))


def test_nothing_is_erased_when_the_log_cannot_be_written(settings, tmp_path):
    lead = make_lead()
    settings.VAR_DIR = tmp_path / "missing"
    with pytest.raises(FileNotFoundError):
        erasure.erase(only(lead), action=ERASED, now=NOON)
    assert Lead.objects.get().consent.withdrawn_at is None
    assert AccessEntry.objects.count() == 0


def test_a_lead_with_a_consent_can_only_be_deleted_by_the_erasure():
    lead = make_lead()
    with pytest.raises(ProtectedError):
        lead.delete()
    with pytest.raises(IntegrityError), transaction.atomic():
        Consent.objects.update(lead=None)


def test_consents_and_accesses_are_append_only():
    make_lead()
    erasure.access_log.record(AccessEntry.Action.OPENED, ["K7M-4QX"], now=NOON)
    for entry in (Consent.objects.get(), AccessEntry.objects.get()):
        with pytest.raises(TypeError, match="append-only"):
            entry.save()


def test_leads_erased_after_the_backup_are_erased_again_from_a_restored_database(log):
    lead = make_lead()
    kept = make_lead("carlo@example.org")
    with transaction.atomic():
        erasure.erase(only(lead), action=AccessEntry.Action.WITHDRAWN, now=NOON)
        # The backup is from before: the log knows of the erasure, the database does not.
        transaction.set_rollback(True)
    assert Lead.objects.count() == 2
    later = make_lead(now=NOON + timedelta(days=1))
    assert erasure.apply_log(log) == 1
    # Who writes again later has another random id: the log does not touch it.
    assert set(Lead.objects.all()) == {kept, later}
    proof = Consent.objects.get(lead=None)
    assert (proof.withdrawn_at, proof.erased_at) == (MIDNIGHT, MIDNIGHT)
    assert AccessEntry.objects.get().action == "withdrawn"
    assert len(log.read_text().splitlines()) == 1
    assert erasure.apply_log(log) == 0


def test_a_partial_line_left_by_a_crash_hides_no_other_line(log):
    first, second = make_lead(), make_lead("carlo@example.org")
    line = "{} erased 2026-11-22T12:00:00+01:00\n"
    log.write_text(line.format(first.pk)[:30] + line.format(second.pk) + line.format(first.pk)[:-3])
    assert erasure.apply_log(log) == 1
    assert list(Lead.objects.all()) == [first]


def test_a_missing_log_is_an_error_and_not_an_empty_one(log):
    with pytest.raises(FileNotFoundError):
        erasure.apply_log(log)


def address_of(lead, path="/it/contatti/revoca/"):
    return f"{path}{withdrawals.token(lead.pk)}/"


@pytest.mark.parametrize("path", ["/it/contatti/revoca/", "/en/contact/withdraw/"])
def test_the_link_shows_what_would_go_and_nothing_about_the_person(client, path):
    lead = make_lead(message="secret words", name="Anna Rossi")
    response = client.get(address_of(lead, path))
    html = response.content.decode()
    assert response.status_code == 200
    assert lead.reference in html
    for word in ("anna@example.org", "Anna Rossi", "secret words"):
        assert word not in html
    assert "no-store" in response["Cache-Control"]
    assert '<meta name="robots" content="noindex">' in html
    assert Lead.objects.count() == 1
    assert AccessEntry.objects.count() == 0


def test_the_link_works_years_later_and_a_truncated_one_is_explained(client):
    lead = make_lead(now=timezone.now() - timedelta(days=700))
    assert lead.reference in client.get(address_of(lead)).content.decode()
    cut = client.post(address_of(lead)[:-4] + "/")
    assert cut.status_code == 404
    assert "Il link è incompleto" in cut.content.decode()
    assert Lead.objects.count() == 1


def test_another_site_cannot_make_a_browser_withdraw(client):
    lead = make_lead()
    assert client.post(address_of(lead), headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert Lead.objects.count() == 1
