from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.utils import timezone

from clinic.encryption import fingerprints
from clinic.encryption.keys import fernet_key
from contacts import jobs
from contacts.intake import throttle
from contacts.mail import outbox
from contacts.mail.outbox import SendResult
from contacts.management.commands import worker
from contacts.models import Arrival, Lead, WorkerHeartbeat
from tests.leads import make_lead

pytestmark = pytest.mark.django_db
ROME = ZoneInfo("Europe/Rome")


@pytest.fixture
def turn():
    command = worker.Command()
    command.failures = 0

    def turn():
        command.next_beat = 0
        return command.turn(now=timezone.now())

    return turn


@pytest.fixture
def ran(monkeypatch):
    """A job at three in the night; gives the list of the times it ran."""
    ran = []
    monkeypatch.setattr(jobs, "DAILY", {"purge": time(3)})
    monkeypatch.setattr(jobs, "call_command", lambda name, stdout: ran.append(name))
    return ran


def at(day, hour, minute=0):
    return datetime(2026, 3, day, hour, minute, tzinfo=ROME)


def run_at(*moments):
    for moment in moments:
        jobs.run_due(now=moment)


def test_a_daily_job_runs_once_a_day_from_its_hour_on(ran):
    run_at(at(9, 12), at(10, 2, 59))
    assert ran == []
    run_at(at(10, 3), at(10, 3, 1), at(10, 23), at(11, 2))
    assert ran == ["purge"]
    run_at(at(12, 15))
    assert ran == ["purge", "purge"]


def test_a_daily_job_runs_once_on_the_days_of_23_and_25_hours(ran):
    run_at(at(28, 12), *(at(29, hour) for hour in range(24)))
    assert ran == ["purge"]
    october = [datetime(2026, 10, day, hour, tzinfo=ROME) for day in (24, 25) for hour in range(24)]
    ran.clear()
    WorkerHeartbeat.objects.update(at=october[0])
    run_at(*october)
    assert ran == ["purge", "purge"]


def test_two_workers_do_not_run_the_same_job(ran, monkeypatch):
    run_at(at(9, 12))
    monkeypatch.setattr(jobs, "call_command", lambda name, stdout: (ran.append(name), jobs.run_due(now=at(10, 3))))
    run_at(at(10, 3))
    assert ran == ["purge"]


def test_a_worker_whose_clock_is_a_little_behind_does_not_repeat_a_job(ran):
    run_at(at(9, 12), at(10, 3, 1), at(10, 3, 0))
    assert ran == ["purge"]


def test_a_job_that_failed_is_tried_again_after_an_hour(ran, monkeypatch):
    def fail(name, stdout):
        ran.append(name)
        raise OperationalError

    run_at(at(9, 12))
    monkeypatch.setattr(jobs, "call_command", fail)
    run_at(at(10, 3), at(10, 3, 30), at(10, 4))
    assert ran == ["purge", "purge"]


def test_a_clock_that_was_a_month_ahead_does_not_stop_the_jobs(ran):
    run_at(datetime(2026, 4, 9, 12, tzinfo=ROME), at(10, 4))
    assert ran == ["purge"]


@pytest.fixture
def months_ahead(turn, settings, tmp_path):
    """A site whose last purge was an hour ago, and whose clock leaps ahead by 200 days; gives its one lead."""
    settings.VAR_DIR = tmp_path
    WorkerHeartbeat.objects.create(name="purge_leads", at=timezone.now() - timedelta(hours=1))
    lead = make_lead()
    with time_machine.travel(timezone.now() + timedelta(days=200)):
        turn()
        yield lead


def test_a_clock_that_leaps_months_ahead_erases_nobody_tonight_nor_tomorrow(months_ahead, turn, settings):
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        turn()
    assert list(Lead.objects.all()) == [months_ahead]
    assert not (settings.VAR_DIR / "erasures.log").exists()


def test_when_the_clock_is_right_again_the_purge_goes_on_by_itself(months_ahead, turn):
    old = make_lead("bea@example.org")
    Lead.objects.filter(pk=old.pk).update(last_contact_at=timezone.now() - timedelta(days=400))
    with time_machine.travel(timezone.now() - timedelta(days=199)):
        turn()
    assert list(Lead.objects.all()) == [months_ahead]


def test_after_a_long_rest_the_purge_waits_for_one_word_and_then_goes_on_by_itself(months_ahead, turn, capsys):
    for arguments in ([], ["--dry-run"]):
        with pytest.raises(CommandError, match="--ignore-clock"):
            call_command("purge_leads", *arguments)
    call_command("purge_leads", "--dry-run", "--ignore-clock")
    assert Lead.objects.exists()
    call_command("purge_leads", "--ignore-clock")
    assert not Lead.objects.exists()
    assert capsys.readouterr().out.count(months_ahead.reference) == 2
    make_lead(now=timezone.now() - timedelta(days=400))
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        turn()
    assert not Lead.objects.exists()


@pytest.mark.parametrize("days", [-200, -4, 4])
def test_a_purge_days_away_on_either_side_leaves_the_date_in_doubt(days):
    WorkerHeartbeat.objects.create(name="purge_leads", at=timezone.now() + timedelta(days=days))
    with pytest.raises(CommandError, match="set the clock"):
        call_command("purge_leads")


def test_every_daily_job_is_a_command():
    from django.core.management import get_commands

    assert set(jobs.DAILY) <= set(get_commands())


def test_the_worker_says_that_it_lives_and_forgets_who_came(turn):
    Arrival.objects.create(source="x", at=timezone.now() - throttle.HOUR)
    turn()
    assert timezone.now() - WorkerHeartbeat.objects.get(name="worker").at < timedelta(seconds=5)
    assert not Arrival.objects.exists()


def test_the_worker_pauses_longer_each_time_while_the_server_is_away_and_not_after(turn, monkeypatch):
    monkeypatch.setattr(outbox, "send_next", lambda now: SendResult.SERVER_AWAY)
    waits = [turn() for _failure in range(8)]
    assert waits == sorted(waits)
    assert waits[-1] == worker.LONGEST_PAUSE_SECONDS
    monkeypatch.setattr(outbox, "send_next", lambda now: SendResult.SENT)
    assert turn() == 0
    monkeypatch.setattr(outbox, "send_next", lambda now: None)
    assert turn() == worker.IDLE_SECONDS


@pytest.mark.parametrize("error", [OperationalError("locked"), ValueError("anna@example.org")])
def test_nothing_that_fails_ends_the_worker(turn, monkeypatch, error):
    def fail(now):
        raise error

    monkeypatch.setattr(outbox, "send_next", fail)
    assert turn() == worker.IDLE_SECONDS


def test_the_worker_does_not_start_with_keys_that_cannot_read_the_data(settings):
    fingerprints.verify()
    settings.DIGEST_KEY = "another key that is long enough, too"
    with pytest.raises(ImproperlyConfigured):
        call_command("worker")


def test_a_worker_whose_keys_turn_out_to_be_wrong_does_nothing_and_is_silent(turn, settings, monkeypatch):
    fingerprints.verify()
    settings.FIELD_KEYS = [fernet_key()]
    monkeypatch.setattr(outbox, "send_next", lambda now: pytest.fail("a mail was touched"))
    assert turn() == worker.IDLE_SECONDS
    assert not WorkerHeartbeat.objects.exists()
