"""The real Chromium of tests and bench: Debian's build without windows, or whichever is here."""

import os
import shutil

# Without windows it does the same in two thirds of the processor time. None: the one Playwright has fetched.
EXECUTABLE = shutil.which("chromium-headless-shell") or shutil.which("chromium")
# There is no graphics card to imitate, and nobody else to talk to.
ARGUMENTS = ["--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
if os.geteuid() == 0:
    ARGUMENTS.append("--no-sandbox")
