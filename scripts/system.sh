#!/bin/sh
# Sees to it that this machine has what Cambium is built, run and tested with. As root it installs what
# Debian packages and is missing; otherwise it names the one command that does, and fails.
#
# Usage: system.sh [chromium]      chromium: also the browser of the end-to-end tests
set -eu

needed=""
need() { needed="$needed $1"; }

has_postgres() {
    bin=$(sh "$(dirname "$0")/postgres-bin.sh" 2>/dev/null) && [ -n "$bin" ]
}

has_chromium() {
    command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null
}

fail() {
    echo "system: $1" >&2
    exit 1
}

# What Debian's own packages do not offer in the right version is asked for, not installed.
command -v cargo >/dev/null || [ -x "$HOME/.cargo/bin/cargo" ] ||
    fail "cargo is missing; install Rust 1.94 or later with rustup"
node_major=$(node --version 2>/dev/null | sed -n 's/^v\([0-9]*\).*/\1/p')
[ "${node_major:-0}" -ge 20 ] || fail "Node 20 or later is missing (found: $(node --version 2>/dev/null || echo none)); install it from your distribution or nodejs.org"
command -v npm >/dev/null || fail "npm is missing; it comes with Node 20"

command -v python3 >/dev/null || need python3
command -v cc >/dev/null || need gcc
command -v c++ >/dev/null || need g++
[ -e /usr/include/stdio.h ] || need libc6-dev
has_postgres || need postgresql
if [ "${1:-}" = chromium ]; then has_chromium || need chromium; fi
[ -n "$needed" ] || exit 0

command -v apt-get >/dev/null || fail "missing:$needed; install them with your system's package manager"
[ "$(id -u)" -eq 0 ] || fail "missing:$needed; install with: sudo apt-get install -y --no-install-recommends$needed"

echo "system: installing$needed" >&2
export DEBIAN_FRONTEND=noninteractive
apt() { apt-get -o DPkg::Lock::Timeout=300 -qq "$@" >&2; }
apt update || echo "system: the package lists could not be refreshed; trying with those that are there" >&2
case "$needed" in
*postgresql*)
    # Only the programs are wanted, not a cluster of the system's own.
    apt install -y --no-install-recommends postgresql-common
    sed -i 's/^#* *create_main_cluster *=.*/create_main_cluster = false/' /etc/postgresql-common/createcluster.conf
    ;;
esac
# shellcheck disable=SC2086  # one word per package
apt install -y --no-install-recommends $needed
has_postgres || fail "PostgreSQL 15 or later is still missing after apt-get install postgresql"
