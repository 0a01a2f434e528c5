"""Logging as one JSON object per line, with the id of the request and the name of its route, and no visitor data."""

import json
import logging
import os
import sys
import time
import traceback
from contextlib import suppress
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

OURS = ("clinic", "contacts", "questionnaire", "treatments")
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"}
STANDARD = {*vars(logging.makeLogRecord({})), "message", "asctime"}

# Otherwise Python prints a record that cannot be written to stderr, with its arguments and the error message.
logging.raiseExceptions = False

request_id: ContextVar[str] = ContextVar("request_id", default="")


class JsonFormatter(logging.Formatter):
    """Format our own records in full: they contain only fixed texts and numbers.

    Of records of packages (a path in Django's, an address in gunicorn's) only the template is written, of an exception
    only type and place: their messages may contain what a visitor sent.
    """

    def format(self, record):
        is_ours = record.name.partition(".")[0] in OURS
        line = {
            "time": moment(record.created),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage() if is_ours else template(record),
        }
        if request := request_id.get():
            line["request"] = request
        if is_ours:
            line |= {name: value for name, value in vars(record).items() if name not in STANDARD}
        if record.exc_info and record.exc_info[1]:
            line["exception"] = [describe(error) for error in chain(record.exc_info[1])]
        return json.dumps(line, ensure_ascii=False, default=str)


def template(record: logging.LogRecord) -> str:
    """Return the format string of a log call, or its place if the arguments are already in the message."""
    return record.msg if record.args and isinstance(record.msg, str) else f"{record.module}:{record.lineno}"


def chain(error: BaseException | None):
    """Yield an exception and the chain of its causes."""
    while error:
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def describe(error: BaseException) -> str:
    """Return the type of an exception, its database error code and its place."""
    code = getattr(error, "sqlite_errorname", None) or getattr(error, "sqlstate", None)
    # The message about an invalid setting is our own text.
    detail = str(error) if isinstance(error, ImproperlyConfigured) else code
    frames = traceback.extract_tb(error.__traceback__)
    places = " > ".join(f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames)
    return f"{type(error).__name__}{f' ({detail})' if detail else ''} at {places}"


# A template instead of logging and json, which take as long as the rest of a cached page. Nothing needs escaping: the
# method is one of METHODS, the name of the route is ours.
ACCESS = (
    '{{"time": "{}", "level": "INFO", "logger": "clinic.access", "message": "request", '
    '"request": "{}", "method": "{}", "route": "{}", "status": {}, "ms": {:.1f}}}\n'
)


def write_access(identity: str, method: str, route: str, status: int | str, began: float) -> None:
    """Write the access log line of one request; an error while writing is ignored."""
    took = (time.perf_counter() - began) * 1000
    line = ACCESS.format(moment(time.time()), identity, method if method in METHODS else "other", route, status, took)
    with suppress(OSError, ValueError):
        sys.stdout.write(line)
        sys.stdout.flush()


class AccessLog:
    """Give each request an id and write one line: route, status and duration, never the path.

    Cached pages never reach this middleware: clinic.caching.page_cache writes their lines.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        identity, began = os.urandom(6).hex(), time.perf_counter()
        token = request_id.set(identity)
        try:
            response = self.get_response(request)
        finally:
            request_id.reset(token)
        write_access(identity, request.method, route(request), response.status_code, began)
        # Django would log errors a second time, with the path.
        response._has_been_logged = True
        return response


def moment(seconds: float) -> str:
    return f"{moment_to_the_second(int(seconds))}.{int(seconds * 1000) % 1000:03}Z"


@lru_cache(maxsize=1)
def moment_to_the_second(seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))


def route(request) -> str:
    """Return the name of the route: the path may contain what a visitor typed."""
    if request.resolver_match:
        return request.resolver_match.view_name
    return "static" if request.path_info.startswith(settings.STATIC_URL) else "none"
