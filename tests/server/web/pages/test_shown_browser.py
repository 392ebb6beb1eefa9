"""Spelling what is shown in a real browser: the synthetic signer spells whatever phrase the page shows."""

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from overlay.captions.edits import Edit
from overlay.core.settings import Settings
from overlay.media.frame import Frame
from overlay.pipeline.result import CaptionResult
from overlay.prompted.state import Phase, ShownState
from overlay.prompted.words import shown_words
from overlay.recognition.feature_window import MOTION
from overlay.recognition.hands.hand_detector import Hand
from overlay.recognition.landmark_file import read_running
from overlay.recognition.letter_model import BLANK, CLASSES, LETTERS
from overlay.recognition.letter_stream import DecoderStep
from overlay.synthesis.signer import SyntheticSigner
from server.session.folders import Folders

pytestmark = pytest.mark.e2e

PHASE = "document.querySelector('#screen').dataset.phase"
SEED = 4
COUNT = 2
SIZE = (480, 360)
MISREAD = {"E": "S"}  # what the reader takes letters for


class ShownSigner:
    """A source: spells the phrase that is shown before a camera, and rests meanwhile."""

    name = "camera 7"
    live = True
    rate = 15.0
    notice: str | None = None

    def __init__(self) -> None:
        self.state: Callable[[], ShownState | None] = lambda: None
        self.signer = SyntheticSigner("A", size=SIZE)
        self.shown = 0.0  # seconds of the signer's time
        self._rest = self.signer.render(0.0)
        self._prompt = ""
        self._began = 0.0
        self._closed = threading.Event()
        self._count = 0

    @property
    def letter(self) -> str | None:
        return self.signer.label(self.shown)

    @property
    def hand(self) -> Hand | None:
        points = self.signer.landmarks(self.shown)
        return None if points is None or self.shown == 0.0 else Hand(points, "right", 0.9)

    def read(self) -> Frame | None:
        if self._closed.wait(1 / self.rate):
            return None
        now, state = time.monotonic(), self.state()
        if state is not None and state.phase is Phase.WAITING and state.prompt != self._prompt:
            self._prompt, self._began = state.prompt, now
            self.signer = SyntheticSigner(state.prompt, letters_per_second=6.0, size=SIZE, lead=0.2)
        if not self._prompt or now - self._began > self.signer.duration:
            self._prompt = "" if state is not None and state.phase is not Phase.WAITING else self._prompt
            self.shown, pixels = 0.0, self._rest
        else:
            self.shown = now - self._began
            pixels = self.signer.render(self.shown)
        self._count += 1
        return Frame(pixels, self._count - 1, now)

    def close(self) -> None:
        self._closed.set()


class LabelReader:
    """A reader that knows what the source shows, and takes some letters for others."""

    def __init__(self, source: ShownSigner) -> None:
        self._source = source
        self._at: float | None = None

    def accept(self, frame: Frame) -> CaptionResult:
        hand, letter = self._source.hand, self._source.letter
        steps = 0 if self._at is None else round((frame.at - self._at) * 30)
        first = frame.at if self._at is None else self._at
        moments = [self._moment(first + step / 30, letter, hand) for step in range(1, steps + 1)]
        self._at = first + steps / 30
        return CaptionResult(frame.at, hand=hand, moments=tuple(moments))

    def _moment(self, at: float, letter: str | None, hand: Hand | None) -> DecoderStep:
        row = np.zeros(8 + MOTION, np.float32)
        row[-1] = hand is not None
        posteriors = np.zeros(CLASSES, np.float32)
        seen = None if letter is None or hand is None else MISREAD.get(letter, letter)
        posteriors[BLANK if seen is None else LETTERS.index(seen)] = 1
        return DecoderStep(at, at, row, posteriors, (float("nan") if hand is None else 0.0,) * 6)

    def finish(self) -> CaptionResult:
        return CaptionResult()

    def edit(self, edit: Edit) -> Any:
        raise AssertionError("The reader holds no transcript.")

    def configure(self, settings: Settings) -> None:
        pass

    def close(self) -> None:
        pass


@pytest.fixture
def spelling(folders: Folders, serve: Callable[..., Any]) -> Iterator[Any]:
    """A server over a camera before which the phrase that is shown is spelled."""
    source = ShownSigner()
    with serve(source, lambda: LabelReader(source), folders) as server:
        desk = server.session.prompted
        source.state = lambda: desk.session.state
        with contextlib.suppress(OSError):
            for path in desk.kept.folder.iterdir():
                path.unlink()
        yield server


