"""manage.py for tests, in processes forked from one that has loaded the packages: most of a start is that.

Nothing of the site is loaded before the fork, not even its settings: each command reads its own environment and files.
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
from functools import cache
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# What needs no settings and takes longest to load.
PACKAGES = """
    django.core.management.commands.check django.core.management.commands.migrate django.core.management.commands.shell
    django.contrib.admin django.contrib.sitemaps.views django.db.backends.sqlite3.base django.views.i18n
    allauth.mfa.webauthn.internal cryptography.fernet csp.constants environ fido2.server holidays psycopg pyrage
    PIL.ImageCms PIL.ImageOps PIL.JpegImagePlugin brotli crispy_forms.bootstrap django.contrib.auth.password_validation
    django.contrib.staticfiles.finders django.contrib.syndication.views django_prose_editor.fields smtplib
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


def manage(*arguments: str, env: dict[str, str], input: str | None = None) -> subprocess.CompletedProcess:
    """Run `manage.py arguments`, as subprocess.run does with captured output and text."""
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        given.write((input or "").encode())
        answer, its = socket.socketpair()
        with answer:
            with its:
                files = [file.fileno() for file in (given, out, err, its)]
                for file in (given, out, err):
                    file.seek(0)
                socket.send_fds(server(), [json.dumps([arguments, env]).encode()], files)
            code = answer.recv(100)
        assert code, f"manage.py {' '.join(arguments)} was not run"
        out.seek(0), err.seek(0)
        return subprocess.CompletedProcess(arguments, int(code), out.read().decode(), err.read().decode())


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


def run(arguments: list[str], environment: dict[str, str], given: int, out: int, err: int, answer: int) -> None:
    """Run the command in a child of this process, and send its exit code."""
    if child := os.fork():
        _, status = os.waitpid(child, 0)
        os.write(answer, str(os.waitstatus_to_exitcode(status)).encode())
        os._exit(0)
    for number, file in enumerate((given, out, err)):
        os.dup2(file, number)
    for file in (given, out, err, answer):
        os.close(file)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["manage.py", *arguments]
    runpy.run_path("manage.py", run_name="__main__")


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
