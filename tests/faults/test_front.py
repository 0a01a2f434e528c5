"""nginx with the shipped configuration: what it answers itself is as careful as what the site answers."""

import contextlib
import http.client
import os
import signal
import socket
import socketserver
import ssl
import subprocess
import sys
import threading
import time
import warnings
from urllib.parse import urlencode

import pytest

from clinic.verify.checks import CHECKS
from contacts.intake.forms import MESSAGE_LENGTH
from contacts.privacy import consents
from tests.clinic.http.test_headers import HEADERS
from tests.faults.sites import children, wait_until
from tests.front import BEHIND, NAME, Front
from tests.patients import CONTACT
from tests.site import ROOT, Site

pytestmark = pytest.mark.faults


@pytest.fixture(scope="module")
def front(tmp_path_factory):
    folder = tmp_path_factory.mktemp("front")
    with Site(folder / "site", **BEHIND) as site, Front(folder / "nginx", [site]) as front:
        yield front


def ask(front, method, path, body=None, **headers):
    connection = front.connect()
    try:
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        response.read()
        return response
    finally:
        connection.close()


def test_verify_finds_nothing_wrong_with_what_ships_and_trusts_no_certificate_that_it_does_not_know(front):
    where = ["--connect", f"127.0.0.1:{front.port}", "--connect-plain", f"127.0.0.1:{front.plain_port}"]
    command = [sys.executable, "-m", "clinic.verify", f"https://{NAME}", *where]
    done = subprocess.run(
        [*command, "--ca", str(front.folder / "fullchain.pem")], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["well"] * len(CHECKS)
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "TROUBLE  tls: no answer: [SSL: CERTIFICATE_VERIFY_FAILED]" in done.stdout


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/it/", 200),
        ("GET", "/static/none.css", 404),
        ("GET", "/media/%2e%2e/keys/field_keys", 404),
        ("GET", "/%2e%2e/%2e%2e/etc/passwd", 400),
        ("TRACE", "/it/", 405),
        ("GET", "/admin/", 302),
    ],
)
def test_each_header_stands_once_on_every_answer(front, method, path, status):
    response = ask(front, method, path)
    assert response.status == status
    assert {name: response.headers.get_all(name) for name in HEADERS} == {name: [HEADERS[name]] for name in HEADERS}
    (policy,) = response.headers.get_all("Content-Security-Policy")
    assert "default-src 'none'" in policy
    assert len(response.headers.get_all("Permissions-Policy")) == 1


def test_a_stranger_who_uses_another_name_gets_no_answer(front):
    with pytest.raises(ssl.SSLError):
        front.connect("evil.example")
    plain = http.client.HTTPConnection("127.0.0.1", front.plain_port, timeout=10)
    plain.request("GET", "/it/", headers={"Host": "evil.example"})
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        plain.getresponse()
    plain.close()


