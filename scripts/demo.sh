#!/bin/sh
# Publishes the demo through the public API: a backbone, what works on it, a backbone that drifted away
# from all of that, and an adapter that is refused. A second run finds everything there.
#
# CAMBIUM is the program, CAMBIUM_URL and CAMBIUM_TOKEN say where and as whom, CAMBIUM_CACHE has MiniLM.
set -eu
cd "$(dirname "$0")/.."

CAMBIUM=${CAMBIUM:-cambium}
if [ -z "${CAMBIUM_CACHE:-}" ]; then
    [ "$(id -u)" -eq 0 ] && CAMBIUM_CACHE=/var/cache/cambium ||
        CAMBIUM_CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/cambium
fi
minilm=$CAMBIUM_CACHE/minilm-0.1.0
demo=examples/demo

is_published() { "$CAMBIUM" show "$1" --json >/dev/null 2>&1; }
# A channel that was ever pointed is the user's by now, wherever it points.
points() { "$CAMBIUM" channel history "$1@stable" --json >/dev/null 2>&1; }

modules="minilm debian-sections-lora debian-games-lora debian-sections-head minilm-to-64"
is_complete() {
    is_published demo/minilm@2.0.0 || return 1
    for module in $modules; do points "demo/$module" || return 1; done
}
if is_complete; then
    echo "demo: everything is there"
    exit 0
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# A folder of its own: MiniLM's files with the manifest of the demo.
with_minilm() {
    mkdir "$work/$1"
    cp -r "$minilm/." "$work/$1"
    cp "$demo/$1/cambium.toml" "$work/$1/"
}
publish() { "$CAMBIUM" publish "$1" --create-namespace; }

if ! is_published demo/minilm@1.0.0; then
    with_minilm minilm
    publish "$work/minilm"
fi
for module in debian-sections-lora debian-games-lora debian-sections-head minilm-to-64; do
    is_published "demo/$module@1.0.0" || publish "$demo/$module"
done
for module in $modules; do
    points "demo/$module" ||
        "$CAMBIUM" channel point "demo/$module@1.0.0" stable --reason "the first release that is proven"
done

echo "demo: an adapter that was made for another backbone, to show a refusal:"
refused=0
publish "$demo/for-another-backbone" || refused=$?
if [ "$refused" -ne 1 ]; then
    echo "demo: it had to be refused (exit code 1), and the exit code is $refused" >&2
    exit 1
fi

if ! is_published demo/minilm@2.0.0; then
    drifted=$CAMBIUM_CACHE/demo/minilm-2.0.0.safetensors
    if [ ! -e "$drifted" ]; then
        echo "demo: making the weights of demo/minilm@2.0.0, once (ten seconds or so)"
        mkdir -p "$CAMBIUM_CACHE/demo"
        python3 scripts/drifted_backbone.py \
            "$minilm/model.safetensors" "$demo/minilm-drifted/delta.safetensors" "$drifted"
    fi
    with_minilm minilm-drifted
    rm "$work/minilm-drifted/model.safetensors"
    cp "$drifted" "$work/minilm-drifted/model.safetensors"
    publish "$work/minilm-drifted"
fi

# All that attaches to MiniLM is now run on the new release: not known until those runs end.
tries=0
while "$CAMBIUM" matrix demo/minilm --json | grep -q '"verdict": "unknown"' && [ "$tries" -lt 120 ]; do
    tries=$((tries + 1))
    sleep 1
done
"$CAMBIUM" matrix demo/minilm
