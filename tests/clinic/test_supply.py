"""Every package is pinned, and locked with its hashes; the container image holds the whole site."""

import re

from tests.site import ROOT

# What a server installs, and what a checkout does: the same and what tests need.
SITE, ALL = "deploy/requirements.lock", "requirements.lock"
REQUIREMENTS = (ROOT / "requirements.txt").read_text()


def pins(text):
    return dict(re.findall(r"^([\w.-]+)(?:\[\w+\])?==(\S+)", text.lower(), re.MULTILINE))


def lock(name):
    return pins((ROOT / name).read_text())


def test_every_requirement_is_pinned_and_has_a_reason():
    reason_is_given = False
    for line in REQUIREMENTS.splitlines():
        if line and not line.startswith("#"):
            assert "==" in line
            assert reason_is_given, line
        reason_is_given = bool(line)


def test_the_locks_contain_every_requirement_and_servers_install_none_of_the_tests():
    site, tests = REQUIREMENTS.split("# --- tests and checks ---")
    for wanted, locked in ((pins(REQUIREMENTS), lock(ALL)), (pins(site), lock(SITE))):
        assert {package: locked.get(package) for package in wanted} == wanted, "run `make lock`"
    assert lock(SITE).items() <= lock(ALL).items(), "run `make lock`"
    assert not lock(SITE).keys() & pins(tests).keys()


def test_every_package_of_the_locks_has_a_hash_and_none_a_url():
    for name in (SITE, ALL):
        text = (ROOT / name).read_text()
        packages = re.split(r"^(?=[a-z])", text, flags=re.MULTILINE)[1:]
        assert len(packages) > 20
        assert [package.split()[0] for package in packages if "--hash=sha256:" not in package] == []
        assert "://" not in text


def test_the_image_holds_every_folder_of_the_site_and_no_secret():
    copied = set(re.findall(r"^COPY (\S+) \S+$", (ROOT / "deploy/Containerfile").read_text(), re.MULTILINE))
    folders = {path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith((".", "_"))}
    assert copied - {"deploy/requirements.lock", "manage.py", "deploy/gunicorn.conf.py"} == (
        folders - {"deploy", "docs", "tests", "var"}
    )
