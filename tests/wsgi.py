"""Calls a WSGI application as a web server does, including middleware in front of Django."""

import io

MICROPIGMENTATION = "/it/trattamenti/micropigmentazione/"


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = int(status[:3]), dict(headers), body
        self.text = body.decode(errors="replace")


def ask(application, path=MICROPIGMENTATION, *, method="GET", query="", **headers):
    """Return the response of a WSGI application; `headers` as in Accept_Encoding="br"."""
    environ = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "HTTP_HOST": "127.0.0.1:8000",
    } | {f"HTTP_{name.upper()}": value for name, value in headers.items()}
    started = []
    body = application(environ, lambda *arguments: started.append(arguments))
    try:
        return Answer(*started[0], b"".join(body))
    finally:
        if hasattr(body, "close"):
            body.close()
