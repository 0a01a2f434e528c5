"""The limit for a cached page: a WSGI application that only returns the same bytes with the same headers."""

import json
import os
from pathlib import Path

_answer = json.loads(Path(os.environ["BENCH_ANSWER"]).read_text())
HEADERS = [tuple(header) for header in _answer["headers"]]
BODY = Path(_answer["body"]).read_bytes()


def application(environ, start_response):
    start_response("200 OK", HEADERS)
    return [BODY]
