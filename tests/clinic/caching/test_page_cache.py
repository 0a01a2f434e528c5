"""The page cache: ready bytes that are always right."""

import gzip
import threading

import brotli
import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.db import DatabaseError
from django.http import HttpResponse
from django.urls import reverse
from hypothesis import HealthCheck, given
from hypothesis import settings as budget
from hypothesis import strategies as st

from clinic.caching.content_version import PATIENCE_SECONDS, Follower, content_version
from clinic.caching.encodings import best_coding
from clinic.caching.page_cache import LIFE_SECONDS, MOST_BYTES, PageCache, cached_page
from clinic.caching.values import CachedValue
from clinic.models import ContentVersion
from contacts.references import new_reference
from tests.wsgi import ask
from treatments.cards import cards
from treatments.models import Page
from treatments.people import people

INFORMATION = """/it/ /en/ /it/trattamenti/ /en/treatments/ /it/trattamenti/micropigmentazione/
    /en/treatments/micropigmentation/ /it/vitiligine/ /en/vitiligo/ /it/notizie/ /en/news/""".split()
KEPT = (
    INFORMATION
    + """/it/questionario/ /en/questionnaire/ /it/contatti/ /en/contact/ /it/privacy/ /en/privacy/
    /it/accessibilita/ /en/accessibility/""".split()
)
NOT_KEPT = """/ /it /it/non-esiste/ /en/vitiligo /livez /readyz /robots.txt /sitemap.xml /admin/ /static/css/site.css
    /.well-known/security.txt""".split()
DOORS = """/ /it/ /en/ /it/trattamenti/ /it/notizie/ /it/questionario/ /it/contatti/inviato/ /it/contatti/revoca/
    /media/ /static/ /admin/ /admin/contacts/lead/ /admin/account/""".split()
# What a process does that gunicorn has just started; how many templates it compiles for one page.
FIRST_PAGE = """
from unittest import mock
from clinic.wsgi import application
from django.template import Template
from tests.wsgi import ask
with mock.patch.object(Template, "compile_nodelist", autospec=True, side_effect=Template.compile_nodelist) as compiled:
    answer = ask(application, "/en/treatments/", Host="127.0.0.1")
print(answer.status, compiled.call_count)
"""

pytestmark = pytest.mark.django_db


class Pages:
    """A small WSGI application in the place of Django, that counts what it renders."""

    def __init__(self, render):
        self.render, self.rendered = render, 0

    def __call__(self, environ, start_response):
        self.rendered += 1
        response = self.render(environ)
        start_response(f"{response.status_code} {response.reason_phrase}", list(response.items()))
        return response


def page(body=b"<p>page</p>"):
    return cached_page(lambda request: HttpResponse(body))(Request())


class Request:
    method, META = "GET", {}


@pytest.fixture
def steady(monkeypatch):
    """A content version that nobody changes, in a database that answers."""
    monkeypatch.setattr(content_version, "is_answering", lambda: True)
    monkeypatch.setattr(content_version, "number", 1)


# --- What is kept, and what never -----------------------------------------------------------------------


def test_a_public_page_is_rendered_once_and_then_answered_without_the_database(cached_site, django_assert_num_queries):
    first = ask(cached_site)
    cached_site.application = None
    content_version.follow = lambda: None
    with django_assert_num_queries(0):
        second = ask(cached_site)
    assert first.status == second.status == 200
    assert "Micropigmentazione" in second.text
    assert (first.headers, first.body) == (second.headers, second.body)


@pytest.mark.parametrize("path", KEPT)
def test_every_public_page_is_kept_with_the_headers_that_django_gave_it(cached_site, path):
    bare = ask(cached_site.application, path)
    kept = [ask(cached_site, path) for _ in range(2)]
    assert len(cached_site.pages) == 1
    for answer in kept:
        assert answer.body == bare.body
        etag = answer.headers.pop("ETag")
        assert etag.startswith('"')
        assert answer.headers == bare.headers
        assert answer.headers["Cache-Control"].startswith("public, max-age=30")
        assert answer.headers["Vary"] == "Accept-Encoding"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", NOT_KEPT)
def test_nothing_else_is_kept(cached_site, path):
    ask(cached_site, path)
    assert not cached_site.pages


