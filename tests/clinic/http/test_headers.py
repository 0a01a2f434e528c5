"""The headers of every response of the real server."""

import hashlib
import http.client
import re
from base64 import b64encode
from urllib.parse import urlencode

import pytest

from tests.staff import CODE, PASSWORD, SIGN_IN, add_staff

HEADERS = {
    "Strict-Transport-Security": "max-age=31536000",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
STATIC = "a static file"
REQUESTS = [
    ("GET", "/", {}, 302),
    ("GET", "/it/", {}, 200),
    ("HEAD", "/en/treatments/micropigmentation/", {}, 200),
    ("GET", "/it/non-esiste/", {}, 404),
    ("GET", "/it/", {"Host": "evil.example"}, 400),
    ("GET", "/it/", {"Host": "www.example.org:443@evil.example"}, 400),
    ("POST", "/it/contatti/", {"Origin": "https://evil.example"}, 403),
    ("POST", "/it/contatti/", {"Content-Length": "20000000"}, 413),
    ("PUT", "/it/contatti/", {}, 405),
    ("TRACE", "/it/", {}, 405),
    ("GET", "/static/none.css", {}, 404),
    ("GET", STATIC, {}, 200),
    ("GET", "/media/none.jpg", {}, 404),
    ("GET", "/admin/", {}, 302),
    ("GET", "/livez", {}, 200),
    ("GET", "/robots.txt", {}, 200),
    ("GET", "/.well-known/security.txt", {}, 200),
]


def ask(site, method, path, headers=None, body=None):
    """Return status, headers and body of one request, sent as a proxy forwards one over https."""
    if path == STATIC:
        path = (
            "/static/"
            + next((site.folder / "var/static/css").glob("site.*.css"))
            .relative_to(site.folder / "var/static")
            .as_posix()
        )
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=10)
    try:
        given = {"Host": "www.example.org", "X-Forwarded-Proto": "https"} | (headers or {})
        connection.putrequest(method, path, skip_host=True)
        for name, value in given.items():
            connection.putheader(name, value)
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body and body.encode())
        response = connection.getresponse()
        return response.status, response.headers, response.read().decode(errors="replace")
    finally:
        connection.close()


@pytest.mark.parametrize(("method", "path", "headers", "status"), REQUESTS)
def test_every_response_has_every_header(https_site, method, path, headers, status):
    answered, given, _body = ask(https_site, method, path, headers)
    assert answered == status
    assert {name: given[name] for name in HEADERS} == HEADERS
    assert "default-src 'none'" in given["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in given["Content-Security-Policy"]
    assert "unsafe" not in given["Content-Security-Policy"]
    assert "camera=()" in given["Permissions-Policy"]
    assert not given.get("X-Powered-By")


def test_one_policy_allows_the_styles_that_cached_pages_carry_and_other_pages_link_to(https_site):
    answers = [ask(https_site, "GET", path) for path in ("/it/", "/en/contact/", "/it/non-esiste/", STATIC)]
    (policy,) = {headers["Content-Security-Policy"] for _status, headers, _body in answers}
    bodies = [body for _status, _headers, body in answers]
    (style,) = {re.search("<style>(.*?)</style>", body, re.DOTALL)[1] for body in bodies[:2]}
    assert f"style-src 'self' 'sha256-{b64encode(hashlib.sha256(style.encode()).digest()).decode()}'" in policy
    assert "/static/img/favicon." in style
    assert "<style" not in bodies[2]
    assert "/static/css/site." in bodies[2]


def test_an_unsupported_method_gets_an_error_page(https_site):
    status, _headers, body = ask(https_site, "PUT", "/it/contatti/")
    assert status == 405
    assert "<h1>" in body


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
@pytest.mark.parametrize("host", ["10.0.0.7", "evil.example", "[::1]:8000"])
def test_a_health_check_may_use_any_host_and_plain_http(https_site, path, host):
    status, headers, body = ask(https_site, "GET", path, {"Host": host, "X-Forwarded-Proto": "http"})
    assert (status, body) == (200, "ok\n")
    assert "no-store" in headers["Cache-Control"]


@pytest.mark.parametrize("host", ["www.example.org", "evil.example"])
def test_plain_http_redirects_to_our_own_host_only(https_site, host):
    status, headers, _body = ask(https_site, "GET", "/it/?a=b", {"Host": host, "X-Forwarded-Proto": "http"})
    assert (status, headers["Location"]) == (301, "https://www.example.org/it/?a=b")


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-Host": "evil.example"},
        {"Forwarded": "host=evil.example;proto=http"},
        {"X-Original-URL": "/admin/", "X-Rewrite-URL": "/admin/"},
        {"SCRIPT_NAME": "/it", "Script-Name": "/evil"},
        {"X-Forwarded-Prefix": "/evil", "X-Forwarded-Port": "81"},
        {"X-HTTP-Method-Override": "DELETE"},
    ],
)
def test_no_header_changes_a_page_or_its_links(https_site, headers):
    plain = ask(https_site, "GET", "/it/")
    other = ask(https_site, "GET", "/it/", headers)
    assert other[0] == 200
    assert other[2] == plain[2]
    assert "evil" not in ask(https_site, "GET", "/", headers)[1]["Location"]
    assert "evil" not in ask(https_site, "GET", "/sitemap.xml", headers)[2]


