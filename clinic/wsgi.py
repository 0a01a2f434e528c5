"""WSGI entry point."""

import os
from contextlib import suppress

from django.core.wsgi import get_wsgi_application
from django.db import connections

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
application = get_wsgi_application()

from django.conf import settings  # noqa: E402
from django.contrib.staticfiles.storage import ManifestFilesMixin, staticfiles_storage  # noqa: E402
from django.core.exceptions import ImproperlyConfigured  # noqa: E402
from django.http import Http404, HttpRequest  # noqa: E402
from django.urls import resolve, reverse  # noqa: E402
from django.utils import translation  # noqa: E402

from clinic.caching.page_cache import PageCache  # noqa: E402
from clinic.database.errors import DATABASE_ERRORS  # noqa: E402
from clinic.encryption import fingerprints  # noqa: E402 - models exist only now
from clinic.facts import facts  # noqa: E402
from questionnaire.content import wording  # noqa: E402


def render_once():
    """Render a page in each language, so that the processes share compiled templates and translations.

    Without it the first request to each process takes half a second longer.
    """
    for language, _name in settings.LANGUAGES:
        with translation.override(language), suppress(Http404):
            request = HttpRequest()
            request.method, request.path = "GET", reverse("treatments:overview")
            request.resolver_match = match = resolve(request.path)
            match.func(request, *match.args, **match.kwargs)


if isinstance(staticfiles_storage, ManifestFilesMixin) and not staticfiles_storage.hashed_files:
    raise ImproperlyConfigured("Nothing is prepared to serve here: run clinic prepare (manage.py prepare).")
fingerprints.verify()
# Read before the first request: the phone number and the questions stay available when the database is not.
with suppress(*DATABASE_ERRORS):
    facts.current()
    wording.current()
    # During development templates change and the start should be quick.
    if not settings.DEBUG:
        render_once()
connections.close_all()
if not settings.DEBUG:
    application = PageCache(application)  # type: ignore[assignment]
