#!/usr/bin/env python3
"""Makes the drifted backbone of the demo: a safetensors file plus a delta, with Python alone.

    drifted_backbone.py MODEL.safetensors DELTA.safetensors OUT.safetensors

The delta holds, for each matrix NAME, NAME.u [rows, rank] and NAME.v [rank, columns], whose product
is added, and for each vector NAME, NAME.d, which is added. Sums are taken in float64, one rank at a
time, and rounded once to float32, so that every machine gets the same bytes.
"""
import json
import multiprocessing
import struct
import sys
from array import array
from hashlib import sha256
from pathlib import Path

EXPECTED = "36ac673726f215014dcdae2f288d4186020e1e1f4a819e354bc71b0d9989ff35"
CODES = {"F32": "f", "F16": "e", "I64": "q"}


def read(path):
    raw = Path(path).read_bytes()
    (size,) = struct.unpack("<Q", raw[:8])
    header = json.loads(raw[8:8 + size])
    header.pop("__metadata__", None)
    data = memoryview(raw)[8 + size:]
    return {name: (info["dtype"], info["shape"], data[slice(*info["data_offsets"])])
            for name, info in header.items()}


def numbers(tensor):
    dtype, _, data = tensor
    code = CODES[dtype]
    return struct.unpack(f"<{len(data) // struct.calcsize(code)}{code}", data)


def with_matrix(task):
    """The bytes of a matrix with the product of its delta added."""
    base, u, v, rows, columns, rank = task
    out = array("f")
    steps = [v[k * columns:(k + 1) * columns] for k in range(rank)]
    for row in range(rows):
        total = base[row * columns:(row + 1) * columns]
        for k, step in enumerate(steps):
            scale = u[row * rank + k]
            total = [t + scale * s for t, s in zip(total, step)]
        out.extend(total)
    return little(out)


def little(values):
    if sys.byteorder == "big":
        values.byteswap()
    return values.tobytes()


def drift(base, delta):
    matrices = [name[:-2] for name in delta if name.endswith(".u")]
    tasks = []
    for name in matrices:
        rows, columns = base[name][1]
        rank = delta[name + ".v"][1][0]
        tasks.append((numbers(base[name]), numbers(delta[name + ".u"]), numbers(delta[name + ".v"]),
                      rows, columns, rank))
    changed = {}
    with multiprocessing.Pool() as pool:
        changed.update(zip(matrices, pool.imap(with_matrix, tasks)))
    for key in delta:
        if key.endswith(".d"):
            name = key[:-2]
            changed[name] = little(array("f", (a + b for a, b in zip(numbers(base[name]), numbers(delta[key])))))
    return changed


def write(path, base, changed):
    header, offset = {"__metadata__": {"format": "pt"}}, 0
    for name in sorted(base):
        dtype, shape, data = base[name]
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [offset, offset + len(data)]}
        offset += len(data)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    digest = sha256()
    with open(path, "wb") as file:
        for part in (struct.pack("<Q", len(text)), text, *(changed.get(n, base[n][2]) for n in sorted(base))):
            file.write(part)
            digest.update(part)
    return digest.hexdigest()


def main():
    model, delta, out = map(Path, sys.argv[1:])
    base = read(model)
    partial = out.with_suffix(".partial")
    found = write(partial, base, drift(base, read(delta)))
    if found != EXPECTED:
        partial.unlink()
        raise SystemExit(f"drifted_backbone: got sha256 {found}, expected {EXPECTED}")
    partial.replace(out)


if __name__ == "__main__":
    main()
