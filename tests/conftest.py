"""What every test may ask for: the seed content in the database, a real site, a real browser."""

import pytest
from django.core.management import call_command
from django.db.backends.base.base import BaseDatabaseWrapper
from hypothesis import settings as hypothesis

from clinic.caching.content_version import content_version
from clinic.facts import facts
from questionnaire.content import wording
from tests.site import Site

# No test depends on how busy the machine is.
hypothesis.register_profile("no deadline", deadline=None)
hypothesis.load_profile("no deadline")


def pytest_collection_modifyitems(items):
    """Begin with real sites and browsers: what is short comes last, where processes of a run wait for one another."""
    items.sort(key=lambda item: item.get_closest_marker("django_db") is not None)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """The database of the tests holds the first content, as a new site does."""
    with django_db_blocker.unblock():
        call_command("load_content", verbosity=0)


@pytest.fixture(autouse=True)
def _empty_caches(monkeypatch):
    """Every test starts with empty caches and without the thread that polls the content version."""
    monkeypatch.setattr(content_version, "start", lambda: None)
    facts.invalidate()
    wording.invalidate()


@pytest.fixture(autouse=True)
def _one_connection(monkeypatch):
    """A test's transaction lives on one connection: what runs between two requests leaves it open."""
    monkeypatch.setattr(BaseDatabaseWrapper, "close_if_unusable_or_obsolete", lambda self: None)


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """A real site: gunicorn with production settings on a database of its own."""
    with Site(tmp_path_factory.mktemp("site")) as site:
        yield site


@pytest.fixture(scope="session")
def https_site(tmp_path_factory):
    """A real site as it runs behind one proxy that ends TLS."""
    folder = tmp_path_factory.mktemp("https-site")
    with Site(folder, SITE_URL="https://www.example.org", TRUSTED_PROXIES="1") as site:
        yield site
