"""Times the engine on MiniLM with a LoRA: one run against a script in Python, and many on one load.

    smoke.py [ADAPTERS]
"""
import array
import json
import os
import random
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CACHE = Path(os.environ.get("CAMBIUM_CACHE") or ("/var/cache/cambium" if os.getuid() == 0 else
             Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "cambium"))
ENGINE = Path(os.environ.get("CARGO_TARGET_DIR") or ROOT / "target") / "release" / "cambium-smoke"
BACKBONE = CACHE / "minilm-0.1.0"
ADAPTER = ROOT / "tests/fixtures/minilm/adapters/lora_r8"
LIMITS = {"memory_bytes": 4 << 30, "wall_seconds": 120, "cpu_seconds": 240, "output_bytes": 4 << 20, "threads": 2}


def part(folder, name=None):
    """A folder as a part of a job, without the reference that lies beside an adapter."""
    files = {file.name: str(file) for file in folder.iterdir() if file.is_file() and file.stem != "reference"}
    return {"name": name or folder.name, "files": files}


def probe(path, rows, tokens):
    """Ids with less and less of them from row to row, and their mask."""
    ids = array.array("q", (random.randrange(1000, 30000) for _ in range(rows * tokens)))
    mask = array.array("q", (int(at < tokens - row * tokens // (rows + 1)) for row in range(rows) for at in range(tokens)))
    size = 8 * rows * tokens
    header = json.dumps({
        "input.input_ids": {"dtype": "I64", "shape": [rows, tokens], "data_offsets": [0, size]},
        "input.attention_mask": {"dtype": "I64", "shape": [rows, tokens], "data_offsets": [size, 2 * size]},
    })
    path.write_bytes(struct.pack("<Q", len(header)) + header.encode() + ids.tobytes() + mask.tobytes())
    return str(path)


def run(job):
    """Reports of a job with the second at which each came, and the seconds that all took."""
    environment = {"OMP_WAIT_POLICY": "PASSIVE"}
    if libtorch := os.environ.get("LIBTORCH"):
        environment["LD_LIBRARY_PATH"] = f"{libtorch}/lib"
    began = time.perf_counter()
    engine = subprocess.Popen([ENGINE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              env=environment)
    engine.stdin.write(json.dumps({"seed": 0, "limits": LIMITS, "backbone": part(BACKBONE)} | job).encode())
    engine.stdin.close()
    reports = [(time.perf_counter() - began, json.loads(line)) for line in engine.stdout]
    assert engine.wait() == 0 and all(report["verdict"] == "compatible" for _, report in reports), reports
    return reports, time.perf_counter() - began


def line(what, seconds, peak, ratio=""):
    print(f"{what:<44} {seconds:8.2f} s  {peak / 2**20:6.0f} MiB  {ratio}")


def single(what, job, python):
    """Best of three runs, against the script's best of three where there is a Python for it; so the passes too."""
    runs = [(reports[0][1]["run"], seconds) for reports, seconds in (run(job) for _ in range(3))]
    report, seconds = min(runs, key=lambda timed: timed[1])
    forward = min(report["forward_seconds"] for report, _ in runs)
    line(f"cambium, {what}", seconds, report["peak_memory_bytes"])
    if not python:
        return
    timed = [json.loads(subprocess.run([python, ROOT / "benches/baseline.py", BACKBONE, ADAPTER, job["probe"]],
             capture_output=True, check=True, text=True).stdout) for _ in range(3)]
    script = min(timed, key=lambda figures: figures["seconds"])
    ratio = f"{seconds / script['seconds']:.2f} of its time, {report['peak_memory_bytes'] / script['bytes']:.2f} of its memory"
    line(f"python, {what}", script["seconds"], script["bytes"], ratio)
    theirs = min(figures["forward"] for figures in timed)
    line("  one pass of each", forward, 0, f"{forward / theirs:.2f} of its time")


def main():
    adapters = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    python = os.environ.get("CAMBIUM_PYTHON")
    modules = [part(ADAPTER)]
    with tempfile.TemporaryDirectory() as folder:
        large, small = Path(folder) / "large.safetensors", Path(folder) / "small.safetensors"
        single("32 x 64 tokens", {"modules": modules, "probe": probe(large, 32, 64)}, python)
        made, seconds = min((run({"modules": modules}) for _ in range(3)), key=lambda timed: timed[1])
        line("cambium, made probe", seconds, made[0][1]["run"]["peak_memory_bytes"])
        batch = [[part(ADAPTER, f"adapter-{number}")] for number in range(adapters)]
        reports, _ = run({"modules": [], "batch": batch, "probe": probe(small, 8, 16)})
        each = (reports[-1][0] - reports[0][0]) / (adapters - 1)
        forward = sorted(report["run"]["forward_seconds"] for _, report in reports)[adapters // 2]
        line(f"{adapters} adapters at 8 x 16, each", each, reports[-1][1]["run"]["peak_memory_bytes"],
             f"{1 / each:.1f} a second, {each / forward:.2f} of one pass")


if __name__ == "__main__":
    main()
