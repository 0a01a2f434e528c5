from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import OperationalError
from django.utils import timezone

from clinic.encryption import fingerprints
from clinic.encryption.keys import fernet_key
from contacts import jobs
from contacts.intake import throttle
from contacts.mail import outbox
from contacts.mail.outbox import SendResult
from contacts.management.commands import worker
from contacts.models import Arrival, WorkerHeartbeat

pytestmark = pytest.mark.django_db
ROME = ZoneInfo("Europe/Rome")


@pytest.fixture
def run_once():
    """Let the worker do one round with a heartbeat; gives the seconds that it waits afterwards."""
    command = worker.Command()

    def run_once():
        command.last_heartbeat = None
        return command.run_once(now=timezone.now())

    return run_once


@pytest.fixture
def ran(monkeypatch):
    """A job at three in the night; gives the list of the times it ran."""
    ran = []
    monkeypatch.setattr(jobs, "DAILY", {"purge": time(3)})
    monkeypatch.setattr(jobs, "MONTHLY", {})
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


def test_a_monthly_job_runs_in_the_first_night_and_then_every_thirty_days(ran, monkeypatch):
    monkeypatch.setattr(jobs, "DAILY", {})
    monkeypatch.setattr(jobs, "MONTHLY", {"drill": time(5)})
    days = []
    for hour in range(24 * 70):
        run_at(at(9, 12) + timedelta(hours=hour))
        days += [hour // 24] * (len(ran) - len(days))
    assert days == [0, 30, 60]


def test_every_job_is_a_command():
    from django.core.management import get_commands

    assert set(jobs.DAILY | jobs.MONTHLY) <= set(get_commands())


def test_a_heartbeat_is_recorded_and_old_arrivals_are_deleted(run_once):
    Arrival.objects.create(source="x", at=timezone.now() - throttle.HOUR)
    run_once()
    assert timezone.now() - WorkerHeartbeat.objects.get(name="worker").at < timedelta(seconds=5)
    assert not Arrival.objects.exists()


def test_the_worker_pauses_longer_each_time_while_the_server_is_away_and_no_longer_after(run_once, monkeypatch):
    monkeypatch.setattr(outbox, "send_next", lambda now: SendResult.SERVER_AWAY)
    waits = [run_once() for _failure in range(8)]
    assert waits == sorted(waits)
    assert waits[-1] == worker.MAX_PAUSE_SECONDS
    monkeypatch.setattr(outbox, "send_next", lambda now: SendResult.SENT)
    assert run_once() == 0
    monkeypatch.setattr(outbox, "send_next", lambda now: None)
    assert run_once() == worker.IDLE_SECONDS


@pytest.mark.parametrize("error", [OperationalError("locked"), ValueError("anna@example.org")])
def test_no_exception_ends_the_worker(run_once, monkeypatch, error):
    def fail(now):
        raise error

    monkeypatch.setattr(outbox, "send_next", fail)
    assert run_once() == worker.IDLE_SECONDS


def test_the_worker_does_not_start_with_keys_that_cannot_read_the_data(settings):
    fingerprints.verify()
    settings.DIGEST_KEY = "another key that is long enough, too"
    with pytest.raises(ImproperlyConfigured):
        call_command("worker")


def test_a_worker_whose_keys_turn_out_to_be_wrong_sends_nothing_and_records_no_heartbeat(
    run_once, settings, monkeypatch
):
    fingerprints.verify()
    settings.FIELD_KEYS = [fernet_key()]
    monkeypatch.setattr(outbox, "send_next", lambda now: pytest.fail("an email was sent"))
    assert run_once() == worker.IDLE_SECONDS
    assert not WorkerHeartbeat.objects.exists()
