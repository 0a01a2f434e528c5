"""Caches public pages in front of Django, as WSGI middleware; renders them again when their content has changed."""

import hashlib
import logging
import os
import threading
import time
from functools import wraps

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.request import split_domain_port, validate_host
from django.utils.cache import get_conditional_response

from clinic.caching.content_version import content_version
from clinic.caching.encodings import COMPRESS, best_encoding
from clinic.logging import write_access

log = logging.getLogger(__name__)
# What depends on the date (scheduled news, closures) shows within a minute: half of it here, half in the browser.
MAX_AGE_SECONDS = 30
CACHE_HEADERS = {
    "Cache-Control": f"public, max-age={MAX_AGE_SECONDS}, stale-while-revalidate={MAX_AGE_SECONDS}, "
    "stale-if-error=86400",
    "Vary": "Accept-Encoding",
}
# Of uncompressed bodies in one process; the compressed ones add less than as much again.
MAX_BYTES = 8 * 1024 * 1024
SAFE_METHODS = {"GET", "HEAD"}
SCHEMES = {(scheme, forwarded) for scheme in ("http", "https") for forwarded in (None, "http", "https")}
CONDITIONS = {"HTTP_IF_MATCH", "HTTP_IF_NONE_MATCH"}


def cached_page(view):
    """Mark the GET response of a public page as cacheable: it must be the same for every visitor.

    The mark is `response.cached_route`, the name of the route for the access log. The view sees no query string, so
    that an address has one page.
    """

    @wraps(view)
    def wrapper(request, *args, **kwargs):
        if request.method not in SAFE_METHODS:
            return view(request, *args, **kwargs)
        request.META["QUERY_STRING"], request.GET = "", QueryDict()
        # Compressed, a page that carries the stylesheet is 9 kB longer; the others are sent as they are.
        request.is_compressed = True
        response = view(request, *args, **kwargs)
        response.cached_route = request.resolver_match.view_name
        return response

    return wrapper


class PageCache:
    """WSGI middleware: one cache per process, keyed by path, limited in bytes."""

    def __init__(self, application):
        self.application = application
        self.pages: dict[tuple, CachedPage] = {}
        self.lock = threading.Lock()

    def __call__(self, environ, start_response):
        scheme = (environ["wsgi.url_scheme"], environ.get("HTTP_X_FORWARDED_PROTO"))
        if (
            environ["REQUEST_METHOD"] not in SAFE_METHODS
            or scheme not in SCHEMES
            or not is_allowed_host(environ.get("HTTP_HOST"))
        ):
            return self.application(environ, start_response)
        key = (scheme, environ["SCRIPT_NAME"], environ["PATH_INFO"])
        content_version.start()
        version, now = content_version.number, time.monotonic()
        page = self.pages.get(key)
        if page is None:
            return self.render(environ, start_response, key, None, version, now)
        if page.is_fresh(version, now) or not content_version.is_answering():
            return serve_cached(page, environ, start_response)
        # Another thread renders it already: serve the stale page instead of waiting.
        if not page.rendering.acquire(blocking=False):
            return serve_cached(page, environ, start_response)
        try:
            return self.render(environ, start_response, key, page, version, now)
        finally:
            page.rendering.release()

    def render(self, environ, start_response, key, stale, version, now):
        """Call Django and cache a cacheable page with the version and time from before it was rendered."""
        started = []
        response = self.application(environ, lambda *arguments: started.append(arguments))
        status, headers = started[0]
        if stale and status >= "500":
            log.warning("page not rendered, stale page served", extra={"status": status})
            response.close()
            return stale.respond(environ, start_response)
        if is_cacheable(response):
            page = CachedPage(response, version, now, stale)
            response.close()
            if environ["REQUEST_METHOD"] == "GET":
                self.store(key, page)
            return page.respond(environ, start_response)
        if stale:
            self.store(key, None)
        start_response(status, headers)
        if environ["REQUEST_METHOD"] == "HEAD":
            response.close()
            return []
        return response

    def store(self, key, page):
        """Add `page` as the newest, or remove the key if it is None; evict the oldest pages beyond MAX_BYTES."""
        with self.lock:
            self.pages.pop(key, None)
            if page:
                self.pages[key] = page
            while sum(len(page.body) for page in self.pages.values()) > MAX_BYTES:
                del self.pages[next(iter(self.pages))]


def serve_cached(page, environ, start_response):
    """Respond without Django, and write the access log line that Django's middleware would have written."""
    began, statuses = time.perf_counter(), []

    def start(status, headers):
        statuses.append(status[:3])
        start_response(status, headers)

    body = page.respond(environ, start)
    write_access(os.urandom(6).hex(), environ["REQUEST_METHOD"], page.route, statuses[0], began)
    return body


class CachedPage:
    """One rendered page: its headers, and its body in each encoding requested so far."""

    def __init__(self, response, version, rendered_at, stale=None):
        self.body, self.version, self.rendered_at = response.content, version, rendered_at
        headers = [(name, value) for name, value in response.items() if name != "Content-Length"]
        self.headers = [*headers, *CACHE_HEADERS.items()]
        self.digest = hashlib.blake2b(self.body, digest_size=12).hexdigest()
        # The same bytes as before: the compressed bodies stay valid.
        self.compressed = stale.compressed if stale and stale.digest == self.digest else {}
        self.route = response.cached_route
        self.rendering = threading.Lock()

    def is_fresh(self, version, now) -> bool:
        return self.version == version and now - self.rendered_at < MAX_AGE_SECONDS

    def respond(self, environ, start_response):
        body, headers = self.encoded(best_encoding(environ.get("HTTP_ACCEPT_ENCODING", "")))
        if not CONDITIONS.isdisjoint(environ) and (conditional := conditional_response(environ, headers)):
            start_response(f"{conditional.status_code} {conditional.reason_phrase}", list(conditional.items()))
            return []
        start_response("200 OK", [*headers, ("Content-Length", str(len(body)))])
        return [body] if environ["REQUEST_METHOD"] == "GET" else []

    def encoded(self, encoding):
        """Return (body, headers) of the page in `encoding`; each encoding has its own ETag."""
        if encoding == "identity":
            return self.body, [*self.headers, ("ETag", f'"{self.digest}"')]
        if encoding not in self.compressed:
            self.compressed[encoding] = COMPRESS[encoding](self.body)
        headers = [*self.headers, ("ETag", f'"{self.digest}-{encoding}"'), ("Content-Encoding", encoding)]
        return self.compressed[encoding], headers


def conditional_response(environ, headers):
    """Return 304 or 412 if a condition of the request asks for one, else None."""
    request, response = HttpRequest(), HttpResponse(headers=dict(headers))
    request.method = environ["REQUEST_METHOD"]
    request.META = {name: environ[name] for name in CONDITIONS & environ.keys()}
    conditional = get_conditional_response(request, etag=response["ETag"], response=response)
    return None if conditional is response else conditional


def is_cacheable(response) -> bool:
    """Return whether a response is a page marked by `cached_page` that nothing else has made personal."""
    return (
        hasattr(response, "cached_route")
        and response.status_code == 200
        and not response.cookies
        and not response.has_header("Vary")
        and not response.has_header("Cache-Control")
    )


def is_allowed_host(host: str | None) -> bool:
    """Return whether a Host header names this site; Django answers the others with an error."""
    return host is not None and validate_host(split_domain_port(host)[0], settings.ALLOWED_HOSTS)  # type: ignore[arg-type]
