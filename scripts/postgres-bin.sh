#!/bin/sh
# Prints the folder of the newest PostgreSQL server programs (initdb and postgres, 15 or later); fails
# without a word when there is none.
set -eu

best=0
folder=""
look() {
    [ -x "$1/initdb" ] && [ -x "$1/postgres" ] || return 0
    major=$("$1/postgres" --version | sed -n 's/.*(PostgreSQL) \([0-9]*\).*/\1/p')
    if [ "${major:-0}" -ge 15 ] && [ "$major" -gt "$best" ]; then
        best=$major
        folder=$1
    fi
}

for bin in /usr/lib/postgresql/*/bin /opt/postgresql/*/bin /usr/local/pgsql/bin; do look "$bin"; done
IFS=:
for bin in $PATH; do look "$bin"; done
[ -n "$folder" ] && echo "$folder"
