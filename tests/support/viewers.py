"""Viewers of other people, from npm, for tests only: they come by checksum, and their own dependencies are in them."""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

PACKAGES = {
    "mirador-4.0.0": "uWsE9e2oqSc/lUu+vVwDGhTsycuhGsfZ2KfX6CLfXiT3wgGy6qT9+q5M3V9Zz72hkdIgsJugKesaowmRtYmvrA==",
    "universalviewer-4.4.0": "9OVs6uCzeQYw50jg8k2vEGq6hQFu7kEv9OOAlmqVH9duhrpg1xlIqcMIb2rhNQnAxTQd3R13gxJze9UYkiwdzg==",
}
"""Name and version, and the SHA-512 of what npm has under them."""

PAGES = {
    "mirador.html": """<!doctype html><meta charset="utf-8"><title>Mirador</title>
<div id="viewer" style="position: absolute; inset: 0"></div>
<script src="mirador-4.0.0/dist/mirador.min.js"></script>
<script>
  const manifestId = new URLSearchParams(location.search).get("manifest");
  Mirador.viewer({ id: "viewer", windows: [{ manifestId, defaultSearchQuery: "" }] });
</script>""",
    "universalviewer.html": """<!doctype html><meta charset="utf-8"><title>Universal Viewer</title>
<link rel="stylesheet" href="universalviewer-4.4.0/dist/uv.css">
<div id="viewer" class="uv" style="position: absolute; inset: 0"></div>
<script src="universalviewer-4.4.0/dist/umd/UV.js"></script>
<script>
  const manifest = new URLSearchParams(location.search).get("manifest");
  UV.init("viewer", { manifest, embedded: true });
</script>""",
}


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        pass


@contextmanager
def other_site(folder: Path) -> Iterator[str]:
    """The address of another site, whose ``mirador.html`` and ``universalviewer.html`` show ``?manifest=``."""
    for name, checksum in PACKAGES.items():
        _unpack(name, checksum, folder)
    for name, page in PAGES.items():
        (folder / name).write_text(page)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=folder))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def _unpack(name: str, checksum: str, folder: Path) -> None:
    package, _, version = name.rpartition("-")
    npm = shutil.which("npm") or str(Path(sys.executable).with_name("npm"))
    environment = os.environ | {
        "NODE_USE_SYSTEM_CA": "1",
        "PATH": f"{Path(npm).parent}{os.pathsep}{os.environ['PATH']}",
    }
    command = [npm, "pack", "--silent", f"{package}@{version}"]
    subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True, timeout=120)
    archive = folder / f"{name}.tgz"
    found = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    assert found == checksum, f"{name} is not what it was"
    with tarfile.open(archive) as tar:
        tar.extractall(folder / name, filter="data")
    for inner in (folder / name / "package").iterdir():
        inner.rename(folder / name / inner.name)
