"""Every package is pinned, and locked with its hashes."""

import re

from tests.site import ROOT

PINS = dict(
    re.findall(r"^([\w.-]+)(?:\[\w+\])?==(\S+)$", (ROOT / "requirements.txt").read_text().lower(), re.MULTILINE)
)
LOCK = (ROOT / "requirements.lock").read_text()


def test_every_requirement_is_pinned_and_has_a_reason():
    reason_is_given = False
    for line in (ROOT / "requirements.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            assert "==" in line
            assert reason_is_given, line
        reason_is_given = bool(line)


def test_the_lock_contains_every_requirement():
    locked = dict(re.findall(r"^([\w.-]+)==(\S+)", LOCK, re.MULTILINE))
    assert {name: locked.get(name) for name in PINS} == PINS, "run `make lock`"


def test_every_package_of_the_lock_has_a_hash_and_none_a_url():
    packages = re.split(r"^(?=[a-z])", LOCK, flags=re.MULTILINE)[1:]
    assert len(packages) > len(PINS)
    assert [text.split()[0] for text in packages if "--hash=sha256:" not in text] == []
    assert "://" not in LOCK
