#!/bin/sh
# Starts the server that was built, publishes the demo, and stops both on Ctrl-C. Called by `make run`.
set -eu
cd "$(dirname "$0")/.."

built=${CARGO_TARGET_DIR:-target}/release
if [ "$(id -u)" -eq 0 ]; then
    # The server drops root and must still be able to start the smoke program, which a checkout below
    # /root would hide from it.
    CAMBIUM_DATA=${CAMBIUM_DATA:-/var/lib/cambium}
    CAMBIUM_CACHE=${CAMBIUM_CACHE:-/var/cache/cambium}
    bin=$CAMBIUM_CACHE/bin/$(pwd | sha256sum | cut -c1-12)
    install -d -m 0755 "$CAMBIUM_CACHE" "$CAMBIUM_CACHE/bin" "$bin"
    for program in cambium cambium-smoke; do
        cmp -s "$built/$program" "$bin/$program" || install -m 0755 "$built/$program" "$bin/$program"
    done
else
    CAMBIUM_DATA=${CAMBIUM_DATA:-${XDG_DATA_HOME:-$HOME/.local/share}/cambium}
    bin=$(cd "$built" && pwd)
fi
case $CAMBIUM_DATA in /*) ;; *) CAMBIUM_DATA=$PWD/$CAMBIUM_DATA ;; esac
CAMBIUM_LISTEN=${CAMBIUM_LISTEN:-127.0.0.1:${PORT:-8123}}
CAMBIUM_SMOKE=${CAMBIUM_SMOKE:-$bin/cambium-smoke}
export CAMBIUM_DATA CAMBIUM_LISTEN CAMBIUM_SMOKE
port=${CAMBIUM_LISTEN##*:}
url=http://127.0.0.1:$port

# Another server there would look like ours being ready.
if python3 -c "import socket; socket.create_connection(('127.0.0.1', $port), 1)" 2>/dev/null; then
    echo "run: something listens on port $port already; choose another one: make run PORT=8124" >&2
    exit 1
fi

server=""
demo=""
stop() {
    trap 'kill -KILL "$server" 2>/dev/null' INT TERM HUP
    [ -z "$demo" ] || kill -TERM "-$demo" 2>/dev/null || true
    status=0
    if [ -n "$server" ]; then
        kill -TERM "$server" 2>/dev/null || true
        wait "$server" || status=$?
    fi
    exit "$status"
}
trap stop INT TERM HUP

# In a session of its own: a Ctrl-C reaches this script alone, which tells each part once.
setsid "$bin/cambium" serve </dev/null &
server=$!

is_ready() {
    python3 -c "import urllib.request as u; u.urlopen('$url/readyz', timeout=2)" 2>/dev/null
}
until is_ready; do
    if ! kill -0 "$server" 2>/dev/null; then
        wait "$server" || exit $?
        exit 1
    fi
    sleep 0.3
done
echo "Cambium is at $url (data in $CAMBIUM_DATA); Ctrl-C stops it"

if [ "${DEMO:-1}" != 0 ] && [ -x scripts/demo.sh ]; then
    # On the first start the token is written a moment after the schema is there.
    for _ in 1 2 3 4 5 6 7 8 9 10; do [ -e "$CAMBIUM_DATA/admin-token" ] || sleep 0.5; done
    # CAMBIUM_TOKEN of the environment wins: the first token can have been replaced by another.
    token=${CAMBIUM_TOKEN:-$(cat "$CAMBIUM_DATA/admin-token" 2>/dev/null || true)}
    CAMBIUM=$bin/cambium CAMBIUM_URL=$url CAMBIUM_TOKEN=$token setsid scripts/demo.sh </dev/null &
    demo=$!
    wait "$demo" || echo "the demo could not be published; the server goes on without it" >&2
    demo=""
    echo "Cambium is at $url"
fi
[ ! -e "$CAMBIUM_DATA/admin-token" ] || echo "To do more than look, sign in there with the token in $CAMBIUM_DATA/admin-token"
wait "$server"
