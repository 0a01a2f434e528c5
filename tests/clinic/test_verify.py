"""`clinic verify` against a site that does everything wrong (tests/faults/test_front.py: against ours)."""

import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from clinic.verify.checks import CHECKS
from tests.site import ROOT


class Wrong(BaseHTTPRequestHandler):
    server_version = "Homemade/1.2"

    def answer(self):
        is_missing = "no-such" in self.path or self.path == "/readyz"
        elsewhere = self.headers.get("X-Forwarded-Host") or self.path.split("next=https:")[-1].strip("/").split("/")[0]
        self.send_response(302 if self.path == "/" or "next=" in self.path else 500 if is_missing else 200)
        if self.path == "/" or "next=" in self.path:
            self.send_header("Location", f"//{elsewhere}/")
        self.send_header("Set-Cookie", "visitor=1")
        self.send_header("Content-Security-Policy", "default-src *; script-src 'unsafe-inline'")
        self.end_headers()
        self.wfile.write(
            f"<link rel=stylesheet href=/site.css><script src=https://cdn.example/a.js></script>{elsewhere}"
            "<form action=https://forms.example/></form><!-- Traceback -->"
            "<style>@import 'https://fonts.example/a.css'; a { b: url(//img.example/b.png) }</style>".encode()
        )

    do_GET = do_POST = do_DELETE = do_TRACE = answer

    def log_message(self, *arguments):
        pass


@pytest.fixture
def wrong():
    with ThreadingHTTPServer(("127.0.0.1", 0), Wrong) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def verify(*arguments):
    command = [sys.executable, "-I", "-S", "-c", "import sys; sys.path.insert(0, ''); import runpy; "
               "sys.argv[0] = 'verify'; runpy.run_module('clinic.verify', run_name='__main__')"]  # fmt: skip
    return subprocess.run(
        [*command, *arguments], cwd=ROOT, env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, check=False
    )


def test_a_site_that_does_everything_wrong_fails_every_check_with_pythons_own_library_alone(wrong):
    done = verify(wrong)
    assert done.returncode == 1
    assert done.stderr == ""
    assert "well " not in done.stdout
    for name, *words in [
        ("tls", "plain http"),
        ("pages", "/readyz answers 500"),
        ("redirects", "/ in it answers 302", "leads to another host"),
        ("host names", "Host: other.example answers 200", "X-Forwarded-Host: other.example is believed"),
        ("headers", "/it/ has X-Frame-Options: missing", "/en/ tells its software: Homemade/1.2"),
        ("content policy", "/it/ lacks default-src 'none'", "/en/ allows *"),
        ("cookies", "/it/ sets", "POST /it/contatti/ sets a cookie", "without httponly, samesite"),
        ("other hosts", "/it/ uses https://cdn.example/a.js", "/it/ uses https://forms.example/",
         "/it/ uses https://fonts.example/a.css",
         "/site.css uses https://fonts.example/a.css", "/site.css uses //img.example/b.png"),
        ("forms", "'cross-site'} answers 200, not 403", "'https://other.example'} answers 200, not 403",
         "no header answers 200, not 422"),
        ("error pages", "GET /it/there-is-no-such-page/ answers 500", "TRACE /it/ answers 200", "shows Traceback",
         "/.env answers 200"),
    ]:  # fmt: skip
        lines = [line for line in done.stdout.splitlines() if line.startswith(f"TROUBLE  {name}: ")]
        assert [word for word in words if not any(word in line for line in lines)] == [], lines
    assert len({line.split(":")[0] for line in done.stdout.splitlines()}) == len(CHECKS)


@pytest.mark.parametrize("url", ["www.example.org", "ftp://www.example.org", "https://www.example.org/it/"])
def test_an_address_that_is_none_is_named(url):
    done = verify(url)
    assert done.returncode == 2
    assert "write it like https://www.example.org" in done.stderr


def test_a_site_that_does_not_answer_fails_every_check():
    done = verify("http://127.0.0.1:1")
    assert done.returncode == 1
    assert done.stdout.count("no answer: [Errno 111] Connection refused") == len(CHECKS) - 1
