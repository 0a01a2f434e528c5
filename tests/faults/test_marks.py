"""A mark wherever somebody can write something, trouble of every kind, and then a search for the marks.

They are read where they should be: by the centre, decrypted. They are found in no log, no mail, no address that the
site gives out, no page, no table, no byte of the database, its write-ahead log or a backup.
"""

import http.client
import re
import socket
from contextlib import suppress
from pathlib import Path
from secrets import token_hex

import psycopg
import pytest
from psycopg import sql

from tests.faults.crowd import post
from tests.faults.sites import database_away, execute, leads, let_an_hour_pass, postgres_url, wait_until

pytestmark = pytest.mark.faults

# Done with the site's own settings and database, as by a member of staff who signs in, also with wrong words.
STAFF = """
from django.conf import settings
from contacts.models import Lead, LeadNote
from tests import staff
settings.ALLOWED_HOSTS = ["testserver"]
user = staff.make_staff("marta", role="owner")
client = staff.signed_in(user)
lead = Lead.objects.get(answers__isnull=False)
page = f"/admin/contacts/lead/{lead.pk}/change/"
person = "/admin/contacts/lead/person/"
stranger = staff.Client()
login = "/admin/account/login/"
tries = [
    client.get(page),
    client.post(page, {"version": lead.version, "note": NOTE, "to": "progress"}),
    client.post(page, {"version": 99, "note": NOTE, "to": "nowhere"}),
    client.post(page, {"version": NOTE}),
    client.get("/admin/contacts/lead/", {"q": lead.email}),
    client.post(person, {"address": lead.email}),
    client.post(person, {"address": NOTE}),
    client.post(person + "copy/", {"lead": lead.pk, "format": "json"}),
    client.get(page),
    stranger.post(login, {"login_view-current_step": "auth", "auth-username": USER, "auth-password": PASSWORD}),
    stranger.get("/admin/contacts/lead/", {"q": USER}),
]
assert LeadNote.objects.get().text == NOTE
assert NOTE in tries[8].content.decode()
print([response.status_code for response in tries])
"""


class Marks:
    """Words that stand nowhere else: `marks("name")` is the mark for the name; `found(data)` tells which are there."""

    def __init__(self):
        self.stem, self.labels = f"zq{token_hex(5)}", set()

    def __call__(self, label: str) -> str:
        self.labels.add(label)
        return self.stem + label

    def found(self, data: bytes | str) -> set[str]:
        text = data.decode("latin-1") if isinstance(data, bytes) else data
        return set(re.findall(f"{self.stem}([a-z]*)", text, re.IGNORECASE))


def ask(site, method, path, body=None, **headers) -> tuple[int, str, str]:
    """Return status, Location and body of one request."""
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=30)
    try:
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        return response.status, response.getheader("Location", ""), response.read().decode(errors="replace")
    finally:
        connection.close()


def send_nonsense(site, data: bytes) -> None:
    with suppress(OSError), socket.create_connection(("127.0.0.1", site.port), timeout=5) as connection:
        connection.sendall(data)
        connection.recv(1000)


def write_to_the_centre(site, marks) -> list[str]:
    """Send requests of every fate: attached answers, suspected, wrong, too large. Return the addresses given out."""
    outcome = post(site, "", path="/it/questionario/", diagnosed="yes", family="no", patches="yes").html
    sealed = re.search(r'name="self_check"[^>]* value="([^"]+)"', outcome)[1]
    marked = {name: marks(name) for name in ("name", "message", "source")}
    address = f"{marks('email')}@example.org"
    answers = [
        post(site, 1, email=address, self_check=sealed, attach_answers="on", **marked),
        post(site, 2, email=address, second_opinion=marks("trap"), message=marks("spam")),
        post(site, 3, email=address, self_check=marks("seal"), attach_answers="on", **marked),
        post(site, 4, email=marks("wrong"), consent_version=marks("version"), **marked),
        post(site, 5, email=address, message=marks("message") * 1000),
        post(site, 6, email=address, unknown=marks("unknown")),
        post(site, 7, path="/it/questionario/", diagnosed=marks("answer")),
    ]
    assert [answer.status for answer in answers] == [303, 303, 303, 422, 422, 303, 422]
    return [answer.location for answer in answers]


