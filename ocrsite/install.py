"""Makes a checkout ready: system libraries, virtual environment, Python packages, front-end files.

Run by the system's Python before anything is installed (``python3 -m ocrsite.install``), so it
imports the standard library only. Every step that takes long leaves a stamp with the checksum of
what it was made from: a second run skips it, an interrupted one does it again.
"""

from __future__ import annotations

import argparse
import ctypes
import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
MODULES = ROOT / "node_modules"
VENDOR = ROOT / "static" / "vendor"

# What pages load from static/vendor/<folder>/, and where npm puts it.
FRONTEND = {
    "bootstrap": ("bootstrap/dist/css/bootstrap.min.css*", "bootstrap/dist/js/bootstrap.bundle.min.js*"),
    "bootstrap-icons": ("bootstrap-icons/font/bootstrap-icons.min.css",),
    "bootstrap-icons/fonts": ("bootstrap-icons/font/fonts/*",),
    "htmx": ("htmx.org/dist/htmx.min.js",),
    "openseadragon": ("openseadragon/build/openseadragon/openseadragon.min.js*",),
    "openseadragon/images": ("openseadragon/build/openseadragon/images/*",),
    "tus": ("tus-js-client/dist/tus.min.js*",),
}


class InstallError(Exception):
    """Set-up cannot go on; the message says what to do."""


def has_library(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


# Debian package -> whether what we need of it is there. OpenCV's wheel links against GL and GLib, Paddle's against
# OpenMP; pdftoppm is the second reader of PDFs, and draws no Chinese without its data.
Needs = dict[str, Callable[[], bool]]
TO_RUN: Needs = {
    "python3-venv": lambda: importlib.util.find_spec("ensurepip") is not None,
    "libgl1": lambda: has_library("libGL.so.1"),
    "libglib2.0-0": lambda: has_library("libgthread-2.0.so.0"),
    "libgomp1": lambda: has_library("libgomp.so.1"),
    "libseccomp2": lambda: has_library("libseccomp.so.2"),
    "poppler-data": lambda: Path("/usr/share/poppler/cMap").exists(),
    "poppler-utils": lambda: shutil.which("pdftoppm") is not None,
}
TO_CHECK: Needs = {"python3-venv": TO_RUN["python3-venv"]}
TO_TEST: Needs = TO_RUN | {
    "chromium": lambda: shutil.which("chromium") is not None,
    "curl": lambda: shutil.which("curl") is not None,
    "djvulibre-bin": lambda: shutil.which("djvm") is not None,
    "fontconfig": lambda: shutil.which("fc-match") is not None,
    "fonts-noto-cjk": lambda: any(Path("/usr/share/fonts").glob("**/NotoSansCJK-Regular.ttc")),
    "iproute2": lambda: shutil.which("ip") is not None,
    "libreoffice-calc-nogui": lambda: any(Path("/usr/lib/libreoffice/program").glob("libsclo.so")),
    "libreoffice-writer-nogui": lambda: any(Path("/usr/lib/libreoffice/program").glob("libswlo.so")),
    "libatomic1": lambda: has_library("libatomic.so.1"),  # for the Node inside Playwright
    "nginx-light": lambda: Path("/usr/sbin/nginx").exists(),
    "openssl": lambda: shutil.which("openssl") is not None,
    "postgresql": lambda: any(Path("/usr/lib/postgresql").glob("*/bin/initdb")),
}

# What a checkout can be made ready for: the Debian packages and the lock files that it takes.
PURPOSES: dict[str, tuple[Needs, Sequence[str]]] = {
    "run": (TO_RUN, ["requirements.txt"]),
    "check": (TO_CHECK, ["requirements.txt", "requirements-dev.txt"]),
    "test": (TO_TEST, ["requirements.txt", "requirements-dev.txt"]),
}


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def run(command: Sequence[str | Path], **environment: str) -> None:
    """Runs ``command`` in the checkout; InstallError if it fails."""
    words = [str(word) for word in command]
    finished = subprocess.run(words, cwd=ROOT, env=os.environ | environment, stdin=subprocess.DEVNULL, check=False)
    if finished.returncode:
        raise InstallError(f"This step failed (see above): {' '.join(words)}\nRun the same command again to go on.")


def once(stamp: Path, sources: Sequence[Path], step: Callable[[], None]) -> None:
    """Does ``step`` unless ``stamp`` says that it was done with ``sources`` as they are now."""
    digest = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()
    if stamp.exists() and stamp.read_text() == digest:
        return
    step()
    stamp.write_text(digest)


@contextmanager
def alone() -> Iterator[None]:
    """Waits until nobody else (``make test`` beside ``make run``) installs into this checkout."""
    with (ROOT / "Makefile").open() as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Waiting for another installation into this folder to end")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def install_system_packages(needs: Needs) -> None:
    """Installs the Debian packages that are missing, as root; InstallError names them otherwise."""
    missing = [package for package, present in needs.items() if not present()]
    if not missing:
        return
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise InstallError(
            f"The system lacks: {', '.join(missing)}. On Debian, install them and run the same command again:\n"
            f"  sudo apt-get update && sudo apt-get install --yes {' '.join(missing)}"
        )
    say(f"Installing Debian packages: {', '.join(missing)}")
    apt = ["apt-get", "-qq", "-o", "Acquire::Retries=3", "-o", "DPkg::Lock::Timeout=300"]
    run([*apt, "update"])
    run([*apt, "install", "--yes", "--no-install-recommends", *missing], DEBIAN_FRONTEND="noninteractive")


def create_environment() -> None:
    """A virtual environment with a pip that can resume broken downloads (25.1).

    One that is half made, or whose Python has gone, is made anew.
    """
    probe = (
        "import sys, pip; pip_version = tuple(map(int, pip.__version__.split('.')[:2])); "
        "sys.exit(sys.version_info[:2] != (3, 11) or pip_version < (25, 1))"
    )
    if PYTHON.exists() and not subprocess.run([PYTHON, "-c", probe], stderr=subprocess.DEVNULL, check=False).returncode:
        return
    say("Creating the virtual environment .venv")
    run([sys.executable, "-m", "venv", "--clear", VENV])
    run([PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "pip>=25.1"])


def install_packages(lock: str) -> None:
    """The Python packages of one lock file, checked by their hashes."""

    def install() -> None:
        say(f"Installing the packages of {lock}")
        run([PYTHON, "-m", "pip", "install", "--no-input", "--resume-retries", "5", "--require-hashes", "-r", lock])

    once(VENV / f".installed-{lock}", [ROOT / lock], install)


def install_frontend() -> None:
    """The front-end libraries, by npm's lock file; npm itself comes from PyPI where the system has none."""

    def install() -> None:
        say("Installing the front-end libraries")
        npm = shutil.which("npm")
        if npm is None:
            install_packages("requirements-node.txt")
            npm = str(VENV / "bin" / "npm")
        # Like pip, and unlike Node by itself, trust the certificates that the system trusts.
        run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], NODE_USE_SYSTEM_CA="1")
        copy_frontend()

    once(VENDOR / ".installed", [ROOT / "package-lock.json", Path(__file__)], install)