@pytest.mark.parametrize("newest", [ssl.TLSVersion.TLSv1_1, ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_tls_is_spoken_from_1_2_on(front, newest):
    context = ssl.create_default_context(cafile=front.folder / "fullchain.pem")
    # What this machine's own OpenSSL would refuse is left to nginx.
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings(action="ignore"):
        context.minimum_version = context.maximum_version = newest
    with socket.create_connection(("127.0.0.1", front.port), timeout=10) as plain:
        if newest < ssl.TLSVersion.TLSv1_2:
            with pytest.raises(ssl.SSLError, match="ALERT_PROTOCOL_VERSION"):
                context.wrap_socket(plain, server_hostname=NAME)
        else:
            with context.wrap_socket(plain, server_hostname=NAME) as spoken:
                assert spoken.version() in {"TLSv1.2", "TLSv1.3"}


@pytest.mark.parametrize(
    "lengths",
    [
        "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
        "Content-Length: 4\r\nContent-Length: 5\r\n",
        "Content-Length: 4, 5\r\n",
        "Transfer-Encoding: chunked, identity\r\n",
        "Content-Length: -1\r\n",
    ],
)
@pytest.mark.parametrize("door", ["nginx", "gunicorn"])
def test_a_request_whose_end_is_in_doubt_is_refused(front, door, lengths):
    """No second request can hide in the body of a first one."""
    hidden = f"GET /it/vitiligine/ HTTP/1.1\r\nHost: {NAME}\r\n\r\n"
    request = f"POST /it/contatti/ HTTP/1.1\r\nHost: {NAME}\r\n{lengths}\r\n0\r\n\r\n{hidden}"
    if door == "nginx":
        connection = front.connect().sock
    else:
        connection = socket.create_connection(("127.0.0.1", front.sites[0].port), timeout=30)
    with connection:
        connection.sendall(request.encode())
        connection.settimeout(10)
        answer = b""
        with contextlib.suppress(ConnectionError):
            while part := connection.recv(65536):
                answer += part
    assert answer.startswith((b"HTTP/1.1 400", b"HTTP/1.1 501")), answer[:200]
    assert answer.count(b"HTTP/1.1 ") == 1


def test_plain_http_leads_to_https(front):
    plain = http.client.HTTPConnection("127.0.0.1", front.plain_port, timeout=10)
    plain.request("GET", "/it/?a=b", headers={"Host": "www.example.org"})
    response = plain.getresponse()
    assert (response.status, response.headers["Location"]) == (301, "https://www.example.org/it/?a=b")
    plain.close()


def test_a_body_larger_than_any_form_is_refused_before_the_site_sees_it(front):
    connection = front.connect()
    connection.putrequest("POST", "/it/contatti/")
    connection.putheader("Content-Length", "5000000")
    connection.endheaders()
    assert connection.getresponse().status == 413
    connection.close()


def test_nobody_tries_passwords_all_day(front):
    statuses = [ask(front, "POST", "/admin/account/login/").status for _ in range(14)]
    assert statuses[0] == 403  # no token: the site itself answered
    assert 429 in statuses
    assert ask(front, "GET", "/admin/account/login/").status == 200


def send(front, message):
    """Write to the centre; return the status."""
    form = {"email": "anna@example.org", "message": message, "consent": "on", "consent_version": consents.CURRENT}
    return ask(front, "POST", CONTACT, urlencode(form), **{"Content-Type": "application/x-www-form-urlencoded"}).status


@pytest.mark.parametrize(
    ("message", "status"), [("è" * MESSAGE_LENGTH, 303), ("😀" * MESSAGE_LENGTH, 303), ("è" * 5 * MESSAGE_LENGTH, 422)]
)
def test_what_a_patient_writes_never_lies_on_the_disk_of_nginx(front, message, status):
    bodies = front.folder / "client_body"
    before = bodies.stat().st_mtime_ns
    assert send(front, message) == status
    assert bodies.stat().st_mtime_ns == before  # no file came, and none went


class LargeAnswer(socketserver.StreamRequestHandler):
    """A site that answers everything with more than the buffers on the way can hold."""

    BYTES = 16 * 1024 * 1024

    def handle(self):
        while self.rfile.readline().strip():
            pass
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % self.BYTES + bytes(self.BYTES))


def test_a_table_of_leads_never_lies_on_the_disk_of_nginx_however_slowly_it_is_fetched(tmp_path):
    with socketserver.TCPServer(("127.0.0.1", 0), LargeAnswer) as site:
        site.port = site.server_address[1]
        threading.Thread(target=site.serve_forever, daemon=True).start()
        with Front(tmp_path, [site]) as front:
            answers = front.folder / "proxy"
            before = answers.stat().st_mtime_ns
            connection = front.connect()
            connection.request("GET", "/admin/contacts/lead/export/")
            response = connection.getresponse()
            time.sleep(0.5)
            assert len(response.read()) == LargeAnswer.BYTES
            connection.close()
            assert answers.stat().st_mtime_ns == before
        site.shutdown()


def test_the_logs_know_no_address_and_no_page_not_even_of_a_request_that_fails(front):
    ask(front, "GET", "/it/vitiligine/")
    bodies = front.folder / "client_body"
    hidden = bodies.rename(front.folder / "hidden")
    try:
        assert send(front, "è" * 50_000) == 500  # larger than nginx keeps in memory, and the disk takes nothing
    finally:
        hidden.rename(bodies)
    for log in ("counts.log", "error.log"):
        text = (front.folder / log).read_text()
        assert "127.0.0.1" not in text
        assert "vitiligine" not in text
        assert CONTACT not in text


def test_what_befalls_nginx_itself_is_still_told(front):
    os.kill(children(front.process.pid)[0], signal.SIGKILL)
    wait_until(lambda: "exited on signal 9" in (front.folder / "error.log").read_text(), seconds=10)


def test_without_the_site_there_is_an_honest_page_and_a_moment_to_come_back(front):
    (site,) = front.sites
    site.processes["web"].terminate()
    site.processes["web"].wait(30)
    response = ask(front, "GET", "/it/")
    assert (response.status, response.headers["Retry-After"]) == (503, "60")
    assert {name: response.headers[name] for name in HEADERS} == HEADERS
    site.start_web()
    assert ask(front, "GET", "/it/").status in {200, 503}
