"""What may happen to a site while patients write, one function each; small in the suite, large by `make faults`."""

import itertools
import re
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import contextmanager

from tests.faults.crowd import Figures, audit, crowd, send_twice, wait_for_mails
from tests.faults.sites import SupervisedSite, execute, write_lock
from tests.mail_server import MailServer
from tests.site import ROOT, Site

STAFF = "reception@clinic.example"
# What a colleague does who answers one lead after the other; each is printed once it is done.
ANSWER_ALL = """
from django.utils import timezone
from contacts.inbox import correspondence
from contacts.models import Lead
for lead in [lead for lead in Lead.objects.open().order_by("created_at") if "replied" in lead.email]:
    text = f"Reply to {lead.reference}."
    correspondence.send_reply(lead.pk, version=lead.version, text=text, also=[], actor=None, now=timezone.now())
    print(lead.reference, flush=True)
"""


def mail_settings(server: MailServer) -> dict[str, str]:
    return {"EMAIL_URL": server.url, "STAFF_INBOX": STAFF, "MAIL_FROM": "site@clinic.example"}


@contextmanager
def second_worker(site: Site, *, days_ahead: int = 0):
    """Run another mail worker beside the site's own; with `days_ahead`, one whose clock is wrong."""
    code = (
        "import datetime, runpy, sys, time_machine\n"
        f"ahead = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days={days_ahead})\n"
        "time_machine.travel(ahead).start()\n"
        "sys.argv = ['manage.py', 'worker']\n"
        "runpy.run_path('manage.py', run_name='__main__')\n"
    )
    process = site.start("second worker", "-c", code)
    try:
        yield
    finally:
        process.terminate()
        process.wait(60)


def calm(site: Site, server: MailServer, *, leads: int, clients: int = 16) -> Figures:
    """Nothing happens."""
    answers = crowd(site, [f"calm{n}" for n in range(leads)], clients=clients)
    wait_for_mails(site, server, answers)
    return audit("mail server well", site, server, answers)


def hanging(site: Site, server: MailServer, *, leads: int, clients: int = 16) -> Figures:
    """The mail server takes connections and never answers; then it is well again."""
    server.behaviour = "hang"
    answers = crowd(site, [f"hanging{n}" for n in range(leads)], clients=clients)
    server.behaviour = "well"
    wait_for_mails(site, server, answers)
    return audit("mail server hanging", site, server, answers)


def badly_received(site: Site, server: MailServer, *, rounds: int, leads: int) -> Figures:
    """Two workers meet a server that refuses connections, says later, drops the line after the message, is slow."""
    answers = {}
    with second_worker(site):
        for number, behaviour in enumerate(["stopped", "RCPT 451 later", "DATA 451 later", "drop", "slow"] * rounds):
            if behaviour == "stopped":
                server.stop()
            else:
                server.behaviour = behaviour
            answers |= crowd(site, [f"bad{number}-{n}" for n in range(leads)], clients=8)
            time.sleep(1)
            if behaviour == "stopped":
                server.start()
        server.behaviour = "well"
        wait_for_mails(site, server, answers)
    return audit("mail server stopped, 451, dropping, slow", site, server, answers)


def clock_ahead(site: Site, server: MailServer, *, leads: int, days: int = 1) -> Figures:
    """A worker whose clock is a day ahead fails on some mails; the one with the right time sends them today."""
    server.behaviour = "DATA 451 later"
    answers = crowd(site, [f"clock{n}" for n in range(leads)], clients=4)
    with second_worker(site, days_ahead=days):
        time.sleep(3)
    server.behaviour = "well"
    wait_for_mails(site, server, answers)
    return audit("a worker's clock a day ahead", site, server, answers)


def locked(site: Site, *, clients: int, seconds: float) -> Figures:
    """Another process holds the write lock for a while; every patient clicks twice."""
    answers: dict = {}
    names = [f"locked{n}" for n in range(clients)]
    patients = threading.Thread(target=lambda: answers.update(crowd(site, names, clients=clients, act=send_twice)))
    with write_lock(site):
        patients.start()
        time.sleep(seconds)
    patients.join()
    return audit(f"write lock held for {seconds:g} s", site, None, answers)


def clicked_twice(site: Site, *, pairs: int, clients: int = 20) -> Figures:
    answers = crowd(site, [f"double{n}" for n in range(pairs)], clients=clients, act=send_twice)
    return audit("every patient clicks twice", site, None, answers)


def killed(site: SupervisedSite, server: MailServer, *, leads: int, victims: list[str], clients: int = 8) -> Figures:
    """Processes die by SIGKILL while patients write and mails are on their way; supervisor starts them again."""
    struck = 0

    def strike():
        nonlocal struck
        for kind in victims:
            site.wait_until_ready(90)
            time.sleep(0.5)
            while not site.kill(kind):
                time.sleep(0.1)
            struck += 1

    server.behaviour = "slow"
    killer = threading.Thread(target=strike)
    killer.start()
    answers: dict = {}
    for batch in itertools.count():
        answers |= crowd(site, [f"killed{batch}-{n}" for n in range(clients * 2)], clients=clients)
        if not killer.is_alive() and len(answers) >= leads:
            break
    server.behaviour = "well"
    wait_for_mails(site, server, answers)
    return audit("SIGKILL of web workers, master, mail worker", site, server, answers, kills=struck)


def replied(site: SupervisedSite, server: MailServer, *, leads: int, kills: int) -> Figures:
    """Whoever writes replies dies by SIGKILL in the middle of them, and so does the mail worker; both start again."""
    answers = crowd(site, [f"replied{n}" for n in range(leads)], clients=4)
    wait_for_mails(site, server, answers)
    server.behaviour = "slow"
    for number in range(kills + 1):
        command = [sys.executable, "manage.py", "shell", "--no-imports", "--command", ANSWER_ALL]
        with subprocess.Popen(command, cwd=ROOT, env=site.environment, stdout=subprocess.PIPE, text=True) as colleague:
            if number == kills:
                colleague.communicate()
                break
            colleague.stdout.readline()
            colleague.kill()
        site.kill("mail")
    server.behaviour = "well"
    wait_for_mails(site, server, answers)
    arrived = Counter(re.findall(r"Reply to (\S+)\.", " ".join(texts(server))))
    answered = execute(site, "SELECT count(*) FROM contacts_lead WHERE status = 'answered'")[0][0]
    figures = Figures("SIGKILL of who writes replies, and of the mail worker", leads, kills=kills)
    figures.lost = leads - sum(answer.reference in arrived for answer in answers.values())
    figures.doubled = execute(site, "SELECT count(*) FROM contacts_outboxemail WHERE kind = 'reply'")[0][0] - answered
    figures.mailed, figures.mailed_twice = len(arrived), sum(times > 1 for times in arrived.values())
    return figures


def texts(server: MailServer) -> list[str]:
    return [message.get_body(["plain"]).get_content() for message in server.messages()]
