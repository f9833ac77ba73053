#!/bin/sh
# Makes the files that are derived from others and committed: .sqlx (what the database says about each
# query), openapi.json (what the server says about itself) and the web's types of that.
#
# Usage: generate.sh [--check]      --check: restores the files and fails when any of them was out of date
set -eu
cd "$(dirname "$0")/.."

before=$(mktemp -d /tmp/cambium-generate-XXXXXX)
trap 'rm -rf "$before"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
generated=".sqlx openapi.json web/src/api/schema.d.ts"
for path in $generated; do
    [ ! -e "$path" ] || { mkdir -p "$before/$(dirname "$path")" && cp -Rp "$path" "$before/$path"; }
done

# sqlx's macros write a description of each query that they check against a live database, into a folder
# of their own, so that those of queries that are gone do not stay.
if grep -rqE 'query(_as|_scalar)?!' src; then
    descriptions=$before/descriptions
    mkdir "$descriptions"
    # The time is put back afterwards: what was built from this file is still true.
    touch -r src/lib.rs "$before/time"
    touch src/lib.rs
    SQLX_OFFLINE=false SQLX_OFFLINE_DIR=$descriptions scripts/with-postgres.sh \
        cargo check --quiet --lib --features torch || { touch -r "$before/time" src/lib.rs; exit 1; }
    touch -r "$before/time" src/lib.rs
    if ! diff -rq "$descriptions" .sqlx >/dev/null 2>&1; then
        rm -rf .sqlx
        cp -R "$descriptions" .sqlx
    fi
fi

if cargo run --quiet --features torch --bin cambium -- openapi >"$before/openapi.new" 2>"$before/openapi.log" &&
    [ -s "$before/openapi.new" ]; then
    cmp -s "$before/openapi.new" openapi.json || cp "$before/openapi.new" openapi.json
else
    cat "$before/openapi.log" >&2
    echo "generate: the server could not describe its API" >&2
    exit 1
fi

if [ -f web/package.json ] && grep -q '"generate"' web/package.json; then
    make --no-print-directory web/node_modules/.package-lock.json
    (cd web && npm run --silent generate)
fi

[ "${1:-}" = --check ] || exit 0
stale=""
for path in $generated; do
    if [ -e "$path" ] || [ -e "$before/$path" ]; then
        diff -ru "$before/$path" "$path" >&2 || stale="$stale $path"
    fi
done
for path in $stale; do
    rm -rf "$path"
    [ ! -e "$before/$path" ] || cp -Rp "$before/$path" "$path"
done
[ -z "$stale" ] || { echo "generate: out of date:$stale; run \`make generate\` and commit" >&2; exit 1; }
