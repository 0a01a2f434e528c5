"""A real Chromium, as Debian ships it, on the real site."""

import os
import shutil

import pytest


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    executable = shutil.which("chromium")
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
    return browser_type_launch_args | {"executable_path": executable, "args": [*arguments, *quiet]}


@pytest.fixture(scope="session", autouse=True)
def _needs_chromium(playwright):
    if not shutil.which("chromium") and not os.path.exists(playwright.chromium.executable_path):
        pytest.skip("Chromium cannot be had here", allow_module_level=True)


@pytest.fixture(scope="session")
def base_url(site):
    return site.url
