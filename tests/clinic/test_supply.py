"""Every package is pinned, and locked with its hashes; the container image holds the whole site."""

import re

from tests.site import ROOT

# What a server installs, and what a checkout does: the same and what tests need.
SITE, ALL = "deploy/requirements", "requirements"


def read(name):
    return (ROOT / name).read_text()


def pins(name):
    return dict(re.findall(r"^([\w.-]+)(?:\[\w+\])?==(\S+)", read(name).lower(), re.MULTILINE))


def test_every_requirement_is_pinned_and_has_a_reason():
    for name in (SITE, ALL):
        reason_is_given = False
        for line in read(f"{name}.txt").splitlines():
            if line and not line.startswith("#"):
                assert "==" in line or line == f"-r {SITE}.txt"
                assert reason_is_given, line
            reason_is_given = bool(line)


def test_a_checkout_installs_what_servers_do_and_servers_no_test_package():
    assert f"-r {SITE}.txt" in read(f"{ALL}.txt").splitlines()
    site, everything = pins(f"{SITE}.lock"), pins(f"{ALL}.lock")
    assert site.items() <= everything.items(), "run `make lock`"
    assert not site.keys() & {"pytest", "hypothesis", "playwright", "ruff", "mypy", "aiosmtpd"}


def test_the_locks_contain_every_requirement():
    for name in (SITE, ALL):
        wanted, locked = pins(f"{name}.txt"), pins(f"{name}.lock")
        assert {package: locked.get(package) for package in wanted} == wanted, "run `make lock`"


def test_every_package_of_the_locks_has_a_hash_and_none_a_url():
    for name in (SITE, ALL):
        lock = read(f"{name}.lock")
        packages = re.split(r"^(?=[a-z])", lock, flags=re.MULTILINE)[1:]
        assert len(packages) > len(pins(f"{name}.txt"))
        assert [text.split()[0] for text in packages if "--hash=sha256:" not in text] == []
        assert "://" not in lock


def test_the_image_holds_every_folder_of_the_site_and_no_secret():
    copied = set(re.findall(r"^COPY (\S+) \S+$", (ROOT / "deploy/Containerfile").read_text(), re.MULTILINE))
    folders = {path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith((".", "_"))}
    assert copied - {"deploy/requirements.lock", "manage.py", "deploy/gunicorn.conf.py"} == (
        folders - {"deploy", "docs", "tests", "var"}
    )
