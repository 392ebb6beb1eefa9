"""Make the pictures of the pages and of the extension in docs/: `python -m bench.pictures [NAME …]`.

Chromium looks at a Signcap that shows the demo, and at trainings on pictures of synthetic signers; nothing of this
computer's user is in the pictures. `python -m bench.pictures runs` makes `docs/runs.png` alone, which takes minutes.
"""

import argparse
import contextlib
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np

from overlay.media.frame import Pixels
from overlay.synthesis.signer import SignerLook, SyntheticSigner
from tests.extension.conftest import Asked, Browser, open_chromium
from tests.extension.test_box import Box
from tests.server.browsers import bare_chromium, chromium

DOCS: Final = Path(__file__).parent.parent / "docs"
PAGES: Final = ("screenshot", "tune", "runs")
EXTENSION: Final = ("extension-popup", "extension-box")
SIZE: Final = {"width": 1280, "height": 860}
CALL_SIZE: Final = {"width": 900, "height": 540}
POPUP_WIDTH: Final = 338  # CSS pixels
TEXT: Final = "NICE TO MEET YOU"
PATIENCE: Final = 120_000  # milliseconds

SIGNERS: Final = 20
LETTERS: Final = "ABCILVWY"
PICTURES: Final = 3  # of each letter by each signer
EPOCHS: Final = 10
NETWORKS: Final = {
    "cnn": ("--size", "48"),
    "enhanced-cnn": ("--size", "48"),
    "cnn-rnn": ("--size", "48"),
    "cnn-lstm": ("--rate", "0.002", "--schedule", "cosine"),
}

# A call in which one sees oneself, large.
CALL: Final = """<!doctype html><meta charset="utf-8"><title>A call</title><style>
body { margin: 12px; background: #202124; }
video { display: block; width: 876px; height: 452px; border-radius: 12px; object-fit: cover; }
p { display: flex; justify-content: center; gap: 12px; margin: 16px; }
i { width: 44px; height: 44px; border-radius: 50%; background: #3c4043; }
i:last-child { background: #ea4335; }
</style><body><video autoplay muted playsinline></video><p><i></i><i></i><i></i><i></i></p></body>"""
SHOW: Final = "async () => { document.querySelector('video').srcObject = await open1({audio: false}); }"


