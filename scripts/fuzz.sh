#!/bin/sh
# Feeds hostile bytes to everything that reads uploads, each reader for SECONDS, two at a time. Begins with the
# files of tests/fixtures, examples and fuzz/seeds. What it learns in a minute or more stays in fuzz/corpus, for the
# next run of a minute or more; shorter ones begin anew, so that they take the same time always. A crash is kept
# in fuzz/artifacts and fails the run: a copy of it in fuzz/seeds/TARGET is tried first from then on.
#
# Usage: fuzz.sh SECONDS [TARGET…]
set -eu
cd "$(dirname "$0")/.."

seconds=${1:?usage: fuzz.sh SECONDS [TARGET…]}
shift
all=$(sed -n 's/^name = "\([a-z_]*\)"$/\1/p' fuzz/Cargo.toml)
[ $# -gt 0 ] || set -- $all

# What `cargo fuzz --sanitizer none` passes: coverage, which stable compilers give too. The code is safe Rust, so
# that its own checks find what a sanitizer would.
coverage="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
-Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
-Cllvm-args=-sanitizer-coverage-trace-compares --cfg fuzzing"
target=${CARGO_TARGET_DIR:-$PWD/target}/fuzz
# With a target named, the flags reach no build script and no macro.
triple=$(rustc -vV | sed -n 's/^host: //p')
RUSTFLAGS=$coverage cargo build --quiet --release --locked --manifest-path fuzz/Cargo.toml --target "$triple" \
    --target-dir "$target"

scratch=$(mktemp -d "${TMPDIR:-/tmp}/cambium-fuzz-XXXXXX")
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# Which files a reader begins with.
seeds() {
    case $1 in
        weights) find tests/fixtures examples -name '*.safetensors' -size -200k ;;
        config) find tests/fixtures examples -name config.json ;;
        shards) : ;;
        adapter_config) find tests/fixtures examples -name adapter_config.json ;;
        head_config) find tests/fixtures examples -name head_config.json ;;
        manifest) find tests/fixtures examples -name cambium.toml ;;
        reading) find tests/fixtures examples -type f -size -200k ;;
        card) find tests/fixtures examples docs -name '*.md' ;;
    esac
    [ ! -d "fuzz/seeds/$1" ] || find "fuzz/seeds/$1" -type f
}

fuzz() {
    given=$scratch/$1-seeds
    if [ "$seconds" -ge 60 ]; then corpus=fuzz/corpus/$1; else corpus=$scratch/$1; fi
    mkdir -p "$corpus" "$given" fuzz/artifacts
    # By place, since many are called alike.
    seeds "$1" | while read -r file; do
        cp "$file" "$given/$(printf %s "$file" | tr / _)"
    done
    # A unit may take ten seconds and 1 GiB; readers are bounded to far less.
    if "$target/$triple/release/$1" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 -max_len=262144 \
        -len_control=0 -print_final_stats=1 -artifact_prefix="fuzz/artifacts/$1-" "$corpus" "$given" >"fuzz/artifacts/$1.log" 2>&1
    then
        runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "fuzz/artifacts/$1.log")
        covered=$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "fuzz/artifacts/$1.log" | tail -1)
        # In the words of cargo, which tools that read logs know.
        echo "test fuzz::$1 ... ok ($runs inputs, $covered places reached)"
    else
        tail -40 "fuzz/artifacts/$1.log"
        echo "test fuzz::$1 ... FAILED: see fuzz/artifacts/$1.log"
        return 1
    fi
}

failed=0
asked=$#
while [ $# -gt 0 ]; do
    fuzz "$1" &
    first=$!
    shift
    if [ $# -gt 0 ]; then
        fuzz "$1" || failed=$((failed + 1))
        shift
    fi
    wait "$first" || failed=$((failed + 1))
done
echo "test result: $([ "$failed" -eq 0 ] && echo ok || echo FAILED). $((asked - failed)) passed; $failed failed; 0 ignored"
[ "$failed" -eq 0 ]
