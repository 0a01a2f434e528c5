from datetime import date, timedelta

import pytest
from cryptography.fernet import Fernet
from django.core.management import call_command
from django.db import IntegrityError
from django.utils import timezone

from contacts.models import AccessEntry, Consent, Lead
from contacts.privacy import access_log, erasure, retention
from tests.leads import make_lead, rome

pytestmark = pytest.mark.django_db
NOON = rome(2026, 11, 22, 12)


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.VAR_DIR = tmp_path


def references(leads):
    return [lead.reference for lead in leads]


def test_every_status_has_its_days(settings):
    assert set(settings.KEEP_LEAD_DAYS) == set(Lead.Status.values)


@pytest.mark.parametrize(
    ("status", "last_contact", "gone_on"),
    [
        # The night between two days in Rome decides, in winter, in summer and when the clocks change between.
        (Lead.Status.ANSWERED, rome(2026, 1, 31, 0, 0), date(2026, 7, 30)),
        (Lead.Status.ANSWERED, rome(2026, 1, 31, 23, 59), date(2026, 7, 30)),
        (Lead.Status.NEW, rome(2026, 7, 1, 0, 30), date(2026, 12, 28)),
        (Lead.Status.SUSPECTED, rome(2026, 3, 28, 23, 59), date(2026, 4, 27)),
        (Lead.Status.SUSPECTED, rome(2026, 3, 29, 0, 0), date(2026, 4, 28)),
        (Lead.Status.SUSPECTED, rome(2026, 9, 25, 0, 15), date(2026, 10, 25)),
        (Lead.Status.SUSPECTED, rome(2026, 10, 25, 2, 30), date(2026, 11, 24)),
        # Month ends and the leap day.
        (Lead.Status.SUSPECTED, rome(2027, 1, 31, 23, 0), date(2027, 3, 2)),
        (Lead.Status.SUSPECTED, rome(2028, 1, 30, 12, 0), date(2028, 2, 29)),
        (Lead.Status.SUSPECTED, rome(2026, 12, 31, 23, 59), date(2027, 1, 30)),
    ],
)
def test_a_lead_is_erased_on_its_day_in_rome_and_not_a_minute_before(status, last_contact, gone_on):
    lead = make_lead(now=last_contact, status=status)
    assert retention.erased_on(lead) == gone_on
    midnight = retention.midnight(gone_on)
    assert retention.purge(now=midnight - timedelta(minutes=1)).leads == []
    assert retention.purge(now=midnight).leads == [lead.reference]


def test_the_day_shown_is_the_day_of_the_purge_at_every_hour_around_every_change_of_clocks():
    hours = [
        rome(year, month, day, hour, 30)
        for year, month, day in [(2026, 3, 28), (2026, 3, 29), (2026, 3, 30), (2026, 10, 25), (2028, 2, 29)]
        for hour in (0, 1, 2, 3, 22, 23)
    ]
    leads = [make_lead(now=hour, status=Lead.Status.SUSPECTED) for hour in hours]
    for day in {retention.erased_on(lead) + timedelta(days=shift) for lead in leads for shift in (-1, 0, 1)}:
        assert set(retention.due(day)) == {lead for lead in leads if retention.erased_on(lead) <= day}


def test_a_lead_kept_longer_for_a_reason_is_erased_the_day_after():
    lead = make_lead(now=NOON - timedelta(days=400), keep_until=date(2026, 11, 30))
    assert retention.purge(now=rome(2026, 11, 30, 23, 59)).leads == []
    assert retention.erased_on(lead) == date(2026, 12, 1)
    assert retention.purge(now=rome(2026, 12, 1)).leads == [lead.reference]


def test_keeping_longer_without_a_reason_is_refused_by_the_database():
    with pytest.raises(IntegrityError):
        Lead.objects.filter(pk=make_lead().pk).update(keep_until=date(2030, 1, 1))


def test_the_dry_run_prints_line_by_line_what_the_real_run_erases(capsys):
    now, today = timezone.now(), timezone.localdate()
    for days in (10, 29, 30, 31, 179, 180, 181, 200):
        for status in Lead.Status:
            # A time of that day in Rome: 180 times 24 hours before a late evening may be another day.
            noon = retention.midnight(today - timedelta(days=days)) + timedelta(hours=12)
            make_lead(now=noon + timedelta(minutes=len(status)), status=status)
    make_lead(now=now - timedelta(days=500), keep_until=today)
    access_log.record(AccessEntry.Action.OPENED, ["K7M-4QX"], now=now - timedelta(days=400))
    call_command("purge_leads", "--dry-run")
    would, is_total = capsys.readouterr().out.splitlines(), Lead.objects.count()
    assert Lead.objects.count() == is_total
    call_command("purge_leads")
    did = capsys.readouterr().out.splitlines()
    assert did[:-1] == would[:-1]
    assert would[-1] == "Would erase: 18 leads, 0 consents, 1 entries of the access log."
    assert did[-1] == would[-1].replace("Would erase", "Erased")
    assert Lead.objects.count() == is_total - 18
    assert not Lead.objects.filter(reference__in=did).exists()


def test_more_than_one_batch_is_erased_in_one_purge(monkeypatch):
    monkeypatch.setattr(retention, "BATCH", 3)
    going = [make_lead(now=NOON - timedelta(days=181)).reference for _ in range(10)]
    staying = make_lead(now=NOON)
    assert sorted(retention.purge(now=NOON).leads) == sorted(going)
    assert references(Lead.objects.all()) == [staying.reference]


def test_the_consent_of_an_expired_lead_was_not_withdrawn_and_identifies_nobody():
    lead = make_lead(now=NOON - timedelta(days=181))
    retention.purge(now=NOON)
    consent = Consent.objects.get()
    assert (consent.lead, consent.withdrawn_at, consent.erased_at) == (None, None, rome(2026, 11, 22))
    entry = AccessEntry.objects.get()
    assert (entry.action, entry.actor, entry.reference) == ("expired", None, lead.reference)


def test_consents_and_accesses_have_their_own_retention(settings):
    erased_at = NOON - timedelta(days=settings.KEEP_CONSENT_YEARS * 365)
    for moment in (erased_at - timedelta(days=1), erased_at + timedelta(days=1)):
        lead = make_lead(now=moment)
        erasure.erase(Lead.objects.filter(pk=lead.pk), action=AccessEntry.Action.ERASED, now=moment)
    entries = AccessEntry.objects.count()
    access_log.record(AccessEntry.Action.OPENED, ["K7M-4QX"], now=NOON - timedelta(days=364))
    would = retention.purge(now=NOON, is_dry_run=True)
    assert retention.purge(now=NOON) == would == retention.Purged([], 1, entries)
    assert (Consent.objects.count(), AccessEntry.objects.count()) == (1, 1)


def test_the_list_holds_leads_erased_within_fourteen_days_soonest_first():
    days_left = {181: 0, 180: 0, 170: 10, 166: 14, 165: None}
    made = {days: make_lead(now=NOON - timedelta(days=days)) for days in days_left}
    today = date(2026, 11, 22)
    listed = retention.expiring_soon(now=NOON)
    assert [(day - today).days for day, _lead in listed] == [-1, 0, 10, 14]
    assert [lead for _day, lead in listed] == [made[181], made[180], made[170], made[166]]


def test_leads_are_erased_although_a_key_is_lost(settings):
    make_lead(now=NOON - timedelta(days=181))
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]
    assert len(retention.expiring_soon(now=NOON)) == 1
    assert len(retention.purge(now=NOON).leads) == 1
