"""A real SMTP server for tests, which takes mail well or as badly as a test asks."""

import asyncio
import email
import ssl
from collections import Counter
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult

from tests.front import certificate
from tests.site import free_port

# The address of the centre in tests.
STAFF = "reception@clinic.example"


class MailServer:
    """`with MailServer() as server:`; `behaviour` is "well", an answer to RCPT or DATA, "hang" or "drop"."""

    def __init__(self):
        self.port, self.behaviour, self.received = free_port(), "well", []
        self.url = f"smtp://127.0.0.1:{self.port}"
        self.in_hand = 0

    def start(self):
        self.controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self.controller.start()

    def stop(self):
        """From now on connections are refused."""
        self.controller.stop(no_assert=True)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.behaviour = "well"
        self.stop()

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        session.host_name = hostname
        await self.hang_as_asked()
        return responses

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.behaviour.startswith("RCPT "):
            return self.behaviour.removeprefix("RCPT ").format(address=address)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session, envelope):
        self.in_hand += 1
        if self.behaviour.startswith("DATA "):
            return self.behaviour.removeprefix("DATA ")
        if self.behaviour == "drop":
            server.transport.abort()
            return "421 gone"
        if self.behaviour == "slow":
            await asyncio.sleep(1)
        self.received.append((tuple(envelope.rcpt_tos), envelope.content))
        return "250 OK"

    async def hang_as_asked(self):
        while self.behaviour == "hang":
            await asyncio.sleep(0.05)

    def messages(self, to: str | None = None) -> list[EmailMessage]:
        return [
            email.message_from_bytes(content, policy=default)
            for recipients, content in list(self.received)
            if to in (None, *recipients)
        ]

    def times_by_message(self) -> Counter:
        """Return how often each Message-ID arrived."""
        return Counter(message["Message-ID"] for message in self.messages())


class TLSMailServer:
    """A server called localhost that takes mail over TLS from those who sign in; `sessions` says who came, and how."""

    def __init__(self, folder: Path, *, begins_with_tls: bool):
        certificate(folder, name="localhost")
        self.certificate, self.port, self.sessions = folder / "fullchain.pem", free_port(), []
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.certificate, folder / "privkey.pem")
        self.controller = Controller(
            self, hostname="localhost", port=self.port, authenticator=self.authenticate, auth_require_tls=False,
            **{"ssl_context" if begins_with_tls else "tls_context": context},
        )  # fmt: skip

    def __enter__(self):
        self.controller.start()
        return self

    def __exit__(self, *_):
        self.controller.stop()

    def authenticate(self, server, session, envelope, mechanism, given):
        is_tls = server.transport.get_extra_info("cipher") is not None
        self.sessions.append((given.login.decode(), given.password.decode(), is_tls))
        return AuthResult(success=True)
