"""The real Chromium of tests and bench: Debian's build without windows, or whichever is here."""

import os
import shutil

# Without windows it does the same in two thirds of the processor time. None: the one Playwright has fetched.
EXECUTABLE = shutil.which("chromium-headless-shell") or shutil.which("chromium")
# There is no graphics card to imitate, nobody else to talk to, and no other site whose pages must be kept apart.
ARGUMENTS = ["--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
ARGUMENTS += ["--in-process-gpu", "--renderer-process-limit=1"]
if os.geteuid() == 0:
    ARGUMENTS.append("--no-sandbox")
