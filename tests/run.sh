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
have chromium-headless-shell || apt_install chromium-headless-shell || have chromium || "$PYTHON" -m playwright install chromium >/dev/null 2>&1 ||
    echo "Chromium cannot be had here: the browser tests will be skipped."
have msgfmt || apt_install gettext || echo "gettext cannot be had here: the catalogue test will be skipped."
have nginx || apt_install nginx-light || echo "nginx cannot be had here: its tests will be skipped."

if [ $# != 0 ]; then
    exec "$PYTHON" -m pytest "$@"
fi
# What a database may answer in its own way is asked PostgreSQL too, in one more process at the same time: every test
# with a database, but those marked as asking it nothing that others do not ask.
second_round() {
    TEST_DATABASE_URL=$("$PYTHON" -m tests.postgres) || return 0
    export TEST_DATABASE_URL
    exec "$PYTHON" -m pytest -m "django_db and not browser and not faults and not one_database"
}
output=$(mktemp)
second_round >"$output" 2>&1 &
second=$!
# It would not notice Ctrl-C.
trap 'kill "$second" 2>/dev/null || :; rm -f "$output"' EXIT
trap 'exit 130' INT TERM
# One process more than there are cores, since much of the time is waiting for real servers; each takes whole files in
# their order: what a file starts, it starts once.
status=0
"$PYTHON" -m pytest -n $(($(getconf _NPROCESSORS_ONLN) + 1)) --dist loadfile --no-loadscope-reorder || status=$?
wait "$second" || status=$?
cat "$output"
exit "$status"
