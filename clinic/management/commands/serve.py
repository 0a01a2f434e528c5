import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

READY_WITHIN_SECONDS = 60


class Command(BaseCommand):
    help = "Prepare, then run web and worker under supervisor until Ctrl-C (what `make run` calls)."
    requires_system_checks = []

    def handle(self, **options):
        require_free_port()
        call_command("prepare")
        environment = {"PORT": str(settings.PORT), "VAR_DIR": str(settings.VAR_DIR), "PYTHON": sys.executable}
        supervisor = subprocess.Popen(
            [sys.executable, "-m", "supervisor.supervisord", "--configuration", "deploy/supervisord.conf"],
            cwd=settings.BASE_DIR,
            env=os.environ | environment,
            # It opens its output for each process: in a file two would overwrite each other, and one that
            # belongs to another user it could not open. What arrives here is passed on.
            stdout=subprocess.PIPE,
        )
        relay = threading.Thread(target=pass_on, args=[supervisor.stdout, sys.stdout.fileno()])
        relay.start()
        # Ctrl-C reaches the whole process group; a kill only this process, so it is passed on.
        signal.signal(signal.SIGTERM, lambda *_: supervisor.terminate())
        signal.signal(signal.SIGINT, lambda *_: supervisor.terminate())
        self.wait_until_ready(supervisor)
        self.stdout.write(
            f"Ready at {settings.SITE_URL}\n"
            "A staff account: python manage.py make_staff NAME --role reception|editor|owner --password-stdin\n"
            "(with the python of the virtual environment: .venv/bin/python). Ctrl-C stops everything."
        )
        self.stdout.flush()
        code = supervisor.wait()
        relay.join()
        sys.exit(code)

    def wait_until_ready(self, supervisor):
        give_up_at = time.monotonic() + READY_WITHIN_SECONDS
        while not answers_ready():
            if supervisor.poll() is not None:
                raise CommandError("The processes stopped at once: the lines above say why.")
            if time.monotonic() > give_up_at:
                supervisor.terminate()
                raise CommandError("The site did not become ready: the lines above say why.")
            time.sleep(0.1)


def pass_on(source, target: int) -> None:
    """Write what comes from the pipe `source` to the file descriptor `target` until the last writer is gone."""
    while data := source.read1():
        # A full disk, or a reader that went away, must not stop the site: the pipe is emptied all the same.
        with suppress(OSError):
            os.write(target, data)


def require_free_port():
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", settings.PORT))
        except OSError as error:
            raise CommandError(
                f"Port {settings.PORT} cannot be used ({error.strerror}): stop what uses it, or set PORT."
            ) from error


def answers_ready() -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", settings.PORT, timeout=5)
    try:
        connection.request("GET", "/readyz", headers={"Host": str(settings.ALLOWED_HOSTS[0])})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
