"""A real site for tests: its own VAR_DIR, keys and database, served by gunicorn with the shipped configuration."""

import atexit
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COLLECTED = Path(tempfile.mkdtemp(prefix="clinic-tests-static-")) / "static"
atexit.register(shutil.rmtree, COLLECTED.parent, ignore_errors=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


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
        self.processes: dict[str, subprocess.Popen] = {}
        self.log = folder / "site.log"

    def manage(self, *arguments: str, input: str | None = None, check: bool = True) -> str:
        """Run a management command on this site; return what it printed."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            input=input,
            capture_output=True,
            text=True,
            check=False,
        )
        if check and done.returncode:
            raise AssertionError(f"manage.py {' '.join(arguments)}: {done.stdout}{done.stderr}")
        return done.stdout

    def python(self, code: str) -> str:
        """Run a few lines with the site's settings and models; return what they printed."""
        return self.manage("shell", "--no-imports", "--command", code).strip()

    def borrow_static_files(self) -> None:
        """Put those of an earlier test where `prepare` takes them over when they are these."""
        if COLLECTED.exists() and not (self.folder / "var" / "static").exists():
            shutil.copytree(COLLECTED, self.folder / "var" / "static", copy_function=os.link)

    def lend_static_files(self) -> None:
        if not COLLECTED.exists():
            shutil.copytree(self.folder / "var" / "static", COLLECTED)

    def prepare(self) -> None:
        self.borrow_static_files()
        self.manage("prepare")
        self.lend_static_files()

    def start(self, name: str, *command: str) -> subprocess.Popen:
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, *command], cwd=ROOT, env=self.environment, stdout=log, stderr=log
            )
        self.processes[name] = process
        return process

    def start_web(self) -> None:
        self.start("web", "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py")
        self.wait_until_ready()

    def start_worker(self, name: str = "worker") -> None:
        self.start(name, "manage.py", "worker")

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
