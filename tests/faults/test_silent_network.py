"""The network to PostgreSQL goes silent: no error, only nothing. Readers must not notice, writers must be told."""

import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import psycopg
import pytest

from tests import postgres
from tests.bench.server import Reader
from tests.faults.crowd import post
from tests.faults.silent_network import SilentNetwork
from tests.faults.sites import leads, wait_until
from tests.site import Site

pytestmark = pytest.mark.faults
READY, NEVER_READ = "/it/vitiligine/", "/en/vitiligo/"
# Five until a lost connection is noticed: no reader waits for it.
WAIT_SECONDS = 5
# Those and five more for a new one that does not come, with room for a busy machine.
BOUND_SECONDS = 30


def read(site, path) -> tuple[str, float]:
    """Return the status of a page and how long it took."""
    began, reader = time.monotonic(), Reader(site.port, path)
    try:
        return reader.read()[0][:3], time.monotonic() - began
    finally:
        reader.connection.close()


def test_a_silent_network_delays_no_ready_page_and_costs_a_writer_seconds_not_minutes(tmp_path):
    with postgres.throw_away_database() as url:
        there = urlsplit(url)
        with SilentNetwork(there.hostname, there.port or 5432) as network, ThreadPoolExecutor(3) as crowd:
            through = there._replace(netloc=f"{there.netloc.rpartition('@')[0]}@127.0.0.1:{network.port}").geturl()
            with Site(tmp_path, DATABASE_URL=through, WEB_CONCURRENCY="1") as site:
                assert (read(site, READY)[0], post(site, 1).status) == ("200", 303)
                # Once more when the process has learnt the content version: from now on the page is ready.
                time.sleep(1.5)
                assert read(site, READY)[0] == "200"

                with psycopg.connect(url) as other:
                    other.execute("LOCK TABLE contacts_lead IN EXCLUSIVE MODE")
                    # The network is lost while this one waits for an answer, and before the other two ask.
                    tries = [crowd.submit(post, site, 2)]
                    time.sleep(0.5)
                    network.go_silent()
                tries += [crowd.submit(post, site, 3), crowd.submit(read, site, NEVER_READ)]
                readings = []
                while not all(attempt.done() for attempt in tries):
                    readings.append(read(site, READY))
                    time.sleep(0.1)
                first, second, page = (attempt.result() for attempt in tries)
                assert {status for status, _seconds in readings} == {"200"}
                assert max(seconds for _status, seconds in readings) < WAIT_SECONDS
                assert (first.status, second.status, page[0]) == (503, 503, "503")
                assert "Message 2" in first.html
                assert max(first.seconds, second.seconds, page[1]) < BOUND_SECONDS

                network.come_back()
                wait_until(lambda: post(site, 3).status == 303, seconds=BOUND_SECONDS)
                assert read(site, NEVER_READ)[0] == "200"
                assert len(leads(site)) == 2
