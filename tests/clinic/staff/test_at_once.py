"""Sign-in on real sites with two web processes, on either database: what many browsers send at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from http.cookiejar import CookieJar
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

import pytest

from tests.postgres import throw_away_database
from tests.site import Site
from tests.staff import CODE, PASSWORD, SIGN_IN, add_staff, phone_code

AT_ONCE = 6
REFUSED = """
from clinic.models import SignInEntry
print(SignInEntry.objects.filter(event="refused", account__username="carla").count())
"""


class Window:
    """A browser on a real site, as far as signing in goes."""

    def __init__(self, site):
        self.url, self.cookies = site.url, CookieJar()
        self.browser = build_opener(HTTPCookieProcessor(self.cookies))
        self.browser.open(self.url + SIGN_IN)

    def give(self, path, **fields):
        """Send a form; return where that led, and the page."""
        fields["csrfmiddlewaretoken"] = next(cookie.value for cookie in self.cookies if cookie.name == "csrf")
        try:
            with self.browser.open(self.url + path, urlencode(fields).encode()) as answer:
                return answer.url.removeprefix(self.url), answer.read().decode()
        except HTTPError as error:
            return str(error.code), error.read().decode()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def either_site(request, tmp_path_factory):
    with (
        throw_away_database() if request.param == "postgresql" else nullcontext() as url,
        Site(
            tmp_path_factory.mktemp(request.param), WEB_CONCURRENCY="2", **({"DATABASE_URL": url} if url else {})
        ) as site,
    ):
        yield site


def give_codes_at_once(site, name, codes):
    """Type each of `codes` in a browser of its own, all at the same moment."""
    add_staff(site, name, "reception")
    windows = [Window(site) for _ in codes]
    for window in windows:
        assert window.give(SIGN_IN, login=name, password=PASSWORD)[0] == CODE
    with ThreadPoolExecutor(len(codes)) as pool:
        return list(pool.map(lambda window, code: window.give(CODE, code=code), windows, codes))


def test_one_code_typed_in_many_browsers_at_once_opens_the_desk_in_one(either_site):
    answers = give_codes_at_once(either_site, "anna", [phone_code()] * AT_ONCE)
    assert [address for address, _ in answers].count("/admin/") == 1


def test_of_many_wrong_codes_at_once_five_are_tried(either_site):
    answers = give_codes_at_once(either_site, "bruno", ["000000"] * 8)
    assert sum("Il codice non è giusto" in page for _, page in answers) == 5
    assert sum("Troppi codici sbagliati" in page for _, page in answers) == 3


def test_of_many_wrong_passwords_at_once_five_are_tried_in_all_processes(either_site):
    add_staff(either_site, "carla", "reception")
    windows = [Window(either_site) for _ in range(12)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda window: window.give(SIGN_IN, login="carla", password="wrong"), windows))
    assert windows[0].give(SIGN_IN, login="carla", password=PASSWORD)[0] == "429"
    assert int(either_site.python(REFUSED)) == 5
