"""manage.py and gunicorn for tests, in processes forked from one that has loaded the packages: most of a start is that.

Nothing of the site is loaded before the fork, not even its settings: each process reads its own environment and files.
"""

import atexit
import gc
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import tempfile
from contextlib import suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parent.parent
# What needs no settings and takes longest to load.
PACKAGES = """
    django.core.management.commands.check django.core.management.commands.migrate django.core.management.commands.shell
    django.contrib.admin django.contrib.sitemaps.views django.db.backends.sqlite3.base django.views.i18n
    allauth.mfa.webauthn.internal cryptography.fernet csp.constants environ fido2.server holidays psycopg pyrage
    PIL.ImageCms PIL.ImageOps PIL.JpegImagePlugin brotli crispy_forms.bootstrap django.contrib.auth.password_validation
    django.contrib.staticfiles.finders django.contrib.syndication.views django_prose_editor.fields smtplib
    gunicorn.app.wsgiapp gunicorn.workers.gthread
"""


@cache
def server() -> socket.socket:
    """Start the process that forks, once in each process of the tests; return the socket that it reads."""
    ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    environment = {"PATH": os.environ["PATH"], "PYTHONWARNINGS": "ignore"}
    command = [sys.executable, "-m", "tests.commands", str(its.fileno())]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, pass_fds=[its.fileno()])
    its.close()
    atexit.register(process.wait)
    atexit.register(ours.close)
    return ours


class Process:
    """A process that is forked, with what tests use of subprocess.Popen: `python arguments`, for a program or -m."""

    def __init__(self, *arguments: str, env: dict[str, str], files: list[IO], lasts: bool):
        self._answer, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with its:
            numbers = [file.fileno() for file in (*files, its)]
            socket.send_fds(server(), [json.dumps([arguments, env, lasts]).encode()], numbers)
        self.pid, self.returncode = self._receive(), None

    def _receive(self) -> int:
        answer = self._answer.recv(100)
        assert answer, "The process that forks has ended."
        return int(answer)

    def wait(self, timeout: float | None = None) -> int:
        if self.returncode is None:
            self._answer.settimeout(timeout)
            try:
                self.returncode = self._receive()
            except (TimeoutError, BlockingIOError):
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0) from None
            self._answer.close()
        return self.returncode

    def poll(self) -> int | None:
        with suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def manage(*arguments: str, env: dict[str, str], input: str | None = None) -> subprocess.CompletedProcess:
    """Run `manage.py arguments`, as subprocess.run does with captured output and text."""
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        given.write((input or "").encode())
        given.seek(0)
        code = Process("manage.py", *arguments, env=env, files=[given, out, err], lasts=False).wait()
        out.seek(0), err.seek(0)
        return subprocess.CompletedProcess(arguments, code, out.read().decode(), err.read().decode())


def serve(requests: socket.socket) -> None:
    """Fork for each request until the tests are over."""
    for name in PACKAGES.split():
        import_module(name)
    gc.freeze(), gc.disable()  # what is there stays, and a command ends before it could collect much
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the processes that report
    while True:
        request, files, *_ = socket.recv_fds(requests, 1_000_000, 4)
        if not request:
            return
        if not os.fork():
            requests.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            return run(*json.loads(request), *files)
        for file in files:
            os.close(file)


def run(arguments: list[str], environment: dict[str, str], lasts: bool, *files: int) -> None:
    """Run the program in a child of this process; send its process id, then its exit code."""
    *standard, answer = files
    if child := os.fork():
        os.write(answer, str(child).encode())
        _, status = os.waitpid(child, 0)
        os.write(answer, str(os.waitstatus_to_exitcode(status)).encode())
        os._exit(0)
    for number, file in enumerate(standard):
        os.dup2(file, number)
    for file in files:
        os.close(file)
    os.environ.clear()
    os.environ.update(environment)
    if lasts:
        gc.enable()
    if arguments[0] == "-m":
        sys.argv = arguments[1:]
        runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
    else:
        sys.argv = arguments
        runpy.run_path(arguments[0], run_name="__main__")


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
