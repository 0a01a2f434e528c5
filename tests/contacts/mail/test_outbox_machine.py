"""The outbox as a state machine: two workers, a crash at each step, clocks that jump, a server that refuses.

No mail is lost, none arrives twice but the one in hand, and every wait has an end. A reply is there with what it
answers or not at all, and one that was taken back never arrives. What the two databases do for it, locks and commits,
the fault tests show on both.
"""

import smtplib
from collections import Counter
from contextlib import contextmanager
from contextvars import copy_context
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.db import OperationalError, connection, transaction
from greenlet import getcurrent, greenlet
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from contacts.clocks import WRONG_CLOCK
from contacts.inbox import correspondence
from contacts.intake.receive import NewRequest, receive
from contacts.mail import outbox
from contacts.models import Lead, OutboxEmail

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
BEGIN = datetime(2026, 11, 2, 9, tzinfo=UTC)
# What the server may do, and whether the mail has arrived then.
SERVER = {
    "takes it": (None, True),
    "refuses the connection": (ConnectionRefusedError(111, "Connection refused"), False),
    "refuses the sign-in": (smtplib.SMTPAuthenticationError(535, b"no"), False),
    "refuses the recipient": (smtplib.SMTPRecipientsRefused({"x": (550, b"unknown")}), False),
    "puts the recipient off": (smtplib.SMTPRecipientsRefused({"x": (451, b"later")}), False),
    "puts the mail off": (smtplib.SMTPDataError(451, b"later"), False),
    "refuses the mail": (smtplib.SMTPDataError(554, b"no"), False),
    "hangs": (TimeoutError("timed out"), False),
    "takes it and is gone before it says so": (smtplib.SMTPServerDisconnected("gone"), True),
}
MOST_LEADS = 6
WHICH = st.sampled_from([0, 1])
WAITS = [timedelta(seconds=3), timedelta(minutes=1), timedelta(minutes=6), timedelta(hours=2), timedelta(days=2)]
SKEWS = [timedelta(0), timedelta(seconds=20), timedelta(hours=-3), timedelta(days=40), timedelta(days=-400)]


real_claim = outbox.claim


class Killed(BaseException):
    """What a worker meets that is killed: nothing catches it."""


class Worker:
    """One worker process: its clock, the mail in its hand, and where in its work it is paused."""

    def __init__(self):
        self.skew = timedelta(0)
        self.stop()

    def stop(self):
        self.at_work = self.mail = self.claimed_at = None
        self.has_delivered = False
        # Statements until it is killed.
        self.statements_left = None


