"""Patients who all write at once, each again and again until the site has said thank you, and what became of it."""

import http.client
import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Barrier
from urllib.parse import urlencode

from contacts.privacy import consents
from tests.faults.sites import execute, leads, let_an_hour_pass
from tests.mail_server import MailServer
from tests.site import Site

PATIENCE_SECONDS = 90


@dataclass
class Answer:
    status: int
    location: str
    html: str
    seconds: float

    @property
    def reference(self) -> str:
        return self.location.rstrip("/").rpartition("/")[2]


def address(number) -> str:
    return f"patient-{number}@example.org"


def post(site: Site, number, *, path="/it/contatti/", timeout=PATIENCE_SECONDS, **changes) -> Answer:
    """Send request `number` once."""
    fields = {"email": address(number), "name": f"Name {number}", "message": f"Message {number}", "consent": "on"}
    body = urlencode(fields | {"consent_version": consents.CURRENT} | changes)
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=timeout)
    began = time.monotonic()
    try:
        connection.request("POST", path, body, {"Content-Type": "application/x-www-form-urlencoded"})
        response = connection.getresponse()
        html = response.read().decode()
        return Answer(response.status, response.getheader("Location", ""), html, time.monotonic() - began)
    finally:
        connection.close()


def send(site: Site, number) -> Answer:
    """Send request `number` until it is acknowledged."""
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            answer = post(site, number)
            if answer.status == 303:
                return answer
        except (OSError, http.client.HTTPException):
            pass
        if time.monotonic() > give_up_at:
            raise AssertionError(f"Request {number} was never acknowledged:\n{site.log.read_text()[-3000:]}")
        time.sleep(0.2)


def crowd(site: Site, numbers: Iterable, *, clients: int, act=send) -> dict:
    """Let `clients` patients at a time `act`; return the answer to each number."""
    numbers = list(numbers)
    with ThreadPoolExecutor(clients) as pool:
        return dict(zip(numbers, pool.map(lambda number: act(site, number), numbers), strict=True))


def send_twice(site: Site, number) -> Answer:
    """Click twice: two identical requests leave at the same moment; both must get the same reference."""
    barrier = Barrier(2)

    def click(_which):
        barrier.wait()
        return send(site, number)

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(click, range(2))
    assert first.reference == second.reference, f"{number}: {first.reference} and {second.reference}"
    return first


@dataclass
class Figures:
    """What a table of `make faults` shows of one run."""

    what: str
    acknowledged: int = 0
    lost: int = 0
    doubled: int = 0
    kills: int = 0
    mailed: int = 0
    mailed_twice: int = 0
    seconds: list[float] = field(default_factory=list)

    def percentile(self, percent: float) -> str:
        times = sorted(self.seconds)
        return f"{times[min(int(len(times) * percent / 100), len(times) - 1)] * 1000:.0f}" if times else ""

    def row(self) -> list:
        counts = [self.acknowledged, self.lost, self.doubled, self.kills, self.mailed, self.mailed_twice]
        return [self.what, *counts, self.percentile(50), self.percentile(99)]


def audit(what: str, site: Site, server: MailServer | None, answers: dict, *, kills=0) -> Figures:
    """Compare what was acknowledged with what is stored and what was mailed."""
    stored = defaultdict(list)
    for *content, reference in leads(site):
        stored[tuple(content)].append(reference)
    figures = Figures(what, len(answers), kills=kills, seconds=[answer.seconds for answer in answers.values()])
    for number, answer in answers.items():
        references = stored[address(number), f"Name {number}", f"Message {number}"]
        figures.lost += answer.reference not in references
        figures.doubled += len(references) > 1
    if server:
        arrived = Counter(message["To"] for message in server.messages())
        figures.mailed = sum(arrived[address(number)] > 0 for number in answers)
        figures.mailed_twice = sum(times > 1 for times in server.times_by_message().values())
    return figures


def wait_for_mails(site: Site, server: MailServer, numbers: Iterable) -> None:
    """Let hours pass until each of these requests has had its mail and the centre all of its own."""
    wanted = {address(number) for number in numbers}
    waiting, give_up_at = None, time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < give_up_at:
        before, waiting = (
            waiting,
            execute(site, "SELECT count(*) FROM contacts_outboxemail WHERE sent_at IS NULL")[0][0],
        )
        if not waiting and wanted <= {message["To"] for message in server.messages()}:
            return
        if waiting != before:
            give_up_at = time.monotonic() + PATIENCE_SECONDS
        let_an_hour_pass(site)
        time.sleep(0.5)
    raise AssertionError(f"{waiting} mails never left:\n{site.log.read_text()[-3000:]}")
