#!/bin/sh
# Fetches what the suite needs and can be had here, then runs it: on SQLite, and on PostgreSQL when one answers.
set -eu
PYTHON=${PYTHON:-python}
# Debian keeps nginx and the tools of PostgreSQL where only root looks.
export PATH="$PATH:/usr/sbin:/sbin"

have() { command -v "$1" >/dev/null 2>&1; }
apt_install() {
    [ "$(id -u)" = 0 ] && have apt-get || return 1
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"; } >/dev/null 2>&1
}
have chromium || apt_install chromium || "$PYTHON" -m playwright install chromium >/dev/null 2>&1 ||
    echo "Chromium cannot be had here: the browser tests will be skipped."
have msgfmt || apt_install gettext || echo "gettext cannot be had here: the catalogue test will be skipped."
have nginx || apt_install nginx-light || echo "nginx cannot be had here: its tests will be skipped."

"$PYTHON" -m pytest "$@"
# The people and the self-check once more on the other database. The worker is left to tests/faults, which run it there as
# it is: its turn closes the connection that a unit test's transaction lives on.
if [ $# = 0 ] && url=$("$PYTHON" -m tests.postgres); then
    TEST_DATABASE_URL=$url "$PYTHON" -m pytest -m "django_db and not browser and not faults" \
        --ignore=tests/contacts/test_worker.py tests/contacts tests/questionnaire
fi
