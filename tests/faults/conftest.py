"""One site under supervisor and one mail server for the fault tests, on each database."""

import os
from contextlib import contextmanager

import pytest

from tests import postgres
from tests.faults.sites import SupervisedSite
from tests.faults.storms import mail_settings
from tests.mail_server import MailServer

ENGINES = ["SQLite", "PostgreSQL"]
# The suite takes whole files through one of them, `make faults` through the other too.
ENGINES_OF_FILES = os.environ.get("FAULTS_ON", "SQLite").split()


@contextmanager
def new_database(engine):
    """Yield the environment that puts a site on a new database of `engine`."""
    if engine == "SQLite":
        yield {}
    else:
        with postgres.throw_away_database() as url:
            yield {"DATABASE_URL": url}


@pytest.fixture(scope="module", params=ENGINES_OF_FILES)
def database(request):
    """Environment that puts the site of a whole file on one of the two databases."""
    with new_database(request.param) as environment:
        yield environment


@pytest.fixture(params=ENGINES)
def own_database(request):
    """The same for a site of one test, with keys of its own."""
    with new_database(request.param) as environment:
        yield environment


@pytest.fixture(scope="module")
def server():
    with MailServer() as server:
        yield server


@pytest.fixture(scope="module")
def fault_site(database, server, tmp_path_factory):
    with SupervisedSite(tmp_path_factory.mktemp("faults"), **database, **mail_settings(server)) as site:
        yield site
