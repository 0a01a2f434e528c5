"""What must hold for the site as any visitor sees it: each check yields what is wrong.

Its docstring says what is well when it yields nothing. Nothing is stored: the posts are empty, so forms refuse them.
"""

import http.client
import re
import ssl
import time
import warnings
from collections.abc import Callable, Iterator
from urllib.parse import urljoin, urlsplit

from clinic.verify.site import Loaded, Site

PAGES = ("/it/", "/en/", "/it/vitiligine/", "/en/vitiligo/", "/it/notizie/", "/it/privacy/")
FORMS = ("/it/questionario/", "/en/questionnaire/", "/it/contatti/", "/en/contact/")
MISSING, OTHER = "/it/there-is-no-such-page/", "other.example"
# fmt: off
SECRETS = (
    "/.env", "/.git/HEAD", "/var/db.sqlite3", "/db.sqlite3", "/media/", "/static/", "/media/../.env", "/admin/../.env",
)
# fmt: on
HALF_A_YEAR_SECONDS = 15_768_000
CERTIFICATE_DAYS = 14
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "deny",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
POLICY = ("default-src 'none'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'")


def pages(site: Site) -> Iterator[str]:
    """they answer"""
    for path in (*PAGES, *FORMS, "/livez", "/readyz", "/robots.txt", "/sitemap.xml"):
        if (status := site.get(path).status) != 200:
            yield f"{path} answers {status}"


def tls(site: Site) -> Iterator[str]:
    """the certificate is good for two weeks and more, and no old version is spoken"""
    if not site.is_https:
        yield "plain http: everything travels in clear"
        return
    with site.connect() as connection:
        days = (ssl.cert_time_to_seconds(connection.getpeercert()["notAfter"]) - time.time()) / 86400  # type: ignore[attr-defined]
    if days < CERTIFICATE_DAYS:
        yield f"the certificate ends in {days:.0f} days"
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    old.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings(action="ignore"):
        old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    try:
        with site.connect(context=old) as connection:
            yield f"it still speaks {connection.version()}"  # type: ignore[attr-defined]
    except OSError:
        pass


def redirects(site: Site) -> Iterator[str]:
    """http leads to https and / to a language, and none leads to another host"""
    if site.is_https:
        answer = site.plain().ask("/it/")
        if answer.status not in {301, 308} or answer.header("Location") != f"{site.url}/it/":
            yield f"http answers {answer.status} {answer.header('Location')}: not a redirect to {site.url}/it/"
    for wish, home in {"en-GB,en": "/en/", "it": "/it/", "de": "/it/"}.items():
        answer = site.ask("/", Accept_Language=wish)
        if answer.status not in {301, 302, 307, 308} or urljoin(site.url, answer.header("Location")) != site.url + home:
            yield f"/ in {wish} answers {answer.status} {answer.header('Location')}: not a redirect to {home}"
    for path in (f"//{OTHER}/it", f"/%5C{OTHER}/it", f"{site.sign_in}?next=https://{OTHER}/"):
        if OTHER in urlsplit(urljoin(site.url, site.ask(path).header("Location"))).netloc:
            yield f"{path} leads to another host"


def host_names(site: Site) -> Iterator[str]:
    """a wrong Host gets no page, and a forwarded one is not believed"""
    try:
        if (status := site.ask("/it/", name=OTHER).status) < 400:
            yield f"Host: {OTHER} answers {status}"
    except (OSError, http.client.HTTPException):
        pass
    answer = site.ask("/it/", X_Forwarded_Host=OTHER)
    if OTHER in answer.text + answer.header("Location"):
        yield f"X-Forwarded-Host: {OTHER} is believed"


def headers(site: Site) -> Iterator[str]:
    """the security headers stand on pages, errors and the sign-in, each once"""
    for path in (*PAGES, *FORMS, MISSING, site.sign_in, "/static/none.css"):
        answer = site.get(path)
        for name, value in HEADERS.items():
            if answer.header(name).lower() != value:
                yield f"{path} has {name}: {answer.header(name) or 'missing'}, not {value}"
        if site.is_https and not stays_https(answer.header("Strict-Transport-Security")):
            yield f"{path} has no Strict-Transport-Security of half a year"
        if not answer.header("Permissions-Policy"):
            yield f"{path} has no Permissions-Policy"
        if re.search(r"\d", answer.header("Server")) or answer.header("X-Powered-By"):
            yield f"{path} tells its software: {answer.header('Server')} {answer.header('X-Powered-By')}"


def stays_https(header: str) -> bool:
    found = re.fullmatch(r"max-age=(\d+)(;.*)?", header.strip())
    return bool(found) and int(found[1]) >= HALF_A_YEAR_SECONDS  # type: ignore[index]


