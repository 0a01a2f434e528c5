"""A colleague at reception, the desk as she sees it signed in, and a real mail server."""

import pytest

from tests.mail_server import STAFF, MailServer
from tests.staff import make_staff, signed_in


@pytest.fixture
def anna():
    return make_staff("anna")


@pytest.fixture
def desk(anna):
    return signed_in(anna)


@pytest.fixture(scope="module")
def running_server():
    with MailServer() as server:
        yield server


@pytest.fixture
def server(running_server, settings):
    """The mail server, empty and in order; the site sends to it."""
    running_server.received.clear()
    running_server.behaviour = "well"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_URL, settings.EMAIL_HOST, settings.EMAIL_PORT = running_server.url, "127.0.0.1", running_server.port
    settings.EMAIL_TIMEOUT = 2
    settings.STAFF_INBOX, settings.DEFAULT_FROM_EMAIL = STAFF, "site@clinic.example"
    return running_server
