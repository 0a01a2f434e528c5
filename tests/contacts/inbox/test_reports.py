from datetime import date, timedelta

import pytest
from django.utils import timezone
from django.utils.translation import override

from clinic.facts import empty_profile
from clinic.models import ClinicProfile
from contacts.inbox import reports
from contacts.models import Lead, OutboxEmail, WorkerHeartbeat
from questionnaire.models import DailyTally
from questionnaire.reports import self_checks_by_week
from tests.leads import make_lead, rome
from tests.staff import make_staff, signed_in

pytestmark = pytest.mark.django_db
NOW = rome(2026, 11, 20, 18)  # a Friday
Status = Lead.Status


def home(role):
    return signed_in(make_staff(role, role)).get("/admin/").content.decode()


def test_the_longest_waiting_lead_comes_first_and_late_ones_are_marked():
    late = make_lead(now=rome(2026, 11, 18, 17))
    fresh = make_lead(now=rome(2026, 11, 20, 9))
    make_lead(now=rome(2026, 11, 1, 9), status=Status.ANSWERED)
    first, second = reports.waiting_longest(empty_profile(), now=NOW)
    assert (first, first.waiting, first.is_late) == (late, timedelta(hours=19), True)
    assert (second, second.waiting, second.is_late) == (fresh, timedelta(hours=9), False)
    assert reports.late_count(empty_profile(), now=NOW) == 1


def test_mails_that_fail_are_counted_by_reason_with_the_moment_it_began():
    for hour, reason in [(14, "SMTP 451"), (12, "SMTP 451"), (13, "Connection refused")]:
        mails = OutboxEmail.objects.filter(lead=make_lead(now=NOW), kind="staff")
        mails.update(last_error=reason, failing_since=rome(2026, 11, 20, hour))
    assert reports.undelivered() == [
        reports.FailingEmails("SMTP 451", 2, rome(2026, 11, 20, 12)),
        reports.FailingEmails("Connection refused", 1, rome(2026, 11, 20, 13)),
    ]
    OutboxEmail.objects.update(sent_at=NOW)
    assert reports.undelivered() == []


@pytest.mark.parametrize(("minutes", "is_silent"), [(4, False), (6, True), (-30, False), (-90, True)])
def test_a_worker_is_silent_after_five_minutes(minutes, is_silent):
    at = NOW - timedelta(minutes=minutes)
    WorkerHeartbeat.objects.create(name="worker", at=at)
    assert reports.worker_silence(now=NOW) == (reports.WorkerSilence(at) if is_silent else None)


def test_a_worker_that_never_ran_is_reported():
    assert reports.worker_silence(now=NOW) == reports.WorkerSilence(None)


def test_leads_are_counted_in_the_weeks_of_rome_without_spam():
    for moment in [(2026, 11, 15, 23, 59), (2026, 11, 16, 0, 0), (2026, 10, 25, 23, 30)]:
        make_lead(now=rome(*moment))
    make_lead(now=rome(2026, 11, 17, 9), is_suspected=True)
    weeks = dict(reports.leads_by_week(now=NOW))
    assert len(weeks) == 12
    assert {monday: count for monday, count in weeks.items() if count} == {
        date(2026, 10, 19): 1,
        date(2026, 11, 9): 1,
        date(2026, 11, 16): 1,
    }


def test_self_checks_are_counted_by_week_and_outcome():
    for day, outcome in [(15, "contact"), (16, "contact"), (20, "reassure"), (20, "reassure")]:
        DailyTally.add(day=date(2026, 11, day), outcome=outcome)
    weeks = dict(self_checks_by_week(today=date(2026, 11, 20)))
    assert (weeks[date(2026, 11, 9)], weeks[date(2026, 11, 16)]) == ([1, 0], [1, 2])


def test_a_home_without_leads_says_so_and_lists_missing_facts(settings):
    settings.EMAIL_URL, settings.STAFF_INBOX = "smtp://mail.example", "desk@example.org"
    WorkerHeartbeat.objects.create(name="worker", at=timezone.now())
    shown = home("owner")
    assert "Nobody is waiting" in shown
    assert "Emails that are not going out" not in shown
    assert "erasure is paused" not in shown
    assert "facts about the centre are missing" in shown


def test_the_home_reports_undelivered_emails_with_reason_and_time():
    OutboxEmail.objects.filter(lead=make_lead(now=timezone.now() - timedelta(days=170))).update(
        failing_since=timezone.now(), last_error="Connection refused"
    )
    WorkerHeartbeat.objects.create(name="purge_leads", at=timezone.now() - timedelta(days=200))
    shown = home("reception")
    assert "Automatic erasure is paused" in shown
    for words in ("2 emails undelivered since", "Connection refused", "has never run", "EMAIL_URL", "1 lead will be"):
        assert words in shown


def test_why_emails_do_not_leave_is_said_in_italian_too(client):
    lead = make_lead()
    OutboxEmail.objects.filter(lead=lead).update(failing_since=timezone.now(), last_error="timed out")
    desk = signed_in(make_staff())
    for page in ("/admin/", f"/admin/contacts/lead/{lead.pk}/change/"):
        shown = desk.get(page, headers={"Accept-Language": "it"}).content.decode()
        assert "il server di posta non risponde" in shown
        assert "timed out" not in shown


def test_each_role_sees_on_the_home_what_is_theirs():
    make_lead(now=timezone.now() - timedelta(days=20))
    assert "Waiting for an answer" not in home("editor")
    assert "facts about the centre" not in home("reception")
    assert "anna@example.org" not in home("owner")


def test_a_fact_is_missing_until_it_is_written_in_every_language():
    profile = ClinicProfile(name_it="Centro", phone="+39 02 000000")
    with override("en"):
        missing = profile.missing_facts()
        assert len(missing) == len(set(missing))
        assert "phone" not in missing
        assert "name of the centre" in missing
        profile.name_en = "Centre"
        assert "name of the centre" not in profile.missing_facts()
