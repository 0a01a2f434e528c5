"""The door that gunicorn opens."""

import os
from contextlib import suppress

from django.core.wsgi import get_wsgi_application
from django.db import DatabaseError, connections

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
application = get_wsgi_application()

from django.conf import settings  # noqa: E402
from django.http import Http404, HttpRequest  # noqa: E402
from django.urls import resolve, reverse  # noqa: E402
from django.utils import translation  # noqa: E402

from clinic.caching.page_cache import PageCache  # noqa: E402
from clinic.encryption import fingerprints  # noqa: E402 - models exist only now
from clinic.facts import facts  # noqa: E402
from questionnaire.content import wording  # noqa: E402


def render_once():
    """Render a page in each language, so that the processes share what all pages are made of.

    Without it the first visitor of each process waits half a second while it compiles templates.
    """
    for language, _name in settings.LANGUAGES:
        with translation.override(language), suppress(Http404):
            request = HttpRequest()
            request.method, request.path = "GET", reverse("treatments:overview")
            request.resolver_match = match = resolve(request.path)
            match.func(request, *match.args, **match.kwargs)


fingerprints.verify()
# Read before the first visitor comes: the phone number and the questions serve on when the database goes away.
with suppress(DatabaseError):
    facts.current()
    wording.current()
    # Who works on a template waits for none at a start, and wants to see it at once.
    if not settings.DEBUG:
        render_once()
connections.close_all()
if not settings.DEBUG:
    application = PageCache(application)  # type: ignore[assignment]
