"""Fixtures: Chromium and the sites that it opens."""

import os

import pytest

from tests.chromium import ARGUMENTS, EXECUTABLE
from tests.site import Site

FACTS = """
from datetime import date, time
from clinic.models import ClinicProfile, Closure, OpeningHours
clinic = ClinicProfile.objects.create(pk=1, phone="+39 02 0000 0000", street="Via di Prova 1", postal_code="20100")
for weekday in range(5):
    for opens, closes in [(9, 13), (14, 19)]:
        OpeningHours.objects.create(profile=clinic, weekday=weekday, opens=time(opens), closes=time(closes))
Closure.objects.create(profile=clinic, first_day=date(2098, 12, 1), last_day=date(2098, 12, 2))
"""


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    return browser_type_launch_args | {"executable_path": EXECUTABLE, "args": ARGUMENTS}


@pytest.fixture(scope="session", autouse=True)
def _needs_chromium(playwright):
    if not EXECUTABLE and not os.path.exists(playwright.chromium.executable_path):
        pytest.skip("Chromium is not installed", allow_module_level=True)


@pytest.fixture(scope="session")
def base_url(site):
    return site.url


@pytest.fixture(scope="session")
def public_site(tmp_path_factory):
    """A site of its own whose clinic has filled in phone, address and opening hours."""
    with Site(tmp_path_factory.mktemp("public-site")) as site:
        site.python(FACTS)
        yield site