def come_by(site, marks) -> None:
    """Ask for what is not there, with marks in every header."""
    names = ("User-Agent", "Referer", "X-Forwarded-For", "Cookie", "Accept-Language", "X-Request-ID")
    headers = {name: marks("header") for name in names}
    path, query, body = marks("path"), marks("query"), marks("body")
    paths = [f"/{path}/", f"/it/{path}/", f"/en/treatments/{path}/", f"/static/{path}.css", f"/media/{path}.jpg"]
    paths += [f"/it/contatti/inviato/{path}/", f"/it/contatti/revoca/{path}/", "/admin/"]
    paths += [f"/it/?q={query}", f"/it/contatti/?email={query}"]
    for each in paths:
        assert ask(site, "GET", each, **headers)[0] in {200, 302, 404}
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    parts = {"Content-Type": "multipart/form-data; boundary=x"}
    refused = [
        ask(site, "GET", "/it/", Host=f"{marks('host')}.example"),
        ask(site, "POST", "/it/contatti/", f"email={body}", Origin="https://evil.example", **form),
        ask(site, "POST", "/it/contatti/", f"%%{body}&=" * 2000, **form),
        ask(site, "POST", "/it/contatti/", f"--x\r\n{body}", **parts),
        ask(site, marks("method").upper(), "/it/contatti/"),
    ]
    assert all(400 <= status < 500 for status, _location, _html in refused)
    send_nonsense(site, f"GET /it/?q={marks('nonsense')} HTTP/9.9\r\nHost: x\r\n\r\n".encode())
    send_nonsense(site, f"{marks('nonsense')}\r\n\r\n".encode())


def meet_trouble(site, marks) -> None:
    """Everything again while the database is away: 503 for all that needs it."""
    with database_away(site):
        answer = post(site, 8, email=f"{marks('email')}@example.org", name=marks("name"), message=marks("message"))
        assert answer.status == 503
        assert marks("message") in answer.html
        statuses = {
            ask(site, "GET", f"/admin/?{marks('query')}", Cookie=f"session={token_hex(16)}{marks('header')}")[0],
            ask(site, "GET", f"/it/contatti/revoca/{marks('path')}/")[0],
            ask(site, "GET", f"/it/notizie/{marks('path')}/")[0],
        }
        assert statuses == {404, 503}, statuses


def places(site, server):
    """Yield (what, bytes or text) of everything that could hold a mark and must not."""
    for path in sorted(site.folder.rglob("*")):
        if path.is_file() and not {"static", "media"} & set(path.parts):
            yield f"file {path.relative_to(site.folder)}", path.read_bytes()
    if url := postgres_url(site):
        with psycopg.connect(url) as connection:
            names = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
            for (name,) in names:
                rows = connection.execute(sql.SQL("SELECT t::text FROM {} t").format(sql.Identifier(name))).fetchall()
                yield f"table {name}", str(rows)
    for message in server.messages():
        to_staff = message["To"].startswith("reception")
        text = "".join(part.get_content() for part in message.walk() if part.get_content_maintype() == "text")
        headers = str([item for item in message.items() if to_staff or item[0] != "To"])
        yield f"mail to {'staff' if to_staff else 'the patient'}", headers + text
    for path in ("/it/", "/it/contatti/", "/en/contact/", "/it/questionario/", "/it/privacy/"):
        yield f"page {path}", ask(site, "GET", path)[2]


def test_a_mark_in_every_field_is_found_nowhere_but_decrypted(fault_site, server, request):
    site, marks = fault_site, Marks()
    server.behaviour = "RCPT 550 <{address}> unknown here"
    given_out = write_to_the_centre(site, marks)
    come_by(site, marks)
    wait_until(lambda: execute(site, "SELECT count(*) FROM contacts_outboxemail WHERE last_error <> ''")[0][0])
    meet_trouble(site, marks)
    words = {"NOTE": marks("note"), "USER": marks("user"), "PASSWORD": marks("password")}
    printed = site.python("\n".join(f"{name} = {word!r}" for name, word in words.items()) + STAFF)
    server.behaviour = "well"
    wait_until(lambda: let_an_hour_pass(site) or len(server.messages()) >= 6, pause=1)
    printed += site.manage("backup") + site.manage("purge_leads") + site.manage("send_mails")

    # The centre reads them: they are there.
    assert {"email", "name", "message"} <= marks.found(str(leads(site)))
    # The search finds what is in clear.
    planted = Path(site.folder, "var", "planted")
    planted.write_text(f"a line with {marks('planted')} in it")
    searched = [("addresses given out", str(given_out)), ("printed", printed), *places(site, server)]
    planted.unlink()
    found = {what: marks.found(data) for what, data in searched if marks.found(data)}
    assert found == {"file var/planted": {"planted"}}
    assert any("db.sqlite3" in what or "contacts_lead" in what for what, _data in searched)
    assert any(what.endswith(".age") for what, _data in searched)
    log = site.log.read_text()
    assert '"status": 422' in log
    assert '"status": 503' in log
    assert "exception" in log
    with request.config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        size = sum(len(data) for _what, data in searched)
        print(f"\n{len(marks.labels)} kinds of marks, {len(searched)} places of {size:,} bytes: found in none", end=" ")
