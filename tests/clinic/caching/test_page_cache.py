"""The page cache: what is cached, how it is encoded, when it is rendered again, and what happens on errors."""

import gzip
import threading
from types import SimpleNamespace

import brotli
import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.db import DatabaseError
from django.http import HttpResponse
from django.urls import reverse
from hypothesis import HealthCheck, given
from hypothesis import settings as budget
from hypothesis import strategies as st

from clinic.caching.content_version import AWAY_AFTER_SECONDS, VersionPoller, content_version
from clinic.caching.encodings import best_encoding
from clinic.caching.page_cache import CACHE_HEADERS, MAX_AGE_SECONDS, MAX_BYTES, PageCache, cached_page
from clinic.caching.values import CachedValue
from clinic.models import ContentVersion
from contacts.references import new_reference
from tests.wsgi import ask
from treatments.models import Page

INFORMATION = """/it/ /en/ /it/trattamenti/ /en/treatments/ /it/trattamenti/micropigmentazione/
    /en/treatments/micropigmentation/ /it/vitiligine/ /en/vitiligo/ /it/notizie/ /en/news/""".split()
CACHED = (
    INFORMATION
    + """/it/questionario/ /en/questionnaire/ /it/contatti/ /en/contact/ /it/privacy/ /en/privacy/
    /it/accessibilita/ /en/accessibility/""".split()
)
NOT_CACHED = """/ /it /it/non-esiste/ /en/vitiligo /livez /readyz /robots.txt /sitemap.xml /admin/ /static/css/site.css
    /.well-known/security.txt""".split()
STARTS = """/ /it/ /en/ /it/trattamenti/ /it/notizie/ /it/questionario/ /it/contatti/inviato/ /it/contatti/revoca/
    /media/ /static/ /admin/ /admin/contacts/lead/ /admin/account/""".split()
# A new gunicorn process: how many templates it compiles for its first page.
FIRST_PAGE = """
from unittest import mock
from clinic.wsgi import application
from django.template import Template
from tests.wsgi import ask
with mock.patch.object(Template, "compile_nodelist", autospec=True, side_effect=Template.compile_nodelist) as compiled:
    answer = ask(application, "/en/treatments/", Host="127.0.0.1")
print(answer.status, compiled.call_count)
"""

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


class Pages:
    """A small WSGI application instead of Django that counts what it renders."""

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
    method, META, resolver_match = "GET", {}, SimpleNamespace(view_name="page")


@pytest.fixture
def steady(monkeypatch):
    """A content version that does not change, in a database that answers."""
    monkeypatch.setattr(content_version, "is_answering", lambda: True)
    monkeypatch.setattr(content_version, "number", 1)


# --- What is cached -------------------------------------------------------------------------------------


def test_a_public_page_is_rendered_once_and_then_answered_without_the_database(cached_site, django_assert_num_queries):
    first = ask(cached_site)
    cached_site.application = None
    content_version.start = lambda: None
    with django_assert_num_queries(0):
        second = ask(cached_site)
    assert first.status == second.status == 200
    assert "Micropigmentazione" in second.text
    assert (first.headers, first.body) == (second.headers, second.body)


@pytest.mark.parametrize("path", CACHED)
def test_every_public_page_is_cached_with_the_headers_that_django_gave_it_and_those_for_caches(cached_site, path):
    bare = ask(cached_site.application, path)
    assert not {"Cache-Control", "Vary"} & set(bare.headers)
    answers = [ask(cached_site, path) for _ in range(2)]
    assert len(cached_site.pages) == 1
    for answer in answers:
        assert answer.body == bare.body
        etag = answer.headers.pop("ETag")
        assert etag.startswith('"')
        assert answer.headers == bare.headers | CACHE_HEADERS
        assert answer.headers["Cache-Control"].startswith("public, max-age=30")
        assert answer.headers["Vary"] == "Accept-Encoding"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", NOT_CACHED)
def test_nothing_else_is_cached(cached_site, path):
    ask(cached_site, path)
    assert not cached_site.pages


