"""The site's own settings, with a throw-away VAR_DIR, plain static files and a quick password hash."""

import atexit
import os
import shutil
import tempfile

# The browser tests keep an event loop in the main thread; the tests themselves stay synchronous.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
os.environ["VAR_DIR"] = tempfile.mkdtemp(prefix="clinic-tests-")
atexit.register(shutil.rmtree, os.environ["VAR_DIR"], ignore_errors=True)
# tests/run.sh gives the address of a PostgreSQL server for its second round.
os.environ["DATABASE_URL"] = os.environ.get("TEST_DATABASE_URL") or f"sqlite:///{os.environ['VAR_DIR']}/db.sqlite3"

from clinic.settings import *  # noqa: E402, F403
from clinic.settings import DATABASES, STATIC_ROOT, STORAGES  # noqa: E402

STATIC_ROOT.mkdir()
# In memory on SQLite; of its own on a server that several runs may share.
DATABASES["default"]["TEST"] = {"NAME": f"clinic_test_{os.getpid()}" if os.environ.get("TEST_DATABASE_URL") else None}
if not os.environ.get("TEST_DATABASE_URL"):
    # pytest-django leaves a database in memory nameless only under Django's own engine; real sites prove ours.
    DATABASES["default"]["ENGINE"] = "django.db.backends.sqlite3"

STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
