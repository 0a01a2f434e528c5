# make run | test | faults | check | dev | messages | privacy | lock | outdated | bench     (what each does: README.md)

VENV := .venv
PYTHON := $(VENV)/bin/python
CATALOGUE := -l it --no-location --no-wrap --no-obsolete -i var -i .venv -i tests
export PYTHONUNBUFFERED := 1
# Cron and `env -i` set no PATH.
export PATH := $(or $(PATH),/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin)

.PHONY: run dev test faults check messages privacy lock outdated bench

run: $(VENV)/installed
	@exec $(PYTHON) manage.py serve

dev: export DEBUG := 1
dev: $(VENV)/installed
	@$(PYTHON) manage.py prepare
	@exec $(PYTHON) manage.py runserver $${PORT:-8000}

test: $(VENV)/installed
	@PYTHON=$(PYTHON) sh tests/run.sh

# The fault tests with large counts: some twelve minutes.
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
	$(PYTHON) manage.py compilemessages -l it -i .venv

# Write the tables of docs/privacy.md from the register of personal data, the settings and the roles.
privacy: $(VENV)/installed
	$(PYTHON) manage.py write_privacy_record

# List every package that requirements.txt needs, with the hashes of its files, for every platform.
lock: $(VENV)/installed
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check uv
	$(VENV)/bin/uv pip compile --universal --generate-hashes --python-version 3.11 --no-emit-index-url --upgrade --quiet \
		--custom-compile-command "make lock" requirements.txt -o requirements.lock

# List the packages that have newer versions, Django's security fixes among them.
outdated: $(VENV)/installed
	@$(PYTHON) -m pip list --outdated --disable-pip-version-check

$(VENV)/installed: requirements.lock
	@command -v python3 >/dev/null || { echo "python3 is missing: install Python 3.11 or newer." >&2; exit 1; }
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "python3 is older than 3.11: install Python 3.11 or newer." >&2; exit 1; }
	@python3 -c 'import venv, ensurepip' 2>/dev/null || { echo "Python's venv module is missing: on Debian, apt install python3-venv." >&2; exit 1; }
	@python3 -m venv $(VENV)
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@
