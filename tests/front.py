"""nginx in front of real sites, with the configuration that ships: only names, ports and folders are this machine's."""

import http.client
import os
import re
import shutil
import socket
import ssl
import subprocess
import time
from pathlib import Path

import pytest

from tests.site import ROOT, Site, free_port

NAME = "www.example.org"
# The environment of a site that stands behind it.
BEHIND = {"SITE_URL": f"https://{NAME}", "TRUSTED_PROXIES": "1"}
TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def certificate(folder: Path, name: str = NAME) -> None:
    """Make a key and a certificate for `name` that signs itself."""
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -keyout privkey.pem"
    names = ["-out", "fullchain.pem", "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"]
    subprocess.run([*command.split(), *names], cwd=folder, check=True, capture_output=True)


def knows_http2_on() -> bool:
    """Return whether this machine's nginx is 1.25.1 or newer."""
    version = subprocess.run(["nginx", "-v"], capture_output=True, text=True, check=True).stderr
    return tuple(map(int, re.search(r"/(\d+)\.(\d+)\.(\d+)", version).groups())) >= (1, 25, 1)


class Front:
    """Start with `with Front(folder, [site, ...]) as front:`; `connect` speaks https to it as a browser does."""

    def __init__(self, folder: Path, sites: list[Site]):
        if not shutil.which("nginx"):
            pytest.skip("nginx cannot be had here")
        self.folder, self.sites, self.plain_port, self.port = folder, sites, free_port(), free_port()

    def configuration(self) -> str:
        folder, text = self.folder, (ROOT / "deploy/nginx.conf").read_text()
        servers = "\n".join(f"server 127.0.0.1:{site.port} max_fails=1 fail_timeout=2s;" for site in self.sites)
        paths = "\n".join(f"{name}_temp_path {folder}/{name};" for name in TEMPORARY)
        for shipped, here in {
            "user www-data;": "user root;" if os.geteuid() == 0 else "",
            "/run/nginx.pid": f"{folder}/nginx.pid",
            "/var/log/nginx/": f"{folder}/",
            "/etc/letsencrypt/live/www.example.org/": f"{folder}/",
            "http {": f"http {{\n{paths}",
            "server 127.0.0.1:8000 max_fails=1 fail_timeout=2s;": servers,
        }.items():
            assert shipped in text, shipped
            text = text.replace(shipped, here)
        assert "443 ssl;" in text
        assert "http2 on;" in text
        if not knows_http2_on():
            # As the comment there says.
            text = text.replace("443 ssl;", "443 ssl http2;").replace("http2 on;", "")
        text = re.sub(r"listen \[::\].*", "", text)
        return re.sub(
            r"listen (80|443)\b",
            lambda found: f"listen 127.0.0.1:{self.plain_port if found[1] == '80' else self.port}",
            text,
        )

    def __enter__(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        certificate(self.folder)
        (self.folder / "nginx.conf").write_text(self.configuration())
        command = ["nginx", "-p", str(self.folder), "-c", "nginx.conf", "-g", "daemon off;"]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        give_up_at = time.monotonic() + 10
        while not self.answers():
            assert self.process.poll() is None, self.process.stderr.read()
            assert time.monotonic() < give_up_at
            time.sleep(0.05)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(10)
        self.process.stderr.close()

    def answers(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            return True
        except OSError:
            return False

    def connect(self, name: str = NAME, *, source: str = "127.0.0.1") -> http.client.HTTPSConnection:
        """Return a connection to the site called `name`, from the loopback address `source`."""
        context = ssl.create_default_context(cafile=self.folder / "fullchain.pem")
        connection = http.client.HTTPSConnection(name, self.port, timeout=30, context=context)
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=30, source_address=(source, 0))
        try:
            connection.sock = context.wrap_socket(plain, server_hostname=name)
        except OSError:
            plain.close()
            raise
        return connection
