"""Patients who keep sending requests while a test causes a failure; every acknowledged request must be stored."""

import http.client
import threading
import time
from collections import Counter
from collections.abc import Callable
from urllib.parse import urlencode

from contacts.privacy import consents

CONTACT = "/it/contatti/"
PAUSE_SECONDS = 0.05


class Patients:
    """`with Patients(connect) as patients:` has `count` threads send one request after the other.

    `connect` opens a connection to the site. `acknowledged` maps the reference that a patient was given to the
    time of the answer; `trouble` counts every other answer.
    """

    def __init__(self, connect: Callable[[], http.client.HTTPConnection], *, count: int = 3, name: str = "anna"):
        self.connect, self.name = connect, name
        self.acknowledged: dict[str, float] = {}
        self.trouble: Counter[str] = Counter()
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._write_on, args=(number,)) for number in range(count)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def wait_for(self, count: int, seconds: float = 60) -> None:
        """Return when `count` more requests were acknowledged."""
        wanted, give_up_at = len(self.acknowledged) + count, time.monotonic() + seconds
        while len(self.acknowledged) < wanted:
            assert time.monotonic() < give_up_at, f"{self.acknowledged} {self.trouble}"
            time.sleep(0.02)

    def post(self, form: dict) -> http.client.HTTPResponse:
        connection = self.connect()
        try:
            headers = {"Content-Type": "application/x-www-form-urlencoded"}
            connection.request("POST", CONTACT, urlencode(form), headers)
            response = connection.getresponse()
            response.read()
            return response
        finally:
            connection.close()

    def _write_on(self, person: int) -> None:
        number = 0
        while not self._stop.wait(PAUSE_SECONDS):
            number += 1
            form = {
                "email": f"{self.name}{person}.{number}@example.org",
                "message": "Vorrei un appuntamento.",
                "consent": "on",
                "consent_version": consents.CURRENT,
            }
            try:
                response = self.post(form)
            except (OSError, http.client.HTTPException) as error:
                self.trouble[type(error).__name__] += 1
                continue
            if response.status == 303:
                self.acknowledged[response.headers["Location"].rstrip("/").split("/")[-1]] = time.monotonic()
            else:
                self.trouble[str(response.status)] += 1
