"""Answers public pages from ready bytes before Django runs; renders them anew when their content has changed."""

import hashlib
import logging
import os
import threading
import time
from functools import lru_cache, wraps

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.request import split_domain_port, validate_host
from django.utils.cache import get_conditional_response

from clinic.caching.content_version import content_version
from clinic.caching.encodings import COMPRESS, best_coding
from clinic.logging import write_access

log = logging.getLogger(__name__)
# What appears by itself (scheduled news, closures) shows within a minute: half of it here, half in the browser.
LIFE_SECONDS = 30
BROWSERS = f"public, max-age={LIFE_SECONDS}, stale-while-revalidate={LIFE_SECONDS}, stale-if-error=86400"
# Of plain bodies in one process; with their compressed forms less than twice as much.
MOST_BYTES = 8 * 1024 * 1024
READS = {"GET", "HEAD"}
SCHEMES = {(scheme, told) for scheme in ("http", "https") for told in (None, "http", "https")}
CONDITIONS = {"HTTP_IF_MATCH", "HTTP_IF_NONE_MATCH"}


def cached_page(view):
    """Mark a public page that is the same for everyone, so that its GET may be answered from memory.

    Its view sees no query string: an address has one face, whatever is hung on it.
    """

    @wraps(view)
    def marked(request, *args, **kwargs):
        if request.method not in READS:
            return view(request, *args, **kwargs)
        request.META["QUERY_STRING"], request.GET = "", QueryDict()
        response = view(request, *args, **kwargs)
        if response.status_code == 200:
            response.is_same_for_everyone = True
            response["Cache-Control"] = BROWSERS
            response["Vary"] = "Accept-Encoding"
        return response

    return marked


class PageCache:
    """Stands before the Django application: one per process, keyed by path, bounded in bytes."""

    def __init__(self, application):
        self.application = application
        self.pages: dict[tuple, ReadyPage] = {}
        self.changing = threading.Lock()

    def __call__(self, environ, start_response):
        scheme = (environ["wsgi.url_scheme"], environ.get("HTTP_X_FORWARDED_PROTO"))
        if environ["REQUEST_METHOD"] not in READS or scheme not in SCHEMES or not is_ours(environ.get("HTTP_HOST")):
            return self.application(environ, start_response)
        key = (scheme, environ["SCRIPT_NAME"], environ["PATH_INFO"])
        content_version.follow()
        version, now = content_version.number, time.monotonic()
        page = self.pages.get(key)
        if page is None:
            return self.render(environ, start_response, key, None, version, now)
        if page.is_current(version, now) or not content_version.is_answering():
            return from_memory(page, environ, start_response)
        # Somebody renders it already: nobody waits for it.
        if not page.rendering.acquire(blocking=False):
            return from_memory(page, environ, start_response)
        try:
            return self.render(environ, start_response, key, page, version, now)
        finally:
            page.rendering.release()

    def render(self, environ, start_response, key, old, version, now):
        """Let Django answer; keep a page with the version and the time from before it was rendered."""
        started = []
        response = self.application(environ, lambda *arguments: started.append(arguments))
        status, headers = started[0]
        if old and status >= "500":
            log.warning("page not rendered, its last form serves", extra={"status": status})
            response.close()
            return old.answer(environ, start_response)
        if may_be_kept(response):
            page = ReadyPage(response, version, now, old)
            response.close()
            if environ["REQUEST_METHOD"] == "GET":
                self.keep(key, page)
            return page.answer(environ, start_response)
        if old:
            self.keep(key, None)
        start_response(status, headers)
        if environ["REQUEST_METHOD"] == "HEAD":
            response.close()
            return []
        return response

    def keep(self, key, page):
        """Put `page` last in the row, or take its key out; the pages rendered longest ago make room."""
        with self.changing:
            self.pages.pop(key, None)
            if page:
                self.pages[key] = page
            while sum(len(page.body) for page in self.pages.values()) > MOST_BYTES:
                del self.pages[next(iter(self.pages))]


def from_memory(page, environ, start_response):
    """Answer without Django, which would have written the line of the access log."""
    began, statuses = time.perf_counter(), []

    def start(status, headers):
        statuses.append(status[:3])
        start_response(status, headers)

    body = page.answer(environ, start)
    write_access(os.urandom(6).hex(), environ["REQUEST_METHOD"], page.route, statuses[0], began)
    return body


class ReadyPage:
    """One rendered page: its headers, and its bytes in every coding asked for so far."""

    def __init__(self, response, version, made_at, old=None):
        self.body, self.version, self.made_at = response.content, version, made_at
        self.headers = [(name, value) for name, value in response.items() if name != "Content-Length"]
        self.digest = hashlib.blake2b(self.body, digest_size=12).hexdigest()
        # Rendered to the same bytes as before: what was compressed stays.
        self.compressed = old.compressed if old and old.digest == self.digest else {}
        self.route = getattr(response, "route_name", "none")
        self.rendering = threading.Lock()

    def is_current(self, version, now) -> bool:
        return self.version == version and now - self.made_at < LIFE_SECONDS

    def answer(self, environ, start_response):
        body, headers = self.form(best_coding(environ.get("HTTP_ACCEPT_ENCODING", "")))
        if not CONDITIONS.isdisjoint(environ) and (short := short_answer(environ, headers)):
            start_response(f"{short.status_code} {short.reason_phrase}", list(short.items()))
            return []
        start_response("200 OK", [*headers, ("Content-Length", str(len(body)))])
        return [body] if environ["REQUEST_METHOD"] == "GET" else []

    def form(self, coding):
        """Return (body, headers) of the page in `coding`; each form has a tag of its own."""
        if coding == "identity":
            return self.body, [*self.headers, ("ETag", f'"{self.digest}"')]
        if coding not in self.compressed:
            self.compressed[coding] = COMPRESS[coding](self.body)
        headers = [*self.headers, ("ETag", f'"{self.digest}-{coding}"'), ("Content-Encoding", coding)]
        return self.compressed[coding], headers


def short_answer(environ, headers):
    """Return 304 or 412, should a condition of the request ask for one; else None."""
    request, whole = HttpRequest(), HttpResponse(headers=dict(headers))
    request.method = environ["REQUEST_METHOD"]
    request.META = {name: environ[name] for name in CONDITIONS & environ.keys()}
    answer = get_conditional_response(request, etag=whole["ETag"], response=whole)
    return None if answer is whole else answer


def may_be_kept(response) -> bool:
    return (
        getattr(response, "is_same_for_everyone", False)
        and response.status_code == 200
        and not response.cookies
        and response["Vary"] == "Accept-Encoding"
        and response["Cache-Control"] == BROWSERS
    )


@lru_cache(maxsize=256)
def is_ours(host: str | None) -> bool:
    """Say whether a Host header names this site; what is odd goes to Django, which says so."""
    return host is not None and validate_host(split_domain_port(host)[0], settings.ALLOWED_HOSTS)  # type: ignore[arg-type]
