"""Says whether Django's line has had a newer patch than requirements.txt pins: `make outdated`, no test."""

import re
import subprocess
import sys

from tests.site import ROOT


def newest_patch(line: str) -> int:
    """Return the number of the newest patch of `line` (5.2) that the package index knows."""
    command = [sys.executable, "-m", "pip", "index", "versions", "django", "--timeout", "15"]
    asked = subprocess.run(command, capture_output=True, text=True, check=False)
    patches = re.findall(rf"\b{re.escape(line)}\.(\d+)\b", asked.stdout)
    if asked.returncode or not patches:
        sys.exit("The package index does not answer.")
    return max(int(number) for number in patches)


if __name__ == "__main__":
    line, patch = re.search(r"^Django==(.+)\.(\d+)$", (ROOT / "requirements.txt").read_text(), re.MULTILINE).groups()
    newest = newest_patch(line)
    if int(patch) < newest:
        sys.exit(f"Django {line}.{newest} is out: put it into requirements.txt, then `make lock`.")
    print(f"Django {line}.{patch} is the newest patch of its line.")