class Outbox(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.now, self.workers = BEGIN, [Worker(), Worker()]
        self.arrived, self.excused, self.taken_back = Counter(), Counter(), set()
        self.current, self.answer, self.lost_statements = None, "takes it", 0
        self.patches = pytest.MonkeyPatch()
        self.patches.setattr(smtplib, "SMTP", self.connect)
        self.patches.setattr(outbox, "claim", self.claim)
        self.patches.setattr(outbox, "time", SimpleNamespace(monotonic=lambda: self.now.timestamp(), sleep=self.sleep))
        self.everything = transaction.atomic()
        self.everything.__enter__()
        self.statements = connection.execute_wrapper(self.execute)
        self.statements.__enter__()

    # --- What happens ---

    @rule(name=st.sampled_from(["anna", "bea"]), honeypot=st.sampled_from(["", "", "", "filled in"]))
    def receive(self, name, honeypot):
        if (number := Lead.objects.count()) < MOST_LEADS:
            address, message = f"{name}@example.org", f"Request {number}"
            receive(NewRequest(email=address, message=message, language="it", honeypot=honeypot), now=self.now)

    @rule(which=st.integers(0, MOST_LEADS), statements=st.none() | st.integers(0, 16))
    def reply(self, which, statements=None):
        """Let a colleague answer the open leads of one person; the process may be killed at one of its statements."""
        leads = list(Lead.objects.exclude(status=Lead.Status.SUSPECTED).order_by("created_at", "pk"))
        if which >= len(leads):
            return
        lead, also = leads[which], [each.pk for each in leads]
        before = self.written()
        try:
            with self.kill_after(statements):
                correspondence.send_reply(
                    lead.pk, version=lead.version, text="Text", also=also, actor=None, now=self.now
                )
        except Killed:
            assert self.written() == before

    @rule(which=st.integers(0, 2), statements=st.none() | st.integers(0, 16))
    def take_back(self, which, statements=None):
        replies = list(OutboxEmail.objects.filter(kind="reply").order_by("-pk"))
        if which >= len(replies):
            return
        reply, before = replies[which], self.written()
        try:
            with self.kill_after(statements):
                correspondence.take_back(reply.lead_id, reply.pk, actor=None, now=self.now)
        except (Killed, correspondence.TooLate):
            assert self.written() == before
        else:
            self.taken_back.add(reply.message_id)

    def written(self):
        """Return what replies change: the status and version of each lead, and which replies there are."""
        leads = Lead.objects.order_by("pk").values_list("pk", "status", "version")
        return list(leads), set(OutboxEmail.objects.filter(kind="reply").values_list("message_id", flat=True))

    @contextmanager
    def kill_after(self, statements):
        self.current = Worker()
        self.current.statements_left = statements
        try:
            yield
        finally:
            self.current = None

    @rule(
        which=WHICH,
        answer=st.sampled_from([*SERVER, "killed"]),
        lost_statements=st.sampled_from([0, 0, 0, 1, 400]),
        statements=st.none() | st.integers(0, 9),
    )
    def step(self, which, answer="takes it", lost_statements=0, statements=None):
        """Let a worker take a mail, or go on with the one in hand to its next step on the network or to its end.

        It may be killed there or at one of its statements; the database may be away for some when it writes.
        """
        worker = self.workers[which]
        self.answer, worker.statements_left = answer, statements
        if worker.at_work is None:
            now = self.now + worker.skew
            worker.at_work = greenlet(lambda: outbox.send_next(now=now))
            # Of the test, whose connection is there: after browser tests, which keep an event loop, Django looks there.
            worker.at_work.gr_context = copy_context()
            self.run(worker)
        else:
            self.lost_statements = lost_statements
            self.run(worker, Killed if answer == "killed" else None)
            self.lost_statements = 0

    @rule(which=WHICH, answer=st.sampled_from(sorted(SERVER)))
    def turn(self, which, answer="takes it"):
        """Let a worker go on to the end of its mail."""
        self.step(which, answer)
        while self.workers[which].at_work:
            self.step(which, answer)

    @rule(wait=st.sampled_from(WAITS))
    def wait(self, wait):
        self.now += wait

    @rule(which=WHICH, skew=st.sampled_from(SKEWS))
    def jump(self, which, skew):
        self.workers[which].skew = skew

    # --- What must hold ---

    @invariant()
    def a_mail_counts_as_sent_only_when_it_arrived(self):
        for mail in OutboxEmail.objects.exclude(sent_at=None):
            assert self.arrived[mail.message_id]

    @invariant()
    def no_mail_is_gone(self):
        waiting = Lead.objects.exclude(status=Lead.Status.SUSPECTED).count()
        assert OutboxEmail.objects.filter(kind__in=OutboxEmail.AUTOMATIC).count() == 2 * waiting

    @invariant()
    def a_lead_is_answered_exactly_while_there_is_its_reply(self):
        replies = OutboxEmail.objects.filter(kind="reply").values_list("lead__email_digest", flat=True)
        answered = Lead.objects.filter(status=Lead.Status.ANSWERED).values_list("email_digest", flat=True)
        assert set(answered) == set(replies)

    @invariant()
    def what_was_taken_back_never_arrives(self):
        assert not self.taken_back & self.arrived.keys()

    @invariant()
    def none_arrives_twice_but_the_one_in_hand(self):
        assert all(times <= 1 + self.excused[mail] for mail, times in self.arrived.items())

    def teardown(self):
        """Once all is well again everything arrives, after a day's pause at most, three a day to one address."""
        try:
            for worker in self.workers:
                worker.skew = timedelta(0)
                if worker.at_work:
                    self.run(worker, Killed)
            days = 1 + MOST_LEADS // outbox.MAX_DAILY_PER_ADDRESS
            give_up_at = self.now + days * outbox.PAUSE_AFTER_REFUSAL + outbox.MAX_PAUSE + WRONG_CLOCK
            while outbox.waiting().exists() and self.now <= give_up_at:
                if not outbox.due(now=self.now).exists():
                    self.now += timedelta(hours=1)
                self.turn(0)
            assert list(outbox.waiting().values("kind", "due_at", "claimed_until")) == []
            self.none_arrives_twice_but_the_one_in_hand()
        finally:
            self.statements.__exit__(None, None, None)
            transaction.set_rollback(True)
            self.everything.__exit__(None, None, None)
            self.patches.undo()

    # --- What the workers meet ---

    def run(self, worker, exception=None):
        """Let `worker` go on to its next step on the network, to the end of its work, or to its death."""
        self.current, began = worker, self.now
        try:
            if exception:
                worker.at_work.throw(exception)
            else:
                worker.at_work.switch()
        except Killed:
            pass  # it is started again
        except OperationalError:
            # Only a database that was away for a whole lease ends a worker's patience.
            assert self.now >= began + outbox.LEASE
        finally:
            self.current = None
        if worker.at_work.dead:
            if worker.mail:
                after = OutboxEmail.objects.get(pk=worker.mail.pk)
                # By the clock that is furthest ahead: the other worker may have put it off meanwhile.
                assert after.due_at <= self.now + max(SKEWS) + outbox.PAUSE_AFTER_REFUSAL
                if worker.has_delivered and not after.sent_at:
                    self.excused[after.message_id] += 1
            worker.stop()

    def pause(self):
        getcurrent().parent.switch()

    def claim(self, *, now):
        mail, worker = real_claim(now=now), self.current
        (other,) = (each for each in self.workers if each is not worker)
        if mail and other.mail and mail.pk == other.mail.pk:
            # Only when its lease is over, or one of the two clocks is wrong: then it may arrive once more.
            assert now >= other.claimed_at + outbox.LEASE or now < other.claimed_at - WRONG_CLOCK
            self.excused[mail.message_id] += 1
        worker.mail, worker.claimed_at = mail, now
        return mail

    def connect(self, *arguments, **options):
        self.pause()
        if self.answer in {"refuses the connection", "refuses the sign-in"}:
            raise SERVER[self.answer][0]
        return SimpleNamespace(sendmail=self.sendmail, quit=lambda: None, close=lambda: None)

    def sendmail(self, sender, recipients, content):
        self.pause()
        error, arrives = SERVER[self.answer]
        if arrives:
            self.arrived[self.current.mail.message_id] += 1
            self.current.has_delivered = True
            self.pause()
        if error:
            raise error

    def execute(self, execute, sql, params, many, context):
        worker = self.current
        # A commit or a roll-back is done or not: the statements before and after it stand for both.
        if worker and not sql.startswith(("RELEASE", "ROLLBACK")):
            if worker.statements_left == 0:
                worker.statements_left = None
                raise Killed
            if worker.statements_left:
                worker.statements_left -= 1
            if self.lost_statements and sql.startswith("UPDATE"):
                self.lost_statements -= 1
                raise OperationalError("database is locked")
        return execute(sql, params, many, context)

    def sleep(self, seconds):
        self.now += timedelta(seconds=seconds)


def test_no_mail_is_lost_and_none_is_sent_twice_but_the_one_in_hand(settings, monkeypatch):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_URL, settings.STAFF_INBOX = "smtp://mail.example.org", "reception@clinic.example"
    monkeypatch.setattr(outbox, "close_old_connections", lambda: None)
    run_state_machine_as_test(
        Outbox,
        settings=hypothesis(
            max_examples=40, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
