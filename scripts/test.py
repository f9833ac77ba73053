#!/usr/bin/env python3
"""Runs everything that must hold, goes on after a failure, and ends with one line that sums it up.

Called by `make test`. Cheap steps come first. Where a part of the tree is not there, its step is left out.
"""

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# How the tools say how many tests passed, failed and were left out: cargo, vitest, playwright.
CARGO = re.compile(r"^test result: \w+\. (\d+) passed; (\d+) failed; (\d+) ignored")
WEB = {
    "passed": re.compile(r"^\s+(?:Tests\s.*?)?(\d+) passed"),
    "failed": re.compile(r"^\s+(?:Tests\s.*?)?(\d+) failed"),
    "ignored": re.compile(r"^\s+(?:Tests\s.*?)?(\d+) skipped"),
}
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def main():
    counts = {"passed": 0, "failed": 0, "ignored": 0}
    failures = []
    started = time.monotonic()
    for name, command, folder in steps():
        print(f"\n=== {name}: {' '.join(command)}", flush=True)
        begun = time.monotonic()
        if run(command, folder, counts) != 0:
            failures.append(name)
        print(f"=== {name}: {'FAILED' if name in failures else 'ok'} in {time.monotonic() - begun:.0f} s", flush=True)
    if failures:
        print(f"\nfailed: {', '.join(failures)}")
    # In the words of cargo, which tools that read logs know.
    print(f"\ntest result: {'FAILED' if failures else 'ok'}. {counts['passed']} passed; {counts['failed']} failed; "
          f"{counts['ignored']} ignored; 0 measured; 0 filtered out; "
          f"finished in {time.monotonic() - started:.2f}s", flush=True)
    return 1 if failures else 0


def steps():
    web = ROOT / "web"
    scripts = json.loads((web / "package.json").read_text())["scripts"] if (web / "package.json").is_file() else {}
    yield "style", ["cargo", "fmt", "--check"], ROOT
    if scripts:
        yield "web build", ["make", "--no-print-directory", "web"], ROOT
    yield "lints", ["cargo", "clippy", "--all-targets", "--features", "torch", "--", "-D", "warnings"], ROOT
    yield "generated files", ["scripts/generate.sh", "--check"], ROOT
    for script in ("lint", "test"):
        if script in scripts:
            yield f"web {script}", ["npm", "run", "--silent", script], web
    yield "fuzz", ["scripts/fuzz.sh", "5"], ROOT
    yield "tests", ["cargo", "test", "--features", "torch", "--no-fail-fast"], ROOT
    if "e2e" in scripts:
        yield "web end to end", ["npm", "run", "--silent", "e2e"], web
    if (ROOT / "scripts/readme.sh").is_file():
        yield "README", ["scripts/readme.sh"], ROOT


def run(command, folder, counts):
    environment = dict(os.environ, CI="true", CARGO_TERM_COLOR="never")
    process = subprocess.Popen(command, cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    try:
        for line in process.stdout:
            print(line, end="", flush=True)
            count(COLOURS.sub("", line), counts)
        return process.wait()
    except KeyboardInterrupt:
        # The terminal has told the process too.
        process.wait()
        sys.exit(130)


def count(line, counts):
    found = CARGO.match(line)
    if found:
        for name, number in zip(("passed", "failed", "ignored"), found.groups()):
            counts[name] += int(number)
        return
    for name, pattern in WEB.items():
        found = pattern.match(line)
        if found:
            counts[name] += int(found.group(1))


if __name__ == "__main__":
    sys.exit(main())