def cookies_of_sign_in(site, name, headers):
    """Sign in as far as the code; return the Set-Cookie headers on the way: of the page, then of the answer."""
    add_staff(site, name, "reception")
    _status, page, html = ask(site, "GET", SIGN_IN, headers)
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', str(html))[1]
    form = urlencode({"login": name, "password": PASSWORD, "csrfmiddlewaretoken": token})
    own = {"Cookie": page["Set-Cookie"].split(";")[0], "Content-Type": "application/x-www-form-urlencoded"}
    status, answer, _html = ask(site, "POST", SIGN_IN, headers | own, form)
    assert (status, answer["Location"]) == (302, CODE)
    return page.get_all("Set-Cookie"), answer.get_all("Set-Cookie")


def names(cookies):
    return [cookie.split("=")[0] for cookie in cookies]


def test_cookies_of_staff_are_limited_to_this_host_and_https(https_site):
    headers = {"Referer": "https://www.example.org/admin/"}
    page, answer = cookies_of_sign_in(https_site, "carla", headers)
    for cookie in page + answer:
        assert {"secure", "path=/", "httponly", "samesite=lax"} <= {part.strip().lower() for part in cookie.split(";")}
        assert "domain=" not in cookie.lower()
    assert (names(page), names(answer)) == (["__Host-csrf"], ["__Host-session"])
    assert "Set-Cookie" not in ask(https_site, "GET", "/admin/")[1]


def test_on_plain_http_cookies_have_plain_names_because_browsers_refuse_the_prefix(site):
    page, answer = cookies_of_sign_in(site, "carlo", {"Host": "127.0.0.1"})
    assert (names(page), names(answer)) == (["csrf"], ["session"])
    for cookie in page + answer:
        assert "secure" not in cookie.lower()
        assert "httponly" in cookie.lower()


def test_security_txt_names_the_contact_form_and_its_own_url(https_site):
    _status, headers, body = ask(https_site, "GET", "/.well-known/security.txt")
    assert headers["Content-Type"] == "text/plain; charset=utf-8"
    assert "Contact: https://www.example.org/en/contact/\n" in body
    assert "Canonical: https://www.example.org/.well-known/security.txt\n" in body


def test_headers_of_an_untrusted_proxy_are_ignored(site):
    status, headers, _body = ask(site, "GET", "/it/", {"Host": "127.0.0.1"})
    assert status == 200
    assert "Strict-Transport-Security" not in headers
