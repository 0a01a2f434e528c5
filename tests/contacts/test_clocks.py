"""What is erased by date waits while the date may be wrong, and resumes by itself when it has held for a day."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.utils import timezone

from contacts import clocks
from contacts.management.commands import worker
from contacts.models import Lead, WorkerHeartbeat
from tests.leads import make_lead, rome

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
HOUR = timedelta(hours=1)
START = rome(2026, 5, 4, 12)


class Machine:
    """A machine whose date and monotonic clock a test moves, and the workers that run on it."""

    def __init__(self, monkeypatch):
        self.monotonic, self.workers = 0.0, [worker.Command()]
        self.date = time_machine.travel(START, tick=False)
        monkeypatch.setattr(worker, "time", SimpleNamespace(monotonic=lambda: self.monotonic))

    def set_date(self, **ahead):
        self.traveller.move_to(timezone.now() + timedelta(**ahead))

    def restart(self, *, workers=1):
        self.workers = [worker.Command() for _ in range(workers)]

    def run(self, *, hours):
        """Let the workers run, with a heartbeat every hour."""
        for _hour in range(hours):
            self.monotonic += HOUR.total_seconds()
            self.set_date(seconds=HOUR.total_seconds())
            for command in self.workers:
                command.run_once(now=timezone.now())

    def __enter__(self):
        self.traveller = self.date.start()
        return self

    def __exit__(self, *_):
        self.date.stop()


@pytest.fixture
def machine(monkeypatch, settings, tmp_path):
    """A machine that has run for a day, so that everything due is done."""
    settings.VAR_DIR = tmp_path
    with Machine(monkeypatch) as machine:
        WorkerHeartbeat.objects.create(name=clocks.PURGE, at=timezone.now())
        machine.run(hours=24)
        yield machine


def make_overdue_lead():
    """Return a lead whose retention ended one day ago."""
    return make_lead(now=timezone.now() - timedelta(days=181))


def is_there(lead):
    return Lead.objects.filter(pk=lead.pk).exists()


@pytest.mark.parametrize("days", [4, 31])
def test_after_days_off_the_purge_resumes_by_itself_once_the_date_has_held_for_24_hours(machine, days):
    machine.set_date(days=days)
    machine.restart()
    lead = make_overdue_lead()
    machine.run(hours=24)
    assert is_there(lead)
    machine.run(hours=2)
    assert not is_there(lead)
    later = make_overdue_lead()
    machine.run(hours=24)
    assert not is_there(later)


def test_the_24_hours_go_on_after_restarts_of_worker_and_machine(machine):
    machine.set_date(days=5)
    lead = make_overdue_lead()
    for _restart in range(4):
        machine.restart()
        machine.monotonic = 5.0  # a rebooted machine counts from zero
        machine.run(hours=6)
    assert is_there(lead), "the time between two workers is not counted"
    machine.run(hours=6)
    assert not is_there(lead)


def test_two_workers_do_not_count_the_same_hours_twice(machine):
    machine.set_date(days=5)
    machine.restart(workers=2)
    lead = make_overdue_lead()
    machine.run(hours=23)
    assert is_there(lead)
    machine.run(hours=3)
    assert not is_there(lead)


@pytest.mark.parametrize("moved", [{"days": 2}, {"days": -1}])
def test_a_date_that_is_changed_meanwhile_starts_the_24_hours_anew(machine, moved):
    machine.set_date(days=5)
    lead = make_overdue_lead()
    machine.run(hours=20)
    machine.set_date(**moved)
    machine.run(hours=20)
    assert is_there(lead)
    machine.run(hours=6)
    assert not is_there(lead)


@pytest.mark.parametrize("days", [40, 200])
def test_a_clock_that_is_months_ahead_erases_nobody_however_long_it_runs(machine, settings, days):
    lead = make_lead()
    machine.set_date(days=days)
    machine.run(hours=48)
    machine.restart()
    machine.run(hours=30)
    assert is_there(lead)
    assert not (settings.VAR_DIR / "erasures.log").exists()


def test_a_purge_that_only_failed_for_days_resumes_at_once(machine):
    lead = make_overdue_lead()
    WorkerHeartbeat.objects.filter(name=clocks.PURGE).update(at=timezone.now() - timedelta(days=5))
    machine.run(hours=1)
    assert not is_there(lead)


def test_between_a_change_of_the_clock_and_the_next_heartbeat_nothing_is_erased(machine):
    make_lead()
    machine.set_date(days=20)
    with pytest.raises(CommandError, match="Nothing was erased"):
        call_command("purge_leads")
    assert Lead.objects.exists()


def test_when_the_clock_is_right_again_the_purge_resumes_by_itself(machine):
    lead = make_lead()
    machine.set_date(days=200)
    machine.run(hours=2)
    machine.set_date(days=-200)
    overdue = make_overdue_lead()
    machine.run(hours=24)
    assert is_there(lead)
    assert not is_there(overdue)


def test_after_a_very_long_break_the_operator_confirms_the_date_once(machine, capsys):
    machine.set_date(days=200)
    lead = make_overdue_lead()
    for arguments in ([], ["--dry-run"]):
        with pytest.raises(CommandError, match="--ignore-clock"):
            call_command("purge_leads", *arguments)
    call_command("purge_leads", "--dry-run", "--ignore-clock")
    assert is_there(lead)
    call_command("purge_leads", "--ignore-clock")
    assert not is_there(lead)
    assert capsys.readouterr().out.count(lead.reference) == 2
    later = make_overdue_lead()
    machine.run(hours=24)
    assert not is_there(later)


@pytest.mark.parametrize("days", [-200, -4, 4])
def test_a_last_purge_days_ago_or_in_the_future_pauses_the_purge(days):
    WorkerHeartbeat.objects.create(name=clocks.PURGE, at=timezone.now() + timedelta(days=days))
    with pytest.raises(CommandError, match="set the clock"):
        call_command("purge_leads")
