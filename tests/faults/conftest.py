"""One site under supervisor and one mail server for the fault tests, on each database."""

import pytest

from tests import postgres
from tests.faults.sites import SupervisedSite
from tests.faults.storms import mail_settings
from tests.mail_server import MailServer


@pytest.fixture(scope="module", params=["SQLite", "PostgreSQL"])
def database(request):
    """Environment that puts a site on one of the two databases."""
    if request.param == "SQLite":
        yield {}
    else:
        with postgres.throw_away_database() as url:
            yield {"DATABASE_URL": url}


@pytest.fixture(scope="module")
def server():
    with MailServer() as server:
        yield server


@pytest.fixture(scope="module")
def fault_site(database, server, tmp_path_factory):
    with SupervisedSite(tmp_path_factory.mktemp("faults"), **database, **mail_settings(server)) as site:
        yield site
