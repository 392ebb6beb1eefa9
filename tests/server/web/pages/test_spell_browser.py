"""*Spell it* in a real browser: what is typed is signed, letter by letter, and can be guessed and kept.

How the player goes through what comes is a unit of its script, tests/js/spell_player.test.js.
"""

import asyncio
import contextlib
import io
import itertools
import json
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import cv2
import numpy as np
import pytest

from overlay.core.settings import Settings
from overlay.media.frame import Frame
from overlay.media.sources.video_file import VideoFile
from overlay.synthesis.render_process import begin, stream
from overlay.synthesis.signed_text import RATE, SignedText, Signing
from overlay.synthesis.signed_video import write_video
from server.web import render_pool as drawers
from server.web.render_pool import Drawers

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

SIZE = (160, 120)  # of what is drawn
SMALL = (40, 30)  # of what is compared
DRAWN = 90.0  # seconds that first pictures may take: who draws gives way to everything else
SPEED = 5.0  # letters a second: the less time a text takes, the less is drawn and played
FAST = f"""localStorage.setItem("signcap.spell", '{{"speed": {SPEED}}}')"""
# Notes each letter that is marked while it plays, what stands beside it, and from when to when.
NOTE = """() => {
    window.noted = [];
    const [screen, video, now, play] = ["screen", "video", "now", "play"].map((id) => document.getElementById(id));
    const look = () => {
        requestAnimationFrame(look);
        if (document.getElementById("screen").dataset.state !== "playing") return;
        const letters = [...document.querySelectorAll("#letters .word span")];
        const place = letters.findIndex((letter) => letter.ariaCurrent === "true");
        const shown = [place, now.textContent, play.ariaLabel];
        const last = noted.at(-1);
        if (String(last?.shown) === String(shown)) last.until = video.currentTime;
        else noted.push({shown, from: video.currentTime, until: video.currentTime});
    };
    look();
}"""
# Notes whether it was shown how far the video is: a short one is made soon.
NOTE_FAR = """() => {
    const far = document.getElementById("far");
    new MutationObserver(() => (window.far_shown ||= far.checkVisibility())).observe(far, {attributes: true});
}"""
# Notes that it plays.
PLAYED = """() => {
    window.played = false;
    document.getElementById("video").addEventListener("playing", () => (window.played = true), {once: true});
}"""
# The time of the picture that the page rests at, and the picture, made smaller; null while it does not rest.
SHOWN = """([width, height]) => {
    if (document.getElementById("screen").dataset.state !== "ready" || video.seeking) return null;
    const context = new OffscreenCanvas(width, height).getContext("2d");
    context.drawImage(video, 0, 0, width, height);
    const {data} = context.getImageData(0, 0, width, height);
    return [video.currentTime, Array.from(data)];
}"""


class Drawing:
    """Draws small pictures in a thread of this process: a process for each text takes a second to be started.

    What has been drawn to its end is there at once when it is asked for again.
    """

    drawn: ClassVar[dict[str, list[bytes]]] = {}

    def __init__(self) -> None:
        self.may_go_on = threading.Event()  # no video is made before
        self.may_go_on.set()
        self.most = 10_000  # pictures of a text
        self._at_work: list[tuple[threading.Thread, threading.Event]] = []

    @contextlib.asynccontextmanager
    async def drawing(self, job: dict[str, Any], *, video: bool = False) -> AsyncIterator[asyncio.StreamReader]:
        """In place of that of `Drawers`."""
        reader, loop, ended = asyncio.StreamReader(), asyncio.get_running_loop(), threading.Event()

        def tell(method: Callable[..., None], *arguments: bytes) -> None:
            with contextlib.suppress(RuntimeError):  # the server has ended
                loop.call_soon_threadsafe(method, *arguments)

        def draw() -> None:
            (self._write if video else self._stream)(job, lambda data: tell(reader.feed_data, data), ended)
            tell(reader.feed_eof)

        thread = threading.Thread(target=draw)
        self._at_work.append((thread, ended))
        thread.start()
        try:
            yield reader
        finally:
            ended.set()

    def _stream(self, job: dict[str, Any], give: Callable[[bytes], None], ended: threading.Event) -> None:
        name, pieces = json.dumps([job, self.most]), []

        class Out(io.RawIOBase):
            def write(self, data: Any) -> int:
                pieces.append(bytes(data))
                give(pieces[-1])
                return len(data)

        if name in self.drawn:
            for piece in self.drawn[name]:
                give(piece)
            return
        signed = Abandonable(job, ended, self.most)
        stream(signed, Out(), first=begin(signed, job["first"]), sleep=ended.wait)
        if not ended.is_set():
            self.drawn[name] = pieces

    def _write(self, job: dict[str, Any], give: Callable[[bytes], None], ended: threading.Event) -> None:
        signed, settings = Abandonable(job, ended, self.most), Settings.model_validate(job["settings"])
        give(b"1\n")
        while not self.may_go_on.wait(0.05):
            if ended.is_set():
                return
        write_video(signed, Path(job["path"]), settings, threads=1)

    def close(self) -> None:
        for thread, ended in self._at_work:
            ended.set()
            thread.join()