@budget(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(start=st.sampled_from(STARTS), rest=st.binary(max_size=40))
def test_no_path_whatsoever_is_a_server_error(cached_site, start, rest):
    # WSGI: a path has one character for each byte.
    assert ask(cached_site, start + rest.decode("latin-1")).status < 500


def test_thanks_outcome_and_withdrawal_are_not_cached(cached_site):
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
def test_a_marked_page_that_is_personal_or_missing_is_not_cached(steady, spoil):
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


@pytest.mark.parametrize("path", CACHED)
def test_a_cached_page_is_the_same_for_everyone(cached_site, path):
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


def test_a_foreign_host_is_refused_although_the_page_is_cached(cached_site):
    ask(cached_site)
    for host in ("evil.example", "127.0.0.1:8000@evil.example", "", "a b"):
        assert ask(cached_site, Host=host).status == 400
    assert ask(cached_site, Host="LOCALHOST:9").status == 200
    assert len(cached_site.pages) == 1


def test_plain_http_is_redirected_to_https_although_the_page_is_cached(settings, steady):
    settings.SECURE_SSL_REDIRECT, settings.SECURE_HSTS_SECONDS = True, 60
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    https_site = PageCache(WSGIHandler())
    assert ask(https_site, X_Forwarded_Proto="https").headers["Strict-Transport-Security"] == "max-age=60"
    assert ask(https_site).status == ask(https_site, X_Forwarded_Proto="http").status == 301
    assert ask(https_site, X_Forwarded_Proto="https, evil").status == 200
    assert len(https_site.pages) == 1


def test_memory_is_limited_and_the_pages_rendered_first_are_evicted(steady):
    body = b"x" * (MAX_BYTES // 10 + 1)
    cache = PageCache(Pages(lambda environ: page(body)))
    for number in range(25):
        ask(cache, f"/{number}/")
    assert [key[-1] for key in cache.pages] == [f"/{number}/" for number in range(16, 25)]
    cache.application.render = lambda environ: page(b"x" * (MAX_BYTES + 1))
    assert ask(cache, "/large/").status == 200
    assert not cache.pages


# --- Encodings and ETags ----------------------------------------------------------------------------------

DECODE = {None: bytes, "gzip": gzip.decompress, "br": brotli.decompress}


@pytest.mark.parametrize(
    ("accepted", "encoding"),
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
def test_the_encoding_is_the_one_with_the_highest_weight(cached_site, accepted, encoding):
    answer = ask(cached_site, Accept_Encoding=accepted)
    assert answer.headers.get("Content-Encoding") == encoding
    assert "Micropigmentazione" in DECODE[encoding](answer.body).decode()
    assert answer.headers["Content-Length"] == str(len(answer.body))


WEIGHTS = st.sampled_from(["", ";q=0", ";q=0.001", "; q=0.5", " ;q=1", ";q=1.000", ";Q=0.7"])


@given(
    st.dictionaries(st.sampled_from(["br", "gzip", "identity", "*", "deflate", "zstd"]), WEIGHTS),
    st.sampled_from([",", ", ", " ,\t"]),
)
def test_no_refused_encoding_is_chosen_and_none_has_a_higher_weight(accepted, comma):
    def weight(encoding):
        text = accepted.get(encoding, accepted.get("*", ";q=0") if encoding != "identity" else ";q=0")
        return float(text.lower().partition("q=")[2] or 1)

    chosen = best_encoding(comma.join(name + weight for name, weight in accepted.items()))
    assert chosen == "identity" or weight(chosen) > 0
    assert weight(chosen) == max(weight(encoding) for encoding in ("br", "gzip", "identity"))


@given(st.text())
def test_any_accept_encoding_gets_an_answer(accepted):
    assert best_encoding(accepted) in {"br", "gzip", "identity"}


def test_a_page_the_browser_has_is_not_sent_again_and_each_encoding_has_its_own_etag(cached_site):
    tags = {
        encoding: ask(cached_site, Accept_Encoding=encoding).headers["ETag"] for encoding in ("identity", "gzip", "br")
    }
    assert len(set(tags.values())) == 3
    for encoding, tag in tags.items():
        for condition in (tag, f"W/{tag}", f'"other", {tag}', "*"):
            answer = ask(cached_site, Accept_Encoding=encoding, If_None_Match=condition)
            assert (answer.status, answer.body) == (304, b"")
            assert answer.headers["ETag"] == tag
            assert {"Cache-Control", "Vary"} <= set(answer.headers)
            assert "Content-Encoding" not in answer.headers
    for condition in (tags["gzip"], '"other"', "nonsense", ""):
        assert ask(cached_site, Accept_Encoding="br", If_None_Match=condition).status == 200
    assert ask(cached_site, If_Match='"other"').status == 412
    assert ask(cached_site, method="HEAD", If_None_Match="*").status == 304


def test_an_etag_is_the_same_in_every_process_and_changes_with_the_content(cached_site):
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


# --- When a page is rendered again --------------------------------------------------------------------------


def test_a_page_is_rendered_again_after_its_maximum_age_so_that_scheduled_content_shows(cached_site):
    ask(cached_site)
    [cached] = cached_site.pages.values()
    Page.objects.filter(slug_it="micropigmentazione").update(title_it="Apparso da solo")
    assert "Apparso da solo" not in ask(cached_site).text
    cached.rendered_at -= MAX_AGE_SECONDS
    assert "Apparso da solo" in ask(cached_site).text


def test_an_edit_during_the_rendering_is_not_lost(steady):
    def render(environ):
        content_version.number += 1
        return page(f"version {content_version.number - 1}".encode())

    cache = PageCache(Pages(render))
    assert ask(cache).text == "version 1"
    assert ask(cache).text == "version 2"


def test_a_cached_value_is_read_again_when_the_content_version_changes(monkeypatch):
    monkeypatch.setattr(content_version, "number", 1)
    values = iter(["old", "new"])
    cached = CachedValue(lambda: next(values))
    assert [cached.current(), cached.current()] == ["old", "old"]
    content_version.number = 2
    assert [cached.current(), cached.current()] == ["new", "new"]


# --- Errors -------------------------------------------------------------------------------------------------


def test_a_page_that_cannot_be_rendered_again_is_served_stale(steady):
    cache = PageCache(Pages(lambda environ: page(b"good")))
    good = ask(cache)
    cache.application.render = lambda environ: HttpResponse("no", status=503)
    content_version.number = 2
    again = ask(cache)
    assert (again.status, again.headers, again.body) == (200, good.headers, b"good")
    assert ask(cache, "/never-seen/").status == 503
    cache.application.render = lambda environ: page(b"better")
    assert ask(cache).text == "better"


def test_while_the_database_is_away_cached_pages_are_served_at_any_age(steady, monkeypatch):
    cache = PageCache(Pages(lambda environ: page()))
    ask(cache)
    [cached] = cache.pages.values()
    cached.rendered_at -= 100 * MAX_AGE_SECONDS
    monkeypatch.setattr(content_version, "is_answering", lambda: False)
    assert ask(cache).status == 200
    assert cache.application.rendered == 1


def test_one_request_renders_a_changed_page_and_the_others_do_not_wait(steady):
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


def test_a_poll_that_hangs_delays_no_request_and_the_number_stays():
    numbers = iter([7])

    def read():
        return next(numbers, None) or threading.Event().wait()

    poller = VersionPoller(read)
    poller.poll()
    poller.start()
    assert (poller.number, poller.is_answering()) == (7, True)
    poller._read_at -= AWAY_AFTER_SECONDS
    assert (poller.number, poller.is_answering()) == (7, False)


def test_stop_ends_the_thread_of_the_poller():
    poller = VersionPoller(lambda: 7)
    poller.start()
    poller.stop()
    assert not poller._thread.is_alive()


def test_a_poll_that_fails_is_logged_once_and_the_number_stays(caplog):
    answers = [7, DatabaseError(), OSError(), 8, DatabaseError()]

    def read():
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    poller, numbers = VersionPoller(read), []
    for _ in range(len(answers)):
        poller.poll()
        numbers.append(poller.number)
    assert numbers == [7, 7, 7, 8, 8]
    assert len(caplog.records) == 2


# --- Cold pages ---------------------------------------------------------------------------------------------


def test_a_new_process_has_compiled_the_templates_of_its_first_page(site):
    assert site.python(FIRST_PAGE).splitlines()[-1] == "200 0"


@pytest.mark.parametrize("path", INFORMATION)
def test_a_cold_page_needs_at_most_six_queries(client, path, django_assert_max_num_queries):
    client.get("/it/contatti/")  # caches the clinic's facts
    with django_assert_max_num_queries(6):
        assert client.get(path).status_code == 200
