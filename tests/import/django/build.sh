#!/bin/sh
# Builds tests/fixtures/django from the projects beside this file: for each its SQLite file, its dumpdata, its pg_dump and
# notes. For maintainers: it needs Python 3.11 or newer with pip, and the programs of Postgres (initdb, pg_ctl, pg_dump).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=$here/../../fixtures/django
work=${WORK:-$(mktemp -d)}
mkdir -p "$out"
PATH=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | tail -1):$PATH
as=""
if [ "$(id -u)" = 0 ]; then as="runuser -u postgres --"; chmod 755 "$work"; fi
mkdir -p "$work/cluster"
[ -z "$as" ] || chown postgres "$work/cluster"
$as initdb -D "$work/cluster" -U postgres -A trust >/dev/null
$as pg_ctl -D "$work/cluster" -o "-k $work/cluster -h ''" -w -l "$work/cluster/log" start >/dev/null
trap '$as pg_ctl -D "$work/cluster" -m fast stop >/dev/null' EXIT
export PGHOST="$work/cluster" PGUSER=postgres
for name in ${*:-messenger mini_chat social conversations chat_sessions}; do
  [ -d "$work/$name" ] || python3 -m venv "$work/$name"
  "$work/$name/bin/pip" install -q -r "$here/$name/requirements.txt"
  rm -f "$out/$name.sqlite3"
  "$work/$name/bin/python" "$here/build.py" "$name" sqlite "$out/$name.sqlite3" --dump "$out/$name.json" --notes "$out/$name.notes.json"
  createdb "$name"
  "$work/$name/bin/python" "$here/build.py" "$name" postgres "$name"
  pg_dump --inserts --no-owner --no-privileges --no-comments "$name" | grep -v '^\\' >"$out/$name.pgdump"
  echo "$name: done"
done