class Small(SignedText):
    """A text in small pictures, of which every third is drawn and shown for three."""

    def __init__(self, text: str, signing: Signing) -> None:
        super().__init__(text, signing, size=SIZE)
        self._newest: tuple[int, Any] = (-1, None)

    def picture(self, at: float) -> Any:
        number = round(at * RATE) // 3 * 3
        if self._newest[0] != number:
            self._newest = number, super().picture(number / RATE)
        return self._newest[1]


class Abandonable(Small):
    """A text of which no more is drawn when nobody listens."""

    def __init__(self, job: dict[str, Any], ended: threading.Event, most: int) -> None:
        super().__init__(job["text"], Signing(job["speed"], job["signer"], job["left_handed"]))
        self._ended, self._most = ended, most

    def frames(self, first: int = 0) -> Iterator[Frame]:
        frames = itertools.islice(super().frames(first), self._most)
        return itertools.takewhile(lambda _frame: not self._ended.is_set(), frames)


@pytest.fixture
def drawing(monkeypatch: pytest.MonkeyPatch) -> Iterator[Drawing]:
    drawing = Drawing()
    monkeypatch.setattr(Drawers, "prepare", lambda _self: None)
    monkeypatch.setattr(Drawers, "drawing", lambda _self, job, **how: drawing.drawing(job, **how))
    yield drawing
    drawing.close()


def open_spell(server: Any, enter: Callable[..., Any], before: str | None = FAST) -> Any:
    """The page, when the word that it begins with is there to be played."""
    one = enter(server, "/spell", before)
    one.until(lambda: state(one) == "ready", DRAWN)
    return one


def state(one: Any) -> str:
    return str(one.look("document.getElementById('screen').dataset.state"))


def current(one: Any) -> str:
    """The letter that is marked; all others are not."""
    marked = one.page.locator("#letters [aria-current=true]").all_inner_texts()
    assert len(marked) <= 1
    return "".join(marked)


def spelled(one: Any) -> str:
    return str(one.text("#letters")).replace("\n", " ").strip()


def spell(one: Any, text: str) -> None:
    one.page.locator("#text").fill(text)
    one.page.keyboard.press("Enter")


def playing(one: Any) -> bool:
    return state(one) == "playing"


def begun(one: Any) -> bool:
    """It plays; what is short may have been played already."""
    return state(one) in ("playing", "ended")


def check_noted(one: Any, text: str) -> list[int]:
    """At all times while it played, the letter that was signed was the marked one; the places of all of them.

    A browser that hangs shows some letters at no time, and those are not asked for.
    """
    letters = SignedText(text, Signing(SPEED), size=SIZE).letters
    noted = one.look("noted")
    for note in noted:
        place, now, label = note["shown"]
        assert now == ("" if place < 0 else letters[place].letter)
        assert label == "Pause"
        assert place < 0 or letters[place].start - 0.25 <= note["from"]
        assert place + 1 == len(letters) or note["until"] < letters[place + 1].start
    places = [note["shown"][0] for note in noted if note["shown"][0] >= 0]
    assert places == sorted(set(places))
    return places


def at(one: Any) -> float:
    """The time in the video."""
    return float(one.look("video.currentTime"))


def picture(one: Any) -> tuple[float, np.ndarray] | None:
    """The picture that it rests at: its time in seconds, and BGR (H, W, 3)."""
    if (shown := one.look(SHOWN, list(SMALL))) is None:
        return None
    return shown[0], np.array(shown[1], int).reshape(SMALL[1], SMALL[0], 4)[:, :, 2::-1]


def shows(one: Any, signed: Small) -> tuple[float, np.ndarray] | None:
    """The picture that it rests at, where it is the one of its time."""
    if (shown := picture(one)) is None:
        return None
    drawn = signed.picture(int(shown[0] * RATE) / RATE)
    expected = np.asarray(cv2.resize(drawn, SMALL, interpolation=cv2.INTER_AREA), int)
    return shown if np.abs(shown[1] - expected).mean() < 8 else None


