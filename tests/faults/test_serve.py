"""What `make run` prints arrives whole, wherever it is sent."""

import json
import subprocess
import sys
import urllib.request

import pytest

from tests.faults.sites import wait_until
from tests.site import ROOT, Site

pytestmark = pytest.mark.faults


def test_output_in_a_file_has_every_line_and_none_over_another(tmp_path):
    site, output = Site(tmp_path), tmp_path / "output"
    site.borrow_static_files()
    # Not for appending: `make run > file`, where each process had a position of its own.
    with output.open("wb") as file:
        command = [sys.executable, "manage.py", "serve"]
        process = subprocess.Popen(command, cwd=ROOT, env=site.environment, stdout=file, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: "stops everything." in output.read_text(), seconds=60)
        for _visit in range(3):
            urllib.request.urlopen(f"{site.url}/it/").close()
    finally:
        process.terminate()
        process.wait(60)
    lines = output.read_text().splitlines()
    requests = [json.loads(line)["route"] for line in lines if line.startswith("{")]
    assert requests.count("treatments:home") == 3
    assert "clinic.http.health.readyz" in requests
    assert [line.split()[0] for line in lines if not line.startswith("{")] == ["Content:", "Ready", "A", "(with"]
