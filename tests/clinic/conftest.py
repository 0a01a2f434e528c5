"""The page cache for tests."""

import pytest
from django.core.handlers.wsgi import WSGIHandler

from clinic.caching.content_version import content_version
from clinic.caching.page_cache import PageCache


@pytest.fixture(scope="session")
def django():
    return WSGIHandler()


@pytest.fixture
def cached_site(db, django, monkeypatch):
    """The page cache in front of Django; each request reads the content version, in the test's own transaction."""
    monkeypatch.setattr(content_version, "number", None)
    monkeypatch.setattr(content_version, "_read_at", float("-inf"))
    monkeypatch.setattr(content_version, "start", content_version.poll)
    return PageCache(django)