def environment(folder: Path) -> dict[str, str]:
    """Of commands with settings and files of their own."""
    places = {name: str(folder / name) for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME")}
    return os.environ | places | {"PYTHONPATH": str(DOCS.parent)}


def signcap(folder: Path, *arguments: str) -> None:
    """Run a command to its end."""
    print("signcap", *arguments, flush=True)
    command = [sys.executable, "-m", "server.cli.main", *arguments]
    subprocess.run(command, cwd=DOCS.parent, env=environment(folder), check=True)


@contextlib.contextmanager
def started(folder: Path) -> Iterator[str]:
    """Signcap over the demo, and its link."""
    command = [sys.executable, "-m", "server.cli.main", "run", "--source", "demo", "--text", TEXT, "--no-browser"]
    run = subprocess.Popen(
        [*command, "--virtual-camera", "off", "--data", f"{folder}/data", "--runs", f"{folder}/runs"],
        cwd=DOCS.parent,
        env=environment(folder),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert run.stdout is not None
    try:
        link = next((found[0] for line in run.stdout if (found := re.search(r"http://\S+", line))), None)
        if link is None:
            raise SystemExit("Signcap did not start: the lines above say why.")
        yield link
    finally:
        run.terminate()
        run.wait(20)


def until(page: Any, condition: str) -> None:
    """Wait for what the page shows; its policy lets no script do so."""
    end = time.monotonic() + PATIENCE / 1000
    while not page.evaluate(condition):
        if time.monotonic() > end:
            raise SystemExit(f"This did not come: {condition}")
        time.sleep(0.1)


# The pages.


def collect(folder: Path) -> None:
    """Pictures of people who do not exist, as FOLDER/SIGNER/LETTER/*.jpg."""
    for seed in range(SIGNERS):
        for letter in LETTERS:
            signer = SyntheticSigner(letter, look=SignerLook.random(seed), size=(320, 240))
            _, start, end = signer.letters[0]
            place = folder / f"signer-{seed + 1}" / letter
            place.mkdir(parents=True)
            for index in range(PICTURES):
                shown = signer.render(start + (end - start) * (0.1 + 0.8 * index / PICTURES))
                cv2.imwrite(str(place / f"{index + 1:02}.jpg"), shown, [cv2.IMWRITE_JPEG_QUALITY, 95])


def train(folder: Path) -> None:
    """Trainings of the four networks, in `folder`/runs."""
    pictures, crops, runs = (str(folder / name) for name in ("data", "crops", "runs"))
    collect(folder / "data")
    signcap(folder, "crop", pictures, crops)
    signcap(folder, "split", crops)
    for name, options in NETWORKS.items():
        asked = ("--network", name, "--name", name, "--letters", LETTERS, "--epochs", str(EPOCHS), "--patience", "0")
        signcap(folder, "train", crops, *asked, *options, "--runs", runs, "--no-wandb")


def take_start(page: Any, link: str) -> None:
    """The start page, when a sentence is read and another begun."""
    page.goto(link + "/")
    page.wait_for_selector(".screen[data-state=playing]", timeout=PATIENCE)
    # A computer that is too busy to read it all makes no picture.
    until(page, f"[...document.querySelectorAll('#finished li')].some((one) => one.textContent === '{TEXT}')")
    until(page, "document.querySelector('#committed').textContent.length >= 6")
    page.screenshot(path=DOCS / "screenshot.png")


def take_tune(page: Any, link: str) -> None:
    """The page Tune, when it shows what would be read."""
    page.goto(link + "/captions/tune")
    until(page, "document.querySelector('#would').textContent.length >= 8")
    page.screenshot(path=DOCS / "tune.png")


def take_runs(page: Any, link: str) -> None:
    """The curves of all trainings on the page Runs."""
    page.goto(f"{link}/train/runs?{'&'.join(f'run={name}' for name in NETWORKS)}")
    until(page, f"document.querySelectorAll('#legend .swatch').length === {len(NETWORKS)}")
    until(page, "document.querySelectorAll('#charts canvas').length === 5")
    page.evaluate("document.fonts.ready")
    time.sleep(1)  # the charts are drawn in the frame after
    area = page.locator("#curves").bounding_box()
    whole = {"x": 0, "y": area["y"] - 10, "width": SIZE["width"], "height": area["height"] + 20}
    page.screenshot(path=DOCS / "runs.png", clip=whole, full_page=True)


def take_pages(names: set[str]) -> None:
    """Those of the pages that are named."""
    with tempfile.TemporaryDirectory() as made, chromium(executable=bare_chromium()) as browser:
        folder = Path(made)
        if "runs" in names:
            train(folder)
        with started(folder) as entrance:
            page = browser.new_page(viewport=SIZE, color_scheme="light")
            page.goto(entrance)
            page.wait_for_url(lambda url: "?" not in url)
            link = page.url.rstrip("/")
            for name, take in (("screenshot", take_start), ("tune", take_tune), ("runs", take_runs)):
                if name in names:
                    take(page, link)


# The extension.


def popup_picture(popup: Any) -> Pixels:
    """All of the popup, as it is now."""
    popup.set_viewport_size({"width": POPUP_WIDTH, "height": 100})
    shown = cv2.imdecode(np.frombuffer(popup.screenshot(full_page=True), np.uint8), cv2.IMREAD_COLOR)
    assert shown is not None
    return np.asarray(shown, np.uint8)


def beside(pictures: list[Pixels]) -> Pixels:
    """Pictures in a row, the lower ones filled up with the paper below them."""
    height = max(len(one) for one in pictures)
    filled = [
        np.concatenate([one, np.broadcast_to(one[-1, 0], (height - len(one), one.shape[1], 3))]) for one in pictures
    ]
    return np.concatenate(filled, axis=1)


def take_box(call: Box) -> None:
    """The captions over a call in which a sentence is read and another begun, while something is typed."""
    page = call.page
    # To the right, where it hides neither the hand nor the captions in the picture.
    x, y = call.middle("Move the captions")
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 404, y - 40, steps=4)
    page.mouse.up()
    call.press("Quick phrases")
    call.press("Type to caption")
    page.keyboard.type("See you tomorrow")
    end = time.monotonic() + PATIENCE / 1000
    while not re.search(rf"{TEXT}\W.*\bNIC", call.text, re.DOTALL):
        if time.monotonic() > end:
            raise SystemExit(f"The box did not show the captions: {call.text}")
        time.sleep(0.1)
    page.screenshot(path=DOCS / "extension-box.png")


def take_extension(names: set[str]) -> None:
    """Those of the extension that are named: the popup at a pairing and in a call, the captions over the call."""
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as made, sync_playwright() as playwright:
        folder = Path(made)
        with (
            started(folder) as entrance,
            contextlib.closing(open_chromium(playwright, folder / "profile")) as context,
        ):
            context.route(
                "https://meet.google.com/**", lambda route: route.fulfill(body=CALL, content_type="text/html")
            )
            found = re.fullmatch(r"http://[^:/]+:(\d+)(/.*)", entrance)
            assert found
            owner = Asked()
            owner.port = int(found[1])
            owner.become_owner(found[2])

            browser = Browser(context)
            popup = browser.popup
            popup.emulate_media(color_scheme="light")
            browser.ask("port", port=owner.port)
            popup.locator("#pair").click()
            popup.locator("#code").wait_for()
            pairing = popup_picture(popup)
            (asking,) = owner.owner("GET", "/api/v1/pairings")["asking"]
            owner.owner("POST", f"/api/v1/pairings/{asking['name']}", {"do": "allow"})
            popup.locator("#paired").wait_for()
            for name in ("camera", "microphone"):
                browser.set_permission("https://meet.google.com", name, "granted")
            browser.switch_on()
            browser.ask("box", shown=True)

            call = Box(browser)
            call.page.set_viewport_size(CALL_SIZE)
            call.page.evaluate(SHOW)
            until(call.page, "document.querySelector('video').videoWidth > 0")
            if "extension-box" in names:
                take_box(call)
            if "extension-popup" in names:
                until(popup, "document.querySelector('#pill-text').textContent === 'In a call'")
                cv2.imwrite(str(DOCS / "extension-popup.png"), beside([pairing, popup_picture(popup)]))


def main() -> None:
    """Make them."""
    parser = argparse.ArgumentParser(description="Make the pictures in docs/.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(PAGES + EXTENSION)}; default: all")
    names = set(parser.parse_args().names) or {*PAGES, *EXTENSION}
    if unknown := names - {*PAGES, *EXTENSION}:
        parser.error(f"there is no picture {', '.join(sorted(unknown))}: choose of {', '.join(PAGES + EXTENSION)}")
    if names & {*PAGES}:
        take_pages(names)
    if names & {*EXTENSION}:
        take_extension(names)


if __name__ == "__main__":
    main()
