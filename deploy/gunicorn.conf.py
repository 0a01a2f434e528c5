"""How gunicorn serves the site."""

import multiprocessing
import os

wsgi_app = "clinic.wsgi"
bind = os.environ.get("BIND") or f"127.0.0.1:{os.environ.get('PORT') or 8000}"
workers = int(os.environ.get("WEB_CONCURRENCY") or min(multiprocessing.cpu_count(), 4))
worker_class = "gthread"
threads = 8
timeout = 60
graceful_timeout = 30
# Addresses of patients are in nobody's log.
accesslog = None