def test_a_text_is_signed_at_once_and_its_letters_are_marked_one_after_the_other(
    running: Any, enter: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the processes that draw, in the size that they draw in."""
    monkeypatch.setattr(drawers, "NEXT_SPARE", 1000.0)  # no other text comes
    one = enter(running, "/spell", FAST)
    one.until(lambda: (spelled(one), current(one)) == ("HELLO", "H"))
    one.look(NOTE)
    one.page.locator("#text").focus()
    spell(one, "Oë & 2!")  # at once: of the word that the page begins with, no more is drawn
    one.until(lambda: spelled(one) == "OE TWO")
    assert one.text("#remarks") == (
        "Digits are spelled as words: 2 is TWO. Left out, because it cannot be fingerspelled: &"
    )
    one.until(lambda: state(one) == "ended", DRAWN)
    assert one.look("[video.videoWidth, video.videoHeight]") == [800, 600]
    assert len(check_noted(one, "Oë & 2!")) >= 3
    one.look("noted.length = 0")
    one.page.locator("#play").click()
    one.until(lambda: one.look("noted.some(({shown}) => shown[0] >= 0)"))
    assert check_noted(one, "Oë & 2!")[0] < 4  # again from the beginning
    assert one.complaints == []


def test_steps_show_each_letter_as_the_signer_makes_it(
    running: Any, drawing: Drawing, enter: Callable[..., Any]
) -> None:
    one = open_spell(running, enter)
    signed = Small("HELLO", Signing(SPEED))
    one.page.locator("#letters").focus()
    for number, key in enumerate(("", *("ArrowRight",) * 4, *("ArrowLeft",) * 2)):
        if key:
            one.page.keyboard.press(key)
        letter = signed.letters[number if number < 5 else 8 - number]
        one.until(lambda letter=letter: (shown := shows(one, signed)) and letter.start < shown[0] < letter.end)
        assert current(one) == letter.letter
        if key:
            place = signed.letters.index(letter) + 1
            assert one.page.locator("#said").text_content() == f"{letter.letter}, {place} of 5"
    spell(one, "Hello to everybody who has come here to see this. " * 4)  # long enough to be under way all the time
    one.until(lambda: playing(one), DRAWN)
    one.page.locator("#letters").focus()
    one.page.keyboard.press(" ")
    one.until(lambda: state(one) == "ready")
    one.page.keyboard.press("Home")
    one.until(lambda: playing(one))
    one.page.keyboard.press(" ")
    one.until(lambda: state(one) == "ready")
    one.page.keyboard.press(" ")
    one.until(lambda: playing(one))
    one.page.locator("#letters .word span").nth(4).click()
    one.until(lambda: state(one) == "ready" and current(one) == "O")
    assert one.complaints == []


def test_a_letter_that_moves_is_played_and_no_more(running: Any, drawing: Drawing, enter: Callable[..., Any]) -> None:
    one = open_spell(running, enter)
    spell(one, "AZ B")
    one.until(lambda: state(one) == "ended", DRAWN)
    assert current(one) == "B"
    letter = SignedText("AZ B", Signing(SPEED), size=SIZE).letters[1]
    one.page.locator("#again").focus()
    for key in ("ArrowLeft", "ArrowRight"):
        one.look(PLAYED)
        one.page.keyboard.press(key)
        one.until(lambda: one.look("played && !video.seeking") and state(one) == "ready")
        assert letter.end - 0.01 <= at(one) < letter.end + 0.25
        assert current(one) == "Z"
        one.page.keyboard.press("ArrowLeft")
        one.until(lambda: state(one) == "ready" and current(one) == "A")


def test_speed_signer_and_hand_act_at_once_at_the_same_letter_and_are_kept(
    running: Any, drawing: Drawing, enter: Callable[..., Any]
) -> None:
    drawing.most = 60
    one = open_spell(running, enter, before=None)
    one.page.locator("#next").click()
    one.page.locator("#next").click()
    usual, left_handed = (Small("HELLO", Signing(2.0, left_handed=left)) for left in (False, True))
    one.until(lambda: at(one) > 1.5 and shows(one, usual))
    slow = at(one)
    one.page.locator("#left").click()
    shown, left = one.until(lambda: shows(one, left_handed), DRAWN)
    assert (shown, current(one)) == (slow, "L")
    one.page.locator("#another").click()
    one.until(lambda: (now := picture(one)) and np.abs(now[1] - left).mean() > 10, DRAWN)
    assert one.text("#who").startswith("Signer ")
    one.page.locator("#speed").focus()
    one.page.keyboard.press("End")
    assert one.text("#speed-said") == "6 letters a second"
    one.until(lambda: state(one) == "ready" and at(one) < slow / 1.5, DRAWN)
    assert current(one) == "L"

    who = one.text("#who")
    one.page.reload()
    one.until(lambda: state(one) == "ready", DRAWN)
    assert (one.text("#who"), one.text("#speed-said")) == (who, "6 letters a second")
    assert one.page.locator("#left").get_attribute("aria-pressed") == "true"
    one.page.locator("#usual").click()
    assert one.text("#who") == "The usual signer"
    assert one.complaints == []


def test_a_hidden_text_is_nowhere_to_be_read_until_it_is_guessed_or_shown(
    running: Any, drawing: Drawing, enter: Callable[..., Any]
) -> None:
    one = open_spell(running, enter)
    assert not one.page.locator("#guess").is_visible()
    one.page.locator("#hide").click()
    spell(one, "Good day")
    one.until(lambda: begun(one) and spelled(one) == "•••• •••", DRAWN)
    assert one.page.locator("#text").input_value() == ""
    assert "GOOD" not in one.page.content().upper()
    one.page.locator("#next").click()
    assert one.page.locator("#said").text_content().startswith("Letter ")

    for guess, said in (("", "Type what you saw."), ("god day", "Not yet: 6 of 7 letters right.")):
        one.page.locator("#guess").fill(guess)
        one.page.keyboard.press("Enter")
        assert one.text("#verdict") == said
    assert "GOOD" not in one.page.content().upper()
    one.page.locator("#guess").fill("goodday")
    one.page.locator("#guess-form button[type=submit]").click()
    assert one.text("#verdict") == "Right: GOOD DAY"
    assert spelled(one) == "GOOD DAY"

    # A word to practise on.
    one.page.locator("#surprise").click()
    one.until(lambda: begun(one) and set(spelled(one)) == {"•"}, DRAWN)
    assert one.look("document.activeElement.id") == "guess"
    one.page.locator("#reveal").click()
    word = spelled(one)
    assert word.isalpha()
    assert word != "GOODDAY"
    assert one.page.locator("#text").input_value() == word
    assert not one.page.locator("#guess").is_visible()
    assert one.look("document.activeElement.id") == "hide"
    assert one.complaints == []


def test_what_goes_wrong_is_said_and_what_was_there_stays(
    running: Any, drawing: Drawing, enter: Callable[..., Any]
) -> None:
    one = open_spell(running, enter)
    spell(one, "?!")
    one.until(lambda: "nothing to spell" in one.text("#trouble"))
    assert spelled(one) == "HELLO"
    spell(one, "A text that is long enough to be cut off while it is under way. " * 3)
    one.until(lambda: playing(one) and at(one) > 0.5, DRAWN)
    assert one.text("#trouble") == ""
    running.cut_all_connections()
    one.until(lambda: state(one) == "cut")
    assert one.text("#trouble") == "The pictures stopped. Press play to continue."
    cut = at(one)
    one.page.locator("#play").click()
    one.until(lambda: playing(one), DRAWN)
    assert at(one) >= cut - 0.1
    assert one.text("#trouble") == ""


def test_the_video_is_saved(running: Any, drawing: Drawing, enter: Callable[..., Any], tmp_path: Path) -> None:
    one = open_spell(running, enter)
    spell(one, "Hi I")
    one.until(lambda: spelled(one) == "HI I")
    one.look(NOTE_FAR)
    with one.page.expect_download(timeout=180_000) as coming:
        one.page.locator("#save").click()
    assert one.look("window.far_shown")
    assert coming.value.suggested_filename == "hi-i.mp4"
    coming.value.save_as(tmp_path / "kept.mp4")
    one.until(lambda: one.text("#kept") == "Saved as hi-i.mp4.")
    assert not one.page.locator("#far").is_visible()
    source = VideoFile(tmp_path / "kept.mp4", realtime=False)
    frame = source.read()
    assert frame is not None
    assert frame.size == SIZE
    assert source.duration == pytest.approx(SignedText("Hi I", Signing(SPEED), size=SIZE).duration, abs=0.1)

    drawing.may_go_on.clear()
    one.page.locator("#save").click()
    one.until(lambda: one.look("document.getElementById('far-bar').value") == 0.01)
    one.page.locator("#stop").click()
    one.until(lambda: one.text("#kept") == "Stopped: nothing was saved.")
    assert one.complaints == []


def test_all_can_be_read_and_nothing_hangs_over(running: Any, drawing: Drawing, enter: Callable[..., Any]) -> None:
    drawing.most = 30
    one = open_spell(running, enter)
    one.page.locator("#hide").click()
    spell(one, "Supercalifragilisticexpialidocious & a word")
    one.until(lambda: len(spelled(one)) > 34)
    one.page.locator("#guess").fill("no")
    one.page.locator("#guess-form button[type=submit]").click()
    one.until(lambda: one.text("#verdict"))
    one.check_legible((380, 1280))
    one.page.locator("#reveal").click()
    one.check_legible((380, 1280))