def open_page(server: Any, enter: Callable[..., Any]) -> Any:
    """The page; two phrases of a seed are shown, quickly one after the other."""
    desk = enter(server, "/enrol/shown")

    def shorten(route: Any) -> None:
        body = json.loads(route.request.post_data)
        route.continue_(post_data=json.dumps(body | {"countdown": 0.3, "count": COUNT, "seed": SEED}))

    desk.page.route("**/api/v1/enrol/shown/start", shorten)
    desk.until(lambda: desk.plays)
    return desk


@pytest.mark.slow
def test_phrases_are_spelled_with_the_keyboard_the_result_is_shown_and_kept(
    spelling: Any, enter: Callable[..., Any], tmp_path: Path
) -> None:
    page = open_page(spelling, enter)
    session, store = spelling.session.prompted.session, spelling.session.prompted.kept
    page.page.fill("#name", "a b")
    page.page.keyboard.press("Enter")
    page.page.keyboard.press("Space")
    page.until(lambda: "choose another" in page.text("#who-note"))
    page.page.fill("#name", "ann")
    page.page.keyboard.press("Enter")
    page.page.keyboard.press("Space")
    phrases = shown_words(SEED)[:COUNT]
    page.until(lambda: page.text("#word") == phrases[0])
    assert page.page.locator("#phrases .text").all_inner_texts() == [phrases[0], "…"]
    page.until(lambda: page.look(PHASE) == "taking")
    assert page.text("#last") == ""
    page.until(lambda: spelling.pipeline.source.shown > spelling.pipeline.source.signer.letters[-1].end)
    page.page.keyboard.press("Space")
    page.until(lambda: page.text("#last") != "")
    page.until(lambda: page.text("#word") == phrases[1])
    page.until(lambda: page.look(PHASE) == "done")  # the hand was lowered for two seconds

    view = session.state.view()
    literal = view["literal"]
    shown = sum(len(phrase.replace(" ", "")) for phrase in phrases)
    assert literal["shown"] == shown
    assert "".join(phrases).count("E") <= literal["errors"] < shown
    figures = page.text("#figures")
    assert f"{literal['right']} of {shown}" in figures
    assert "assisted" not in figures
    assert "E (" in page.text("#missed")
    rows = page.page.locator("#phrases .read .unseen").all_text_contents()
    assert rows == [one["literal"].replace(" ", "") for one in view["phrases"]]
    page.check_legible()
    assert page.unnamed() == []

    assert page.page.locator("#keep").is_visible()
    assert not page.page.locator("#keep-landmarks").is_checked()
    assert page.page.locator("#keep-profile").is_visible()
    assert not page.page.locator("#keep-profile").is_checked()
    assert page.page.locator("#keep-go").is_disabled()
    assert store.files() == []
    page.page.locator("#keep-landmarks").focus()
    page.page.keyboard.press("Space")
    page.page.keyboard.press("Enter")
    page.until(lambda: page.page.locator("#kept li").count() == 1)
    page.until(lambda: not page.page.locator("#keep").is_visible())
    [file] = store.files()
    assert (file.phrases, file.signer) == (phrases, "ann")
    assert str(file.path) in page.text("#kept-command")
    page.check_legible(widths=(380, 1280))
    with page.page.expect_download() as downloading:
        page.page.get_by_role("button", name="Save").click()
    saved = tmp_path / downloading.value.suggested_filename
    downloading.value.save_as(saved)
    assert [take.text for take in read_running(saved)] == list(phrases)
    page.page.once("dialog", lambda dialog: dialog.accept())
    page.page.get_by_role("button", name="Delete").click()
    page.until(lambda: page.page.locator("#no-kept").is_visible())
    assert store.files() == []
    assert page.complaints == []
    assert all(request.startswith((spelling.url, f"blob:{spelling.url}")) for request in page.requests)


def test_nothing_is_kept_unless_it_is_said_and_the_parts_of_the_page_are_linked(
    spelling: Any, enter: Callable[..., Any]
) -> None:
    page = open_page(spelling, enter)
    session, store = spelling.session.prompted.session, spelling.session.prompted.kept
    page.page.locator("#go").click()
    page.until(lambda: page.look(PHASE) in ("countdown", "waiting", "taking"))
    page.page.keyboard.press("n")
    page.until(lambda: page.text("#word") == shown_words(SEED)[1])
    page.page.keyboard.press("Escape")
    page.until(lambda: page.look(PHASE) == "paused")
    assert page.text("#go-text") == "Go on"
    page.page.locator("#go").click()
    page.until(lambda: page.look(PHASE) == "done")
    page.until(lambda: page.page.locator("#keep").is_visible())
    page.page.locator("#keep-none").click()
    page.until(lambda: not page.page.locator("#keep").is_visible())
    assert not session.state.may_keep
    assert store.files() == []
    page.page.get_by_role("link", name="Enrol", exact=True).click()
    page.until(lambda: page.page.url.endswith("/enrol"))
    assert page.page.get_by_role("link", name="Spell what is shown").is_visible()