@budget(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(start=st.sampled_from(DOORS), rest=st.binary(max_size=40))
def test_no_path_whatsoever_is_a_server_error(cached_site, start, rest):
    # A server hands on the bytes of a path one character each.
    assert ask(cached_site, start + rest.decode("latin-1")).status < 500


def test_thanks_outcome_and_withdrawal_are_not_kept(cached_site):
    ask(cached_site, reverse("contacts:thanks", args=[new_reference()]))
    ask(cached_site, "/it/contatti/revoca/not-a-token/")
    ask(cached_site, "/it/questionario/", method="POST", Origin="http://127.0.0.1:8000")
    ask(cached_site, "/it/contatti/", method="POST", Origin="http://127.0.0.1:8000")
    assert not cached_site.pages


@pytest.mark.parametrize(
    "spoil",
    [
        lambda response: response.set_cookie("a", "b"),
        lambda response: response.headers.__setitem__("Vary", "Cookie"),
        lambda response: response.headers.__setitem__("Cache-Control", "no-store"),
        lambda response: setattr(response, "status_code", 404),
    ],
)
def test_a_marked_page_that_turns_out_personal_or_missing_is_not_kept(steady, spoil):
    def render(environ):
        response = page()
        spoil(response)
        return response

    cache = PageCache(Pages(render))
    ask(cache)
    assert not cache.pages


def test_the_answer_to_head_is_that_to_get_without_its_body(cached_site):
    head, get = ask(cached_site, method="HEAD"), ask(cached_site)
    assert (head.status, head.headers, head.body) == (200, get.headers, b"")
    assert ask(cached_site, method="HEAD").headers == get.headers


@pytest.mark.parametrize("path", KEPT)
def test_a_kept_page_is_the_same_for_everyone(cached_site, path):
    first = ask(cached_site.application, path)
    other = ask(
        cached_site.application,
        path,
        Cookie="session=1; language=en",
        Accept_Language="de",
        User_Agent="Mozilla/5.0",
        Host="localhost",
        X_Forwarded_Host="evil.example",
        X_Forwarded_For="203.0.113.7",
        Authorization="Basic YTpi",
    )
    assert (other.body, other.headers) == (first.body, first.headers)


@given(query=st.text(st.characters(min_codepoint=33, max_codepoint=126)))
def test_a_query_string_neither_splits_nor_poisons_a_page(query):
    seen = []

    def render(environ):
        request = Request()
        request.META = environ
        view = cached_page(lambda request: HttpResponse(environ["QUERY_STRING"] + repr(request.GET)))
        seen.append(environ["QUERY_STRING"])
        return view(request)

    cache = PageCache(Pages(render))
    first, second = ask(cache, query=query), ask(cache, query="utm_source=x")
    assert first.text == second.text == "<QueryDict: {}>"
    assert seen == [query]
    assert len(cache.pages) == 1


def test_a_foreign_name_is_refused_although_the_page_is_ready(cached_site):
    ask(cached_site)
    for host in ("evil.example", "127.0.0.1:8000@evil.example", "", "a b"):
        assert ask(cached_site, Host=host).status == 400
    assert ask(cached_site, Host="LOCALHOST:9").status == 200
    assert len(cached_site.pages) == 1


def test_plain_http_is_led_to_https_although_the_page_is_ready(settings, steady):
    settings.SECURE_SSL_REDIRECT, settings.SECURE_HSTS_SECONDS = True, 60
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    https_site = PageCache(WSGIHandler())
    assert ask(https_site, X_Forwarded_Proto="https").headers["Strict-Transport-Security"] == "max-age=60"
    assert ask(https_site).status == ask(https_site, X_Forwarded_Proto="http").status == 301
    assert ask(https_site, X_Forwarded_Proto="https, evil").status == 200
    assert len(https_site.pages) == 1


def test_memory_is_bounded_and_what_was_rendered_longest_ago_makes_room(steady):
    body = b"x" * (MOST_BYTES // 10 + 1)
    cache = PageCache(Pages(lambda environ: page(body)))
    for number in range(25):
        ask(cache, f"/{number}/")
    assert [key[-1] for key in cache.pages] == [f"/{number}/" for number in range(16, 25)]
    cache.application.render = lambda environ: page(b"x" * (MOST_BYTES + 1))
    assert ask(cache, "/large/").status == 200
    assert not cache.pages


# --- Bytes and tags ---------------------------------------------------------------------------------------

DECODE = {None: bytes, "gzip": gzip.decompress, "br": brotli.decompress}


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("", None),
        ("gzip, deflate, br, zstd", "br"),
        ("gzip, deflate", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("br;q=0.5, gzip;q=0.8", "gzip"),
        ("GZIP ; Q=1.0", "gzip"),
        ("identity, gzip;q=0.5", None),
        ("*", "br"),
        ("*;q=0", None),
        ("br;q=0, *", "gzip"),
        ("identity;q=0", None),
        ("br;q=abc", None),
        ("br;q=2", None),
        ("brotli, gzipped", None),
    ],
)
def test_the_coding_is_the_one_the_reader_likes_best(cached_site, accepted, coding):
    answer = ask(cached_site, Accept_Encoding=accepted)
    assert answer.headers.get("Content-Encoding") == coding
    assert "Micropigmentazione" in DECODE[coding](answer.body).decode()
    assert answer.headers["Content-Length"] == str(len(answer.body))


WEIGHTS = st.sampled_from(["", ";q=0", ";q=0.001", "; q=0.5", " ;q=1", ";q=1.000", ";Q=0.7"])


@given(
    st.dictionaries(st.sampled_from(["br", "gzip", "identity", "*", "deflate", "zstd"]), WEIGHTS),
    st.sampled_from([",", ", ", " ,\t"]),
)
def test_no_refused_coding_is_sent_and_none_is_liked_better(accepted, comma):
    def weight(coding):
        text = accepted.get(coding, accepted.get("*", ";q=0") if coding != "identity" else ";q=0")
        return float(text.lower().partition("q=")[2] or 1)

    chosen = best_coding(comma.join(name + weight for name, weight in accepted.items()))
    assert chosen == "identity" or weight(chosen) > 0
    assert weight(chosen) == max(weight(coding) for coding in ("br", "gzip", "identity"))


@given(st.text())
def test_any_accept_encoding_gets_an_answer(accepted):
    assert best_coding(accepted) in {"br", "gzip", "identity"}


def test_a_page_the_reader_has_is_not_sent_again_and_each_form_has_its_own_tag(cached_site):
    tags = {coding: ask(cached_site, Accept_Encoding=coding).headers["ETag"] for coding in ("identity", "gzip", "br")}
    assert len(set(tags.values())) == 3
    for coding, tag in tags.items():
        for condition in (tag, f"W/{tag}", f'"other", {tag}', "*"):
            answer = ask(cached_site, Accept_Encoding=coding, If_None_Match=condition)
            assert (answer.status, answer.body) == (304, b"")
            assert answer.headers["ETag"] == tag
            assert {"Cache-Control", "Vary"} <= set(answer.headers)
            assert "Content-Encoding" not in answer.headers
    for condition in (tags["gzip"], '"other"', "nonsense", ""):
        assert ask(cached_site, Accept_Encoding="br", If_None_Match=condition).status == 200
    assert ask(cached_site, If_Match='"other"').status == 412
    assert ask(cached_site, method="HEAD", If_None_Match="*").status == 304


def test_a_tag_is_the_same_in_every_process_and_new_with_new_words(cached_site):
    first = ask(cached_site).headers["ETag"]
    assert ask(PageCache(cached_site.application)).headers["ETag"] == first
    Page.objects.filter(slug_it="micropigmentazione").update(title_it="Un titolo nuovo")
    ContentVersion.bump()
    answer = ask(cached_site, If_None_Match=first)
    assert answer.status == 200
    assert answer.headers["ETag"] != first


@pytest.mark.parametrize("wanted", ["bytes=0-9", "bytes=5-", "bytes=0-0,5-9", "lines=1"])
def test_a_range_gets_the_whole_page(cached_site, wanted):
    answer = ask(cached_site, Range=wanted)
    assert answer.status == 200
    assert answer.text.endswith("</html>\n")


# --- Following the content ----------------------------------------------------------------------------------


def test_a_page_lives_no_longer_than_its_life_so_that_the_calendar_shows(cached_site):
    ask(cached_site)
    [kept] = cached_site.pages.values()
    Page.objects.filter(slug_it="micropigmentazione").update(title_it="Apparso da solo")
    assert "Apparso da solo" not in ask(cached_site).text
    kept.made_at -= LIFE_SECONDS
    assert "Apparso da solo" in ask(cached_site).text


def test_an_edit_during_the_rendering_is_not_lost(steady):
    def render(environ):
        content_version.number += 1
        return page(f"version {content_version.number - 1}".encode())

    cache = PageCache(Pages(render))
    assert ask(cache).text == "version 1"
    assert ask(cache).text == "version 2"


def test_what_is_remembered_follows_the_content_too(monkeypatch):
    monkeypatch.setattr(content_version, "number", 1)
    words = iter(["old", "new"])
    remembered = CachedValue(lambda: next(words))
    assert [remembered.current(), remembered.current()] == ["old", "old"]
    content_version.number = 2
    assert [remembered.current(), remembered.current()] == ["new", "new"]


# --- Trouble ------------------------------------------------------------------------------------------------


def test_a_page_that_cannot_be_rendered_is_answered_in_its_last_form(steady):
    cache = PageCache(Pages(lambda environ: page(b"good")))
    good = ask(cache)
    cache.application.render = lambda environ: HttpResponse("no", status=503)
    content_version.number = 2
    again = ask(cache)
    assert (again.status, again.headers, again.body) == (200, good.headers, b"good")
    assert ask(cache, "/never-seen/").status == 503
    cache.application.render = lambda environ: page(b"better")
    assert ask(cache).text == "better"


def test_while_the_database_is_away_nothing_is_rendered_that_is_ready_however_old(steady, monkeypatch):
    cache = PageCache(Pages(lambda environ: page()))
    ask(cache)
    [kept] = cache.pages.values()
    kept.made_at -= 100 * LIFE_SECONDS
    monkeypatch.setattr(content_version, "is_answering", lambda: False)
    assert ask(cache).status == 200
    assert cache.application.rendered == 1


def test_one_reader_renders_what_has_changed_and_the_others_do_not_wait(steady):
    cache = PageCache(Pages(lambda environ: page(b"old")))
    ask(cache)
    content_version.number = 2
    began, go_on = threading.Event(), threading.Event()

    def render(environ):
        began.set()
        assert go_on.wait(10)
        return page(b"new")

    cache.application.render = render
    first = []
    thread = threading.Thread(target=lambda: first.append(ask(cache)))
    thread.start()
    assert began.wait(10)
    assert {ask(cache).text for _ in range(50)} == {"old"}
    go_on.set()
    thread.join(10)
    assert first[0].text == ask(cache).text == "new"
    assert cache.application.rendered == 2


def test_a_check_that_hangs_keeps_nobody_waiting_and_the_number_stays():
    numbers = iter([7])

    def read():
        return next(numbers, None) or threading.Event().wait()

    follower = Follower(read)
    follower.check()
    follower.follow()
    assert (follower.number, follower.is_answering()) == (7, True)
    follower._read_at -= PATIENCE_SECONDS
    assert (follower.number, follower.is_answering()) == (7, False)


def test_a_follower_that_is_told_to_stop_ends_its_thread():
    follower = Follower(lambda: 7)
    follower.follow()
    follower.stop()
    assert not follower._thread.is_alive()


def test_a_check_that_fails_is_told_once_and_the_number_stays(caplog):
    answers = [7, DatabaseError(), OSError(), 8, DatabaseError()]

    def read():
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    follower, numbers = Follower(read), []
    for _ in range(len(answers)):
        follower.check()
        numbers.append(follower.number)
    assert numbers == [7, 7, 7, 8, 8]
    assert len(caplog.records) == 2


# --- Cold pages ---------------------------------------------------------------------------------------------


def test_a_fresh_process_has_compiled_what_its_first_visitor_sees(site):
    assert site.python(FIRST_PAGE).splitlines()[-1] == "200 0"


@pytest.mark.parametrize("path", INFORMATION)
def test_a_cold_page_needs_at_most_six_queries(client, path, django_assert_max_num_queries):
    client.get("/it/contatti/")  # the clinic's facts are remembered from page to page ...
    cards.current(), people.current()  # ... and so are the cards and the portrait
    with django_assert_max_num_queries(6):
        assert client.get(path).status_code == 200
