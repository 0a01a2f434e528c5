"""Settings of gunicorn."""

import gc

from clinic import settings

wsgi_app = "clinic.wsgi"
bind = f"127.0.0.1:{settings.PORT}"
workers = settings.WEB_CONCURRENCY
worker_class = "gthread"
threads = 8
# Loaded once, before the fork: a new process serves at once, and shares its memory with the others.
preload_app = True


def when_ready(server):
    """Exclude what exists now from garbage collection, which would copy the memory that the processes share."""
    gc.collect()
    gc.freeze()


keepalive = 5
timeout = 60
graceful_timeout = 30
# Processes are replaced from time to time, not all at once, so that leaks do not accumulate.
max_requests = 20_000
max_requests_jitter = 5_000
# No header changes scheme or script name here; Django trusts TRUSTED_PROXIES only.
forwarder_headers = ""
secure_scheme_headers: dict[str, str] = {}
limit_request_fields = 50
# It would listen in the home folder of the user.
control_socket_disable = True
# The site writes its own access log, without addresses; gunicorn's lines use the site's format (clinic.logging).
accesslog = None
loglevel = "error"
logconfig_dict = {
    "formatters": {"json": {"()": "clinic.logging.JsonFormatter"}},
    "handlers": {"stdout": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout", "formatter": "json"}},
    "root": {"handlers": ["stdout"], "level": "WARNING"},
    "loggers": {"gunicorn.error": {"level": "ERROR"}},
}
