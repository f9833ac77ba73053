#!/bin/sh
# Runs a command with DATABASE_URL naming a throw-away PostgreSQL, migrated, that ends with it.
#
# Usage: with-postgres.sh COMMAND [ARGUMENT]...
set -eu

bin=$(sh "$(dirname "$0")/postgres-bin.sh") || {
    echo "with-postgres: no PostgreSQL 15 or later; run scripts/system.sh" >&2
    exit 1
}
migrations=$(cd "$(dirname "$0")/.." && pwd)/migrations
folder=$(mktemp -d /tmp/cambium-throwaway-XXXXXX)

# PostgreSQL refuses to run as root.
as_user=""
if [ "$(id -u)" -eq 0 ]; then
    for user in cambium postgres nobody; do
        if id "$user" >/dev/null 2>&1; then break; fi
    done
    chown "$user" "$folder"
    as_user="setpriv --reuid $(id -u "$user") --regid $(id -g "$user") --clear-groups"
fi
postgres=""
finish() {
    [ -z "$postgres" ] || { kill -INT "$postgres" 2>/dev/null && wait "$postgres" 2>/dev/null; } || true
    rm -rf "$folder"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# shellcheck disable=SC2086  # as_user is several words
run() { (cd "$folder" && exec $as_user "$@"); }
run "$bin/initdb" --pgdata "$folder/data" --username cambium --encoding UTF8 --locale C --auth trust \
    --no-sync >"$folder/initdb.log" 2>&1 || { cat "$folder/initdb.log" >&2; exit 1; }
# shellcheck disable=SC2086
$as_user "$bin/postgres" -D "$folder/data" -c listen_addresses= -c unix_socket_directories="$folder" \
    -c fsync=off -c full_page_writes=off -c log_min_messages=fatal 2>"$folder/postgres.log" &
postgres=$!
tries=0
until PGHOST=$folder "$bin/psql" -qAtU cambium -d postgres -c 'SELECT 1' >/dev/null 2>&1; do
    tries=$((tries + 1))
    if [ "$tries" -gt 150 ] || ! kill -0 "$postgres" 2>/dev/null; then
        cat "$folder/postgres.log" >&2
        exit 1
    fi
    sleep 0.2
done

# Not the program's own `migrate`: to compile it, its queries would have to be checked already.
psql() { PGHOST=$folder "$bin/psql" -qXU cambium -v ON_ERROR_STOP=1 "$@" >/dev/null; }
psql -d postgres -c 'CREATE DATABASE cambium'
for migration in "$migrations"/*.sql; do
    [ -e "$migration" ] || continue
    psql -d cambium -f "$migration"
done

DATABASE_URL="postgres://cambium@$(printf %s "$folder" | sed 's|/|%2F|g'):5432/cambium"
export DATABASE_URL
"$@"
