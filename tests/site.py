"""A real site for tests: its own VAR_DIR, keys and database, served by gunicorn with the shipped configuration."""

import atexit
import fcntl
import http.client
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path

from tests import commands, postgres
from tests.commands import ROOT

# One folder for all processes of a run: they have the environment of the first.
if "TESTS_SHARE" not in os.environ:
    os.environ["TESTS_SHARE"] = tempfile.mkdtemp(prefix="clinic-tests-shared-")
    atexit.register(shutil.rmtree, os.environ["TESTS_SHARE"], ignore_errors=True)
SHARED = Path(os.environ["TESTS_SHARE"])
OWN_KEYS = {"SECRET_KEY", "FIELD_KEYS", "DIGEST_KEY", "BACKUP_KEY", "BACKUP_RECIPIENT"}


def free_port() -> int:
    """Return a port that nobody listens on, none of those that the kernel gives to whoever connects to somebody."""
    while True:
        port = 20_000 + secrets.randbelow(12_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def prepared_folder() -> Path:
    """Return a VAR_DIR as `prepare` leaves it on SQLite; the first test of a run that asks for it makes it."""
    site = Site(SHARED / "sqlite")
    with once_in_a_run(site.folder) as is_first:
        if is_first:
            site.manage("prepare")
    return site.folder / "var"


def fill_database(url: str) -> None:
    """Fill an empty PostgreSQL database as `prepare` does with the keys of prepared_folder()."""
    folder = SHARED / "postgresql"
    with once_in_a_run(folder) as is_first:
        if is_first:
            site = Site(folder, DATABASE_URL=postgres.create(postgres.PREPARED))
            shutil.copytree(prepared_folder() / "keys", folder / "var/keys")
            site.borrow_static_files()
            site.manage("prepare")
    postgres.fill(url)


@contextmanager
def once_in_a_run(folder: Path):
    """Yield whether nobody has made `folder` yet; who else asks waits until it is complete."""
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        complete = folder.with_suffix(".complete")
        yield not complete.exists()
        complete.touch()


class Site:
    """Start with `with Site(folder) as site:`; `environment` overrides what the processes are given."""

    def __init__(self, folder: Path, **environment: str):
        self.folder, self.port = folder, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "VAR_DIR": str(folder / "var"),
            "PORT": str(self.port),
            "LEADS_PER_HOUR": "0",
            "PYTHONWARNINGS": "ignore",
            **environment,
        }
        self.processes: dict[str, subprocess.Popen | commands.Process] = {}
        self.log = folder / "site.log"

    def manage(self, *arguments: str, input: str | None = None, check: bool = True) -> str:
        """Run a management command on this site; return what it printed."""
        done = commands.manage(*arguments, env=self.environment, input=input)
        if check and done.returncode:
            raise AssertionError(f"manage.py {' '.join(arguments)}: {done.stdout}{done.stderr}")
        return done.stdout

    def python(self, code: str) -> str:
        """Run a few lines with the site's settings and models; return what they printed."""
        return self.manage("shell", "--no-imports", "--command", code).strip()

    def borrow_static_files(self) -> None:
        """Put the collected files where `prepare` takes them over when they are these."""
        if not (static := self.folder / "var/static").exists():
            shutil.copytree(prepared_folder() / "static", static, copy_function=os.link)

    def copy_prepared(self) -> bool:
        """Give a new site what `prepare` would make: keys, static files, a database; return whether that is all.

        It is not for a site that has keys, and on PostgreSQL, where the command leaves its record of the database.
        """
        if (self.folder / "var").exists() or OWN_KEYS & self.environment.keys():
            self.borrow_static_files()
            return False
        var = Path(shutil.copytree(prepared_folder(), self.folder / "var"))
        if url := self.environment.get("DATABASE_URL"):
            (var / "db.sqlite3").unlink()
            if url.startswith("postgres"):
                fill_database(url)
        return not url

    def prepare(self) -> None:
        if not self.copy_prepared():
            self.manage("prepare")

    def start(self, name: str, *command: str) -> subprocess.Popen:
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, *command], cwd=ROOT, env=self.environment, stdout=log, stderr=log
            )
        self.processes[name] = process
        return process

    def fork(self, name: str, *command: str) -> None:
        """Do as start() does, sooner: the packages are there."""
        with open(os.devnull, "rb") as nothing, self.log.open("ab") as log:
            files = [nothing, log, log]
            self.processes[name] = commands.Process(*command, env=self.environment, files=files, lasts=True)

    def start_web(self) -> None:
        self.fork("web", "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py")
        self.wait_until_ready()

    def start_worker(self, name: str = "worker") -> None:
        self.fork(name, "manage.py", "worker")

    def wait_until_ready(self, seconds: float = 30) -> None:
        give_up_at = time.monotonic() + seconds
        while time.monotonic() < give_up_at:
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
                connection.request("GET", "/livez")
                if connection.getresponse().status == 200:
                    return
            except OSError:
                time.sleep(0.05)
            finally:
                connection.close()
        raise AssertionError(f"The site did not start:\n{self.log.read_text()}")

    def __enter__(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        self.prepare()
        self.start_web()
        return self

    def __exit__(self, *_):
        for process in self.processes.values():
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self.processes.values():
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
