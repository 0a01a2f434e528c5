"""Two machines, two workers, one PostgreSQL and nginx in front: one machine dies and nobody notices."""

import email
import http.client
import os
import shutil
import signal
import threading
from collections import Counter
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller

from tests import postgres
from tests.faults.sites import let_an_hour_pass, wait_until
from tests.front import BEHIND, Front
from tests.patients import Patients
from tests.site import Site, free_port

pytestmark = pytest.mark.faults

REFERENCES = "from contacts.models import Lead; print(*Lead.objects.values_list('reference', flat=True))"
WAITING = "from contacts.mail.outbox import waiting; print(waiting().count())"
EDIT = """
from clinic.models import ClinicProfile, ContentVersion
ClinicProfile.objects.update_or_create(pk=1, defaults={"phone": "+39 02 555 0199"})
ContentVersion.bump()
"""


class Letterbox:
    """A mail server that counts how often each mail arrived."""

    def __init__(self):
        self.arrived = Counter()

    async def handle_DATA(self, server, session, envelope):
        self.arrived[email.message_from_bytes(envelope.content)["Message-ID"]] += 1
        return "250 OK"


class Visitors:
    """People who read page after page meanwhile."""

    PATHS = ("/it/", "/en/vitiligo/", "/it/questionario/", "/en/treatments/micropigmentation/")

    def __init__(self, front):
        self.front, self.answers, self._stop = front, Counter(), threading.Event()
        self._thread = threading.Thread(target=self._read_on)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()

    def _read_on(self):
        while not self._stop.wait(0.03):
            path = self.PATHS[self.answers.total() % len(self.PATHS)]
            connection = self.front.connect()
            try:
                connection.request("GET", path)
                self.answers[connection.getresponse().status] += 1
            except (OSError, http.client.HTTPException) as error:
                self.answers[type(error).__name__] += 1
            finally:
                connection.close()


def kill_all(process):
    """SIGKILL a gunicorn with all its workers, as a machine that loses its power does."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    for pid in [process.pid, *map(int, children)]:
        os.kill(pid, signal.SIGKILL)
    process.wait()


def shows(site, words):
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=10)
    try:
        connection.request("GET", "/it/", headers={"Host": "www.example.org", "X-Forwarded-Proto": "https"})
        return words in connection.getresponse().read().decode()
    finally:
        connection.close()


@pytest.fixture
def letterbox():
    box = Letterbox()
    server = Controller(box, hostname="127.0.0.1", port=free_port())
    server.start()
    box.url = f"smtp://127.0.0.1:{server.port}"
    yield box
    server.stop()


def test_one_of_two_machines_dies_under_load_and_no_request_is_lost(tmp_path, letterbox):
    with postgres.throw_away_database() as url:
        mail = {"EMAIL_URL": letterbox.url, "MAIL_FROM": "site@example.org", "STAFF_INBOX": "desk@example.org"}
        environment = BEHIND | mail | {"DATABASE_URL": url}
        first, second = Site(tmp_path / "first", **environment), Site(tmp_path / "second", **environment)
        with first:
            shutil.copytree(first.folder / "var/keys", second.folder / "var/keys")
            with second, Front(tmp_path / "front", [first, second]) as front:
                first.start_worker()
                second.start_worker()
                with Visitors(front) as visitors, Patients(front.connect) as patients:
                    patients.wait_for(20)
                    kill_all(first.processes["web"])
                    second.processes["worker"].kill()
                    patients.wait_for(40)
                    first.start_web()
                    patients.wait_for(20)
                print(f"{len(patients.acknowledged)} acknowledged {patients.trouble}; pages {visitors.answers}")
                assert not patients.trouble
                assert set(visitors.answers) == {200}
                stored = first.python(REFERENCES).split()
                assert set(patients.acknowledged) <= set(stored)
                assert len(stored) == len(patients.acknowledged)

                # What staff change is seen on every machine.
                second.python(EDIT)
                for site in (first, second):
                    wait_until(lambda site=site: shows(site, "+39 02 555 0199"))

                # The worker that is left sends everything: a mail to the centre and one to the patient. What the dead
                # one had in hand is free when its lease is over.
                wait_until(lambda: let_an_hour_pass(first) or first.python(WAITING) == "0", seconds=120)
                assert len(letterbox.arrived) == 2 * len(stored)
                print(f"{letterbox.arrived.total()} mails, {letterbox.arrived.total() - len(letterbox.arrived)} twice")
