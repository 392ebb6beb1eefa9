"""Make the pictures of the pages in docs/ anew: `python -m bench.pictures`.

Chromium looks at a Signcap that shows the demo; nothing of this computer's user is in the pictures. `docs/runs.png`
and those of the extension are made by hand.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

from tests.server.browsers import bare_chromium, chromium

DOCS: Final = Path(__file__).parent.parent / "docs"
SIZE: Final = {"width": 1280, "height": 860}
TEXT: Final = "NICE TO MEET YOU"
PATIENCE: Final = 120_000  # milliseconds


def started(folder: str) -> tuple[subprocess.Popen[str], str]:
    """Signcap with settings and files of its own, and its link."""
    places = {name: f"{folder}/{name}" for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME")}
    command = [sys.executable, "-m", "server.cli.main", "run", "--source", "demo", "--text", TEXT, "--no-browser"]
    root = str(DOCS.parent)
    run = subprocess.Popen(
        [*command, "--virtual-camera", "off", "--data", f"{folder}/data", "--runs", f"{folder}/runs"],
        cwd=root,
        env=os.environ | places | {"PYTHONPATH": root},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert run.stdout is not None
    for line in run.stdout:
        if found := re.search(r"http://\S+", line):
            return run, found[0]
    raise SystemExit("Signcap did not start: the lines above say why.")


def until(page: Any, condition: str) -> None:
    """Wait for what the page shows; its policy lets no script do so."""
    end = time.monotonic() + PATIENCE / 1000
    while not page.evaluate(condition):
        if time.monotonic() > end:
            raise SystemExit(f"This did not come: {condition}")
        time.sleep(0.1)


def take(page: Any) -> None:
    """The pictures, each when there is something to see."""
    page.wait_for_selector(".screen[data-state=playing]", timeout=PATIENCE)
    # A computer that is too busy to read it all makes no picture.
    until(page, f"[...document.querySelectorAll('#finished li')].some((one) => one.textContent === '{TEXT}')")
    until(page, "document.querySelector('#committed').textContent.length >= 6")
    page.screenshot(path=DOCS / "screenshot.png")
    page.goto(page.url + "captions/tune")
    until(page, "document.querySelector('#would').textContent.length >= 8")
    page.screenshot(path=DOCS / "tune.png")


def main() -> None:
    """Make them."""
    with tempfile.TemporaryDirectory() as folder, chromium(executable=bare_chromium()) as browser:
        run, link = started(folder)
        try:
            page = browser.new_page(viewport=SIZE, color_scheme="light")
            page.goto(link)
            page.wait_for_url(lambda url: "?" not in url)
            take(page)
        finally:
            run.terminate()
            run.wait(20)


if __name__ == "__main__":
    main()
