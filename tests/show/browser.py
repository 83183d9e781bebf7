"""A real headless browser that looks at a page of ours from a server on loopback which writes down who asked."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from html import unescape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions",
    "--force-device-scale-factor=1", "--virtual-time-budget=4000",
)  # fmt: skip

#: A frame as wide as a phone, for no browser window is: when its page is there, it is measured from outside.
WRAPPER = """<!doctype html><meta charset="utf-8"><iframe id="f" src="/page" style="width:%dpx;height:2000px;border:0">
</iframe><pre id="told"></pre><script>
document.getElementById("f").onload = () => {
  const page = document.getElementById("f").contentDocument, wide = page.documentElement.clientWidth;
  const over = [...page.body.querySelectorAll("*")].filter(e => {
    const box = e.getBoundingClientRect();
    return box.width > 1 && (box.right > wide + 1 || box.left < -1);
  });
  document.getElementById("told").textContent = JSON.stringify({
    wide, scroll: page.documentElement.scrollWidth, over: over.map(e => e.tagName),
    background: getComputedStyle(page.body).backgroundColor, ran: page.title === "it ran",
    rows: page.querySelectorAll("tbody tr").length, charts: page.querySelectorAll("svg").length,
    small: [...page.querySelectorAll("svg text")].filter(e => e.getBoundingClientRect().height < 9
      && e.getBoundingClientRect().width < 9).length,
  });
};
</script>"""


class Seen:
    """A server's address, and the paths that were asked for."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.paths: list[str] = []


@contextmanager
def served(pages: Mapping[str, str]) -> Iterator[Seen]:
    """Serve texts as HTML under their paths."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.paths.append(self.path)
            body = pages.get(self.path, "").encode()
            self.send_response(200 if self.path in pages else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing on stderr."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    seen = Seen(f"http://127.0.0.1:{server.server_port}")
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield seen
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def browse(folder: Path, *words: str) -> str:
    """Run the browser to its end with a profile of its own; what it printed."""
    assert CHROMIUM is not None
    command = [CHROMIUM, *FLAGS, f"--user-data-dir={folder / 'browser'}", *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def looked_at(page: str, folder: Path, *words: str, width: int = 360) -> tuple[dict[str, Any], list[str]]:
    """What the page measures at that width, and which paths were asked for."""
    with served({"/page": page, "/": WRAPPER % width}) as seen:
        dom = browse(folder, "--window-size=900,1200", *words, "--dump-dom", seen.address + "/")
    found = re.search(r'<pre id="told">(.*?)</pre>', dom, re.DOTALL)
    assert found is not None, dom[:2000]
    told: dict[str, Any] = json.loads(unescape(found[1]))
    return told, seen.paths


__all__ = ["CHROMIUM", "browse", "looked_at", "served"]
