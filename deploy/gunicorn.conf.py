"""How gunicorn serves the site."""

import gc

from clinic import settings

wsgi_app = "clinic.wsgi"
bind = f"127.0.0.1:{settings.PORT}"
workers = settings.WEB_CONCURRENCY
worker_class = "gthread"
threads = 8
# Loaded once, before the door opens: a new process serves at once, and shares its memory with the others.
preload_app = True


def when_ready(server):
    """Leave to the garbage collector only what comes after the start: it would copy all that the processes share."""
    gc.collect()
    gc.freeze()


keepalive = 5
timeout = 60
graceful_timeout = 30
# A process is replaced now and then, not all at once: whatever it may leak does not pile up.
max_requests = 20_000
max_requests_jitter = 5_000
# No header changes where a request seems to come from or go to; Django believes TRUSTED_PROXIES, nobody else.
forwarder_headers = ""
secure_scheme_headers: dict[str, str] = {}
limit_request_fields = 50
# It would listen in the home folder of whoever starts the site.
control_socket_disable = True
# The site writes its own access log, without addresses; gunicorn's lines take the site's form (clinic.logging).
accesslog = None
loglevel = "error"
logconfig_dict = {
    "formatters": {"json": {"()": "clinic.logging.JsonFormatter"}},
    "handlers": {"stdout": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout", "formatter": "json"}},
    "root": {"handlers": ["stdout"], "level": "WARNING"},
    "loggers": {"gunicorn.error": {"level": "ERROR"}},
}
