# make run | test | next | faults | check | dev | messages | privacy | lock | outdated | bench   (each: README.md)

VENV := .venv
PYTHON := $(VENV)/bin/python
CATALOGUE := -l it --no-location --no-wrap --no-obsolete -i var -i .venv -i tests
export PYTHONUNBUFFERED := 1
# Cron and `env -i` set no PATH.
export PATH := $(or $(PATH),/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin)

.PHONY: run dev test next faults check messages privacy lock outdated bench

run: $(VENV)/installed
	@exec $(PYTHON) manage.py serve

dev: export DEBUG := 1
dev: $(VENV)/installed
	@$(PYTHON) manage.py prepare
	@exec $(PYTHON) manage.py runserver $${PORT:-8000}

test: $(VENV)/installed
	@PYTHON=$(PYTHON) sh tests/run.sh

# The unit tests on the newest Django and another Python, in a virtual environment of its own; what is deprecated is
# listed. Gates nothing. `make next PYTHON3=python3.14 DJANGO=Django==6.2`; the pinned one: DJANGO=$$(grep ^Django== requirements.txt)
PYTHON3 := python3.13
DJANGO := Django
next:
	@command -v $(PYTHON3) >/dev/null || { echo "$(PYTHON3) is missing: make next PYTHON3=python3.x (Django 6 needs 3.12 or newer)." >&2; exit 1; }
	@$(PYTHON3) -m venv var/next
	@sed 's/^Django==.*/$(DJANGO)/' requirements.txt > var/next/requirements.txt
	@var/next/bin/pip install --quiet --disable-pip-version-check --upgrade -r var/next/requirements.txt
	@var/next/bin/python -c 'import sys, django; print("Python", sys.version.split()[0], "Django", django.__version__)'
	@var/next/bin/python -m pytest -q -n 2 -o filterwarnings=default -m "not browser and not faults"

# The fault tests on PostgreSQL too, and with large counts: some twenty minutes.
faults: $(VENV)/installed
	@$(PYTHON) -m tests.faults

# The site against its limits, side by side on this machine: a table.
bench: $(VENV)/installed
	@$(PYTHON) -m tests.bench

check: $(VENV)/installed
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m djlint templates --lint --quiet
	$(VENV)/bin/lint-imports
	$(PYTHON) -m mypy
	$(PYTHON) -W ignore manage.py makemigrations --check --dry-run
	$(PYTHON) -m pytest -q tests/clinic/test_catalogue.py
	SITE_URL=https://www.example.org $(PYTHON) manage.py check --deploy --fail-level WARNING

# Collect new messages into the Italian catalogue, then compile it.
messages: $(VENV)/installed
	$(PYTHON) manage.py makemessages $(CATALOGUE)
	$(PYTHON) manage.py compilemessages -l it -i .venv -i var

# Write the tables of docs/privacy.md from the register of personal data, the settings and the roles.
privacy: $(VENV)/installed
	$(PYTHON) manage.py write_privacy_record

# Lock every package that requirements.txt needs, with the hashes of its files, for every platform: all of them, and
# those of the site alone for servers.
COMPILE := $(VENV)/bin/uv pip compile --universal --generate-hashes --python-version 3.11 --no-emit-index-url --quiet --custom-compile-command "make lock"
lock: $(VENV)/installed
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check uv
	$(COMPILE) --upgrade requirements.txt -o requirements.lock
	sed '/^# --- tests/,$$d' requirements.txt | $(COMPILE) --constraint requirements.lock - -o deploy/requirements.lock

# Say whether Django's line has a newer patch, then list the packages that have newer versions.
outdated: $(VENV)/installed
	@$(PYTHON) -m tests.newest_django
	@$(PYTHON) -m pip list --outdated --disable-pip-version-check

$(VENV)/installed: requirements.lock
	@command -v python3 >/dev/null || { echo "python3 is missing: install Python 3.11 or newer." >&2; exit 1; }
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "python3 is older than 3.11: install Python 3.11 or newer." >&2; exit 1; }
	@python3 -c 'import venv, ensurepip' 2>/dev/null || { echo "Python's venv module is missing: on Debian, apt install python3-venv." >&2; exit 1; }
	@python3 -m venv $(VENV)
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@