def copy_frontend() -> None:
    """Puts the files that pages load, and no others, into static/vendor/."""
    shutil.rmtree(VENDOR, ignore_errors=True)
    for folder, patterns in FRONTEND.items():
        (VENDOR / folder).mkdir(parents=True)
        for pattern in patterns:
            files = list(MODULES.glob(pattern))
            if not files:
                raise InstallError(f"No front-end file is named {pattern} any more: see FRONTEND in {__file__}.")
            for file in files:
                shutil.copy(file, VENDOR / folder)


def compile_translations(python: Path | str = PYTHON) -> None:
    """Compiles each locale/*.po that is newer than its .mo (with Babel: no gettext needed)."""
    for source in ROOT.glob("locale/*/LC_MESSAGES/*.po"):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        locale = source.parent.parent.name
        run([python, "-m", "babel.messages.frontend", "--quiet", "compile", "-i", source, "-o", target, "-l", locale])


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="ocrsite.install", description="Make this checkout ready to run.")
    parser.add_argument("purpose", choices=PURPOSES, nargs="?", default="run", help="what it is to be ready for")
    needs, locks = PURPOSES[parser.parse_args(arguments).purpose]
    try:
        if sys.version_info[:2] != (3, 11):
            raise InstallError(
                f"Python 3.11 is needed, this is {sys.version.split()[0]}. It is Debian 12's python3; "
                "elsewhere say where it is: make run PYTHON=/path/to/python3.11"
            )
        with alone():
            install_system_packages(needs)
            create_environment()
            for lock in locks:
                install_packages(lock)
            install_frontend()
            compile_translations()
    except InstallError as error:
        sys.exit(f"\n{error}")
    except KeyboardInterrupt:
        sys.exit("\nInterrupted. Run the same command again to resume.")


if __name__ == "__main__":
    main()