def content_policy(site: Site) -> Iterator[str]:
    """the Content-Security-Policy allows nothing unsafe and no other host"""
    for path in (*PAGES, *FORMS, MISSING, site.sign_in):
        policy = site.get(path).header("Content-Security-Policy")
        lacks = [
            rule for rule in POLICY if rule not in policy and not (rule == POLICY[2] and "form-action 'none'" in policy)
        ]
        if lacks:
            yield f"{path} lacks {'; '.join(lacks)}"
        if found := re.search(r"'unsafe-\S+|https?:\S*|\*", policy):
            yield f"{path} allows {found[0]}"


def cookies(site: Site) -> Iterator[str]:
    """visitors get none, staff's are Secure, HttpOnly and SameSite"""
    for path in (*PAGES, *FORMS, MISSING, "/livez", "/robots.txt"):
        answer = site.ask(path, Cookie="session=x; language=en")
        if answer.header("Set-Cookie") or "cookie" in answer.header("Vary").lower():
            yield f"{path} sets or depends on a cookie"
    for path in FORMS:
        if site.ask(path, "POST", body="").header("Set-Cookie"):
            yield f"POST {path} sets a cookie"
    for cookie in site.get(site.sign_in).headers.get_all("Set-Cookie", []):
        wanted = ["httponly", "samesite", *(["secure"] if site.is_https else [])]
        if lacks := [word for word in wanted if word not in cookie.lower()]:
            yield f"{site.sign_in} sets {cookie.partition('=')[0]} without {', '.join(lacks)}"
        if site.is_https and not cookie.startswith("__Host-"):
            yield f"{site.sign_in} sets {cookie.partition('=')[0]} without __Host-"


def other_hosts(site: Site) -> Iterator[str]:
    """pages and stylesheets load from this site alone, and forms send to it alone"""
    styles: dict[str, str] = {}
    for path in (*PAGES, *FORMS, site.sign_in):
        loaded = Loaded(site.get(path).text)
        yield from (f"{path} uses {address}" for address in loaded.addresses if not site.owns(path, address))
        sheets = {urlsplit(urljoin(path, sheet)).path for sheet in loaded.sheets if site.owns(path, sheet)}
        styles |= {sheet: site.get(sheet).text for sheet in sorted(sheets)}
        styles[path] = "".join(re.findall(r"<style.*?</style>", site.get(path).text, re.DOTALL))
    for path, style in styles.items():
        for address in re.findall(r"(?:url\(|@import\s+)[\"']?([^\"')\s]+)", style):
            if not site.owns(path, address) and not address.startswith("data:"):
                yield f"{path} uses {address}"


def error_pages(site: Site) -> Iterator[str]:
    """errors are the site's own pages and show nothing of its inside"""
    for method, path, status in (
        ("GET", MISSING, {404}),
        ("GET", "/en/there-is-no-such-page/", {404}),
        ("GET", "/%2e%2e/%2e%2e/etc/passwd", {400, 404}),
        ("DELETE", "/it/", {403, 405}),
        ("TRACE", "/it/", {403, 405, 501}),
        ("POST", "/it/", {403, 405}),
    ):
        answer = site.ask(path, method, body="" if method == "POST" else None)
        if answer.status not in status:
            yield f"{method} {path} answers {answer.status}"
        if found := re.search(r"Traceback|DEBUG = True|Request Method:|root:x:", answer.text):
            yield f"{method} {path} shows {found[0]}"
    for path in SECRETS:
        if site.ask(path).status not in {301, 302, 400, 403, 404, 410}:
            yield f"{path} answers {site.ask(path).status}"


def forms(site: Site) -> Iterator[str]:
    """they take posts from their own pages alone"""
    strange = [{"Sec_Fetch_Site": "cross-site"}, {"Sec_Fetch_Site": "same-site"}, {"Origin": f"https://{OTHER}"}]
    own = [{"Sec_Fetch_Site": "same-origin", "Origin": site.url}, {"Origin": site.url}, {}]
    for path in FORMS:
        for sent, expected in [
            *((each, 403) for each in [*strange, {"Origin": "null"}]),
            *((each, 422) for each in own),
        ]:
            answer = site.ask(path, "POST", body="", **sent)
            if answer.status != expected:
                yield f"POST {path} with {sent or 'no header'} answers {answer.status}, not {expected}"
            if expected == 422 and "no-store" not in answer.header("Cache-Control"):
                yield f"POST {path} may be stored by caches"
    if site.ask(site.sign_in, "POST", body="").status != 403:
        yield f"POST {site.sign_in} without its token is not refused"


CHECKS: list[Callable[[Site], Iterator[str]]] = [
    tls, pages, redirects, host_names, headers, content_policy, cookies, other_hosts, forms, error_pages,
]  # fmt: skip
