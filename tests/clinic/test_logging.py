"""Logs: one JSON object per line, without anything that a visitor sent."""

import json
import logging
import sys
from types import SimpleNamespace

import pytest
from django.core.exceptions import DisallowedHost, ImproperlyConfigured
from django.core.handlers.wsgi import WSGIHandler
from django.db import DatabaseError, connection

from clinic.caching.page_cache import PageCache
from clinic.logging import JsonFormatter
from contacts.intake import receive
from tests.contacts.intake.test_contact import request as contact_request
from tests.wsgi import ask

MARK = "anna@example.org"


@pytest.fixture(autouse=True)
def _log_where_the_test_reads(monkeypatch):
    (handler,) = [each for each in logging.getLogger().handlers if isinstance(each.formatter, JsonFormatter)]
    now = SimpleNamespace(write=lambda text: sys.stdout.write(text), flush=lambda: None)
    monkeypatch.setattr(handler, "stream", now)


def lines(text):
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def written(name, *arguments, level=logging.ERROR, exc_info=None, **extra):
    record = logging.getLogger(name).makeRecord(name, level, "/x/place.py", 7, *arguments, exc_info, extra=extra)
    return json.loads(JsonFormatter().format(record))


def caught(error):
    try:
        raise error
    except type(error):
        return sys.exc_info()


@pytest.mark.django_db
def test_each_request_is_one_line_with_the_name_of_its_route_and_without_its_path(client, capsys):
    client.get(f"/it/contatti/?email={MARK}")
    client.get(f"/it/{MARK}/")
    client.get("/static/css/none.css")
    client.generic(f"x{'y' * 9}", "/it/contatti/")
    out = capsys.readouterr().out
    assert MARK not in out
    routes = [(line["method"], line["route"], line["status"]) for line in lines(out)]
    assert routes == [
        ("GET", "contacts:contact", 200),
        ("GET", "none", 404),
        ("GET", "static", 404),
        ("other", "contacts:contact", 405),
    ]
    assert len({line["request"] for line in lines(out)}) == 4


@pytest.mark.django_db
def test_a_cached_page_is_logged_like_any_other(capsys):
    site = PageCache(WSGIHandler())
    first = ask(site, "/it/contatti/", query=f"email={MARK}")
    ask(site, "/it/contatti/", query=f"email={MARK}")
    ask(site, "/it/contatti/", if_none_match=first.headers["ETag"])
    out = capsys.readouterr().out
    assert [(line["route"], str(line["status"])) for line in lines(out)] == [
        ("contacts:contact", "200"),
        ("contacts:contact", "200"),
        ("contacts:contact", "304"),
    ]
    assert MARK not in out


@pytest.mark.django_db
def test_all_lines_of_one_request_have_its_id(client, capsys, monkeypatch):
    def fail(*arguments, **kwargs):
        raise DatabaseError(MARK)

    monkeypatch.setattr(receive, "receive", fail)
    assert client.post("/it/contatti/", contact_request()).status_code == 503
    out = capsys.readouterr().out
    assert {"request not stored", "request"} <= {line["message"] for line in lines(out)}
    assert len({line["request"] for line in lines(out)}) == 1
    assert MARK not in out


@pytest.mark.django_db
def test_a_server_error_is_logged_with_type_and_place_without_its_message(client, capsys, monkeypatch):
    def fail(*arguments, **kwargs):
        try:
            {}[MARK]
        except KeyError:
            raise RuntimeError(MARK)  # noqa: B904 - the chain is what is tested

    monkeypatch.setattr(receive, "receive", fail)
    client.raise_request_exception = False
    assert client.post("/it/contatti/", contact_request(email=MARK)).status_code == 500
    out = capsys.readouterr().out
    (error,) = [line for line in lines(out) if "exception" in line]
    assert error["logger"] == "django.request"
    assert [text.partition(" ")[0] for text in error["exception"]] == ["RuntimeError", "KeyError"]
    assert "views.py" in error["exception"][0]
    assert MARK not in out
    assert "contatti" not in out


def test_of_log_records_of_packages_only_the_template_is_written():
    assert written("django.request", "Not Found: %s", (f"/it/{MARK}/",), status_code=404)["message"] == "Not Found: %s"
    assert written("gunicorn.error", f"Invalid request from ip={MARK}", ())["message"] == "place:7"
    assert MARK not in str(
        written("django.request", "%s", (MARK,), request=MARK, exc_info=caught(DisallowedHost(MARK)))
    )


def test_our_own_log_records_are_written_with_their_extra_fields():
    line = written("contacts.mail.outbox", "mail not sent", (), mail=7, reason="SMTP 550")
    assert (line["message"], line["mail"], line["reason"], line["level"]) == ("mail not sent", 7, "SMTP 550", "ERROR")


def test_the_message_of_an_invalid_setting_is_written():
    line = written(
        "gunicorn.error", "Exception in worker process", (), exc_info=caught(ImproperlyConfigured("Do this."))
    )
    assert "Do this." in line["exception"][0]


@pytest.mark.django_db
def test_a_database_error_is_logged_with_its_code():
    with pytest.raises(DatabaseError) as caught_error, connection.cursor() as cursor:
        cursor.execute("SELECT nothing FROM nowhere")
    line = written("clinic", "x", (), exc_info=(DatabaseError, caught_error.value, caught_error.value.__traceback__))
    assert any(code in line["exception"][1] for code in ("SQLITE_ERROR", "42P01"))
    assert "nowhere" not in str(line)


def test_a_page_is_served_even_if_the_log_cannot_be_written(client, monkeypatch):
    class Full:
        def write(self, text):
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(sys, "stdout", Full())
    assert client.get("/livez").status_code == 200
