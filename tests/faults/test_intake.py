"""Nothing lost and nothing doubled, whatever dies, hangs, fills up or goes away (large counts: `make faults`)."""

import os
import signal
import subprocess

import pytest

from tests.faults import storms
from tests.faults.crowd import address, audit, post, send, send_twice, wait_for_mails
from tests.faults.sites import database_away, leads, wait_until, write_lock
from tests.site import Site

pytestmark = pytest.mark.faults


def assert_whole(figures):
    assert (figures.lost, figures.doubled) == (0, 0)


def assert_mailed_once(figures):
    assert_whole(figures)
    assert figures.mailed == figures.acknowledged
    assert figures.mailed_twice == 0


def test_every_lead_is_stored_and_mailed_once_when_all_is_well(fault_site, server):
    assert_mailed_once(storms.calm(fault_site, server, leads=24))


def test_a_hanging_mail_server_delays_mails_but_no_patient(fault_site, server):
    assert_mailed_once(storms.hanging(fault_site, server, leads=8))


def test_two_workers_bring_every_mail_once_to_a_server_that_refuses_puts_off_and_drops(fault_site, server):
    assert_mailed_once(storms.badly_received(fault_site, server, rounds=1, leads=2))


def test_a_clock_that_jumps_a_day_ahead_and_back_holds_no_mail_back(fault_site, server):
    assert_mailed_once(storms.clock_ahead(fault_site, server, leads=3))


def test_patients_who_click_twice_while_another_process_holds_the_lock_get_one_reference(fault_site):
    assert_whole(storms.locked(fault_site, clients=20, seconds=2))


def test_a_mail_worker_that_is_told_to_stop_finishes_the_mail_in_hand(fault_site, server):
    server.behaviour, server.in_hand = "slow", 0
    answers = {"told-to-stop": send(fault_site, "told-to-stop")}
    wait_until(lambda: server.in_hand)
    fault_site.kill("mail", signal.SIGTERM)
    server.behaviour = "well"
    wait_for_mails(fault_site, server, answers)
    assert_mailed_once(audit("", fault_site, server, answers))


def test_processes_that_are_killed_take_nothing_acknowledged_along(fault_site, server):
    figures = storms.killed(fault_site, server, leads=16, victims=["web", "mail", "master"])
    assert_whole(figures)
    assert figures.kills == 3
    assert figures.mailed == figures.acknowledged


def test_replies_whose_writer_and_whose_mail_worker_are_killed_all_arrive(fault_site, server):
    figures = storms.replied(fault_site, server, leads=4, kills=1)
    assert_whole(figures)
    # Only the mail that a killed worker had in hand may arrive a second time.
    assert figures.mailed_twice <= figures.kills


def test_while_the_database_is_away_nobody_is_thanked_and_nothing_typed_is_lost(fault_site):
    answers = {"diagnosed": "no", "family": "no", "patches": "yes"}
    with database_away(fault_site):
        refused = post(fault_site, "away")
        assert refused.status == 503
        for kept in ("patient-away@example.org", "Name away", "Message away"):
            assert kept in refused.html
        assert post(fault_site, "", path="/it/questionario/", **answers).status == 200
    assert_whole(audit("", fault_site, None, {"away": send(fault_site, "away")}))


def test_a_locked_database_costs_the_self_check_its_count_and_no_patient_their_time(fault_site):
    with write_lock(fault_site):
        answers = {"diagnosed": "no", "family": "no", "patches": "yes"}
        assert post(fault_site, "", path="/it/questionario/", timeout=10, **answers).status == 200


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk to fill")
def test_on_a_full_disk_nobody_is_thanked_and_what_was_stored_stays(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(disk)], check=True)
    try:
        with Site(tmp_path / "site", DATABASE_URL=f"sqlite:///{disk}/db.sqlite3", WEB_CONCURRENCY="1") as site:
            thanked = {"before": send(site, "before")}
            fill(disk / "filler")
            tried = {f"full{n}": post(site, f"full{n}", name="x" * 100, message="y" * 4000) for n in range(4)}
            last = tried["full3"]
            assert last.status == 503
            assert address("full3") in last.html
            assert "y" * 4000 in last.html
            thanked |= {number: answer for number, answer in tried.items() if answer.status == 303}
            (disk / "filler").unlink()
            thanked["after"] = send_twice(site, "after")
            stored = {(email, reference) for email, _name, _message, reference in leads(site)}
            assert {(address(number), answer.reference) for number, answer in thanked.items()} <= stored
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


AT_ONCE = """
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from django.db import connection
from django.utils import timezone
from contacts.intake.receive import NewRequest, receive
from contacts.intake.throttle import TooMany
from contacts.models import Arrival, Lead
barrier = Barrier(30)
def send(number):
    request = NewRequest(email=f"p{number}@example.org", message="x", language="it", source=f"source {number % 2}")
    barrier.wait()
    try:
        receive(request, now=timezone.now())
    except TooMany:
        return 1
    finally:
        connection.close()
    return 0
with ThreadPoolExecutor(30) as pool:
    refused = sum(pool.map(send, range(30)))
print(Lead.objects.count(), Arrival.objects.count(), refused)
"""


def test_of_thirty_requests_at_once_from_two_sources_each_stores_no_more_than_its_limit(own_database, tmp_path):
    site = Site(tmp_path, LEADS_PER_HOUR="5", **own_database)
    site.prepare()
    assert site.python(AT_ONCE).split() == ["10", "10", "20"]


def fill(path):
    with path.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)) == 4096:
                pass
        except OSError:
            return
