"""*Spell it* in a real browser: what is typed is signed, letter by letter, and can be guessed and kept."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from overlay.signed_text import RATE, SignedText, Signing
from overlay.video_file import VideoFile
from server.spelling.drawing import SIZE

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

SMALL = (160, 120)
DRAWN = 90.0  # seconds that first pictures may take: who draws gives way to everything else
# Notes each letter that is marked while it plays, what stands beside it, and from when to when.
NOTE = """() => {
    window.noted = [];
    const [screen, video, now, play] = ["screen", "video", "now", "play"].map((id) => document.getElementById(id));
    const look = () => {
        requestAnimationFrame(look);
        if (screen.dataset.state !== "playing") return;
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
# Notes that it plays, and hangs at once for so many milliseconds.
PLAYED = """(hangs) => {
    window.played = false;
    const hang = () => {
        window.played = true;
        for (const began = performance.now(); performance.now() < began + hangs; );
    };
    document.getElementById("video").addEventListener("playing", hang, {once: true});
}"""
# The picture that the page shows, made smaller, and its time.
SHOWN = """([width, height]) => {
    const video = document.getElementById("video");
    const context = new OffscreenCanvas(width, height).getContext("2d");
    context.drawImage(video, 0, 0, width, height);
    const {data} = context.getImageData(0, 0, width, height);
    return [video.currentTime, Array.from(data)];
}"""


def open_spell(server: Any, tab: Callable[..., Any], **options: Any) -> Any:
    """The page, when the word that it begins with is there to be played."""
    one = tab(server.access.launch_url(), **options)
    one.page.goto(f"{server.url}/spell")
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
    letters = SignedText(text, Signing(2.0), size=SIZE).letters
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


def picture(one: Any) -> tuple[float, np.ndarray]:
    """Its time in seconds, and BGR (H, W, 3)."""
    at, data = one.look(SHOWN, list(SMALL))
    return at, np.array(data, int).reshape(SMALL[1], SMALL[0], 4)[:, :, 2::-1]


def shows(one: Any, signed: SignedText) -> bool:
    """Whether it rests at a picture, and that is the one of its time."""
    at, pixels = picture(one)
    return (
        state(one) == "ready"
        and not one.look("document.getElementById('video').seeking")
        and bool(np.abs(pixels - smaller(signed.picture(int(at * RATE) / RATE))).mean() < 8)
    )


def smaller(pixels: np.ndarray) -> np.ndarray:
    return np.asarray(cv2.resize(pixels, SMALL, interpolation=cv2.INTER_AREA), int)


def test_a_text_is_signed_at_once_and_its_letters_are_marked_one_after_the_other(
    running: Any, tab: Callable[..., Any]
) -> None:
    one = open_spell(running, tab)
    assert (spelled(one), current(one)) == ("HELLO", "H")
    one.look(NOTE)
    one.page.locator("#text").focus()
    spell(one, "Jo & Zoë: 5!")
    one.until(lambda: spelled(one) == "JO ZOE FIVE")
    assert one.text("#remarks") == (
        "Digits are spelled as words: 5 is FIVE. Left out, because it cannot be fingerspelled: &"
    )
    one.until(lambda: state(one) == "ended", DRAWN)
    assert len(check_noted(one, "Jo & Zoë: 5!")) >= 3
    one.look("noted.length = 0")
    one.page.locator("#play").click()
    one.until(lambda: one.look("noted.some(({shown}) => shown[0] >= 0)"))
    assert check_noted(one, "Jo & Zoë: 5!")[0] < 8  # again from the beginning
    assert one.complaints == []


def test_steps_show_each_letter_as_the_signer_makes_it(running: Any, tab: Callable[..., Any]) -> None:
    one = open_spell(running, tab)
    signed = SignedText("HELLO", Signing(2.0), size=SIZE)
    one.page.locator("#letters").focus()
    for number, key in enumerate(("", *("ArrowRight",) * 4, *("ArrowLeft",) * 2)):
        if key:
            one.page.keyboard.press(key)
        letter = signed.letters[number if number < 5 else 8 - number]
        one.until(lambda letter=letter: letter.start < picture(one)[0] < letter.end and shows(one, signed))
        assert current(one) == letter.letter
        if key:
            place = signed.letters.index(letter) + 1
            assert one.page.locator("#said").text_content() == f"{letter.letter}, {place} of 5"
    spell(one, "Hello to everybody who has come here to see this")  # long enough to be under way all the time
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


def test_a_letter_that_moves_is_played_and_no_more(running: Any, tab: Callable[..., Any]) -> None:
    one = open_spell(running, tab)
    spell(one, "AZ B")
    one.until(lambda: state(one) == "ended", DRAWN)
    assert current(one) == "B"
    letter = SignedText("AZ B", Signing(2.0), size=SIZE).letters[1]
    one.page.locator("#again").focus()
    for key, hangs in (("ArrowLeft", 0), ("ArrowRight", 1500)):  # a busy browser goes back to the letter's end
        one.look(PLAYED, hangs)
        one.page.keyboard.press(key)
        one.until(lambda: one.look("played && !video.seeking") and state(one) == "ready")
        at, _ = picture(one)
        assert letter.end - 0.01 <= at < letter.end + 0.25
        assert current(one) == "Z"
        one.page.keyboard.press("ArrowLeft")
        one.until(lambda: state(one) == "ready" and current(one) == "A")


def test_speed_signer_and_hand_act_at_once_at_the_same_letter_and_are_kept(
    running: Any, tab: Callable[..., Any]
) -> None:
    one = open_spell(running, tab)
    one.page.locator("#next").click()
    one.page.locator("#next").click()
    usual, left_handed = (SignedText("HELLO", Signing(2.0, left_handed=left), size=SIZE) for left in (False, True))
    one.until(lambda: picture(one)[0] > 1.5 and shows(one, usual))
    slow, _ = picture(one)
    one.page.locator("#left").click()
    one.until(lambda: shows(one, left_handed), DRAWN)
    at, left = picture(one)
    assert (at, current(one)) == (slow, "L")
    one.page.locator("#another").click()
    one.until(lambda: state(one) == "ready" and np.abs(picture(one)[1] - left).mean() > 10, DRAWN)
    assert one.text("#who").startswith("Signer ")
    one.page.locator("#speed").focus()
    one.page.keyboard.press("End")
    assert one.text("#speed-said") == "6 letters a second"
    one.until(lambda: state(one) == "ready" and picture(one)[0] < slow / 1.5, DRAWN)
    assert current(one) == "L"

    who = one.text("#who")
    one.page.reload()
    one.until(lambda: state(one) == "ready", DRAWN)
    assert (one.text("#who"), one.text("#speed-said")) == (who, "6 letters a second")
    assert one.page.locator("#left").get_attribute("aria-pressed") == "true"
    one.page.locator("#usual").click()
    assert one.text("#who") == "The usual signer"
    assert one.complaints == []


def test_a_hidden_text_is_nowhere_to_be_read_until_it_is_guessed(running: Any, tab: Callable[..., Any]) -> None:
    one = open_spell(running, tab)
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
    assert one.complaints == []


def test_a_word_to_practise_on_is_hidden_and_can_be_shown(running: Any, tab: Callable[..., Any]) -> None:
    one = open_spell(running, tab)
    one.page.locator("#surprise").click()
    one.until(lambda: begun(one) and set(spelled(one)) == {"•"}, DRAWN)
    assert one.look("document.activeElement.id") == "guess"
    one.page.locator("#reveal").click()
    word = spelled(one)
    assert word.isalpha()
    assert one.page.locator("#text").input_value() == word
    assert not one.page.locator("#guess").is_visible()
    assert one.look("document.activeElement.id") == "hide"


def test_what_cannot_be_signed_is_said_and_what_was_there_stays(running: Any, tab: Callable[..., Any]) -> None:
    one = open_spell(running, tab)
    spell(one, "?!")
    one.until(lambda: "nothing to spell" in one.text("#trouble"))
    assert spelled(one) == "HELLO"
    spell(one, "Hi")
    one.until(lambda: begun(one) and spelled(one) == "HI", DRAWN)
    assert one.text("#trouble") == ""


def test_pictures_that_are_cut_off_go_on_when_asked_to(running: Any, tab: Callable[..., Any]) -> None:
    one = open_spell(running, tab)
    spell(one, "A text that is long enough to be cut off while it is under way")
    one.until(lambda: playing(one) and picture(one)[0] > 0.5, DRAWN)
    running.cut_all_connections()
    one.until(lambda: state(one) == "cut")
    assert one.text("#trouble") == "The pictures were cut off: press play to go on."
    at, _ = picture(one)
    one.page.locator("#play").click()
    one.until(lambda: playing(one), DRAWN)
    assert picture(one)[0] >= at - 0.1
    assert one.text("#trouble") == ""


def test_the_video_is_saved(running: Any, tab: Callable[..., Any], tmp_path: Path) -> None:
    one = open_spell(running, tab)
    spell(one, "Hi you")
    one.until(lambda: spelled(one) == "HI YOU")
    one.look(NOTE_FAR)
    with one.page.expect_download(timeout=180_000) as coming:
        one.page.locator("#save").click()
    assert one.look("window.far_shown")
    assert coming.value.suggested_filename == "hi-you.mp4"
    coming.value.save_as(tmp_path / "kept.mp4")
    one.until(lambda: one.text("#kept") == "Saved as hi-you.mp4.")
    assert not one.page.locator("#far").is_visible()
    source = VideoFile(tmp_path / "kept.mp4", realtime=False)
    frame = source.read()
    assert frame is not None
    assert frame.size == (1280, 720)
    assert source.duration == pytest.approx(SignedText("Hi you", Signing(2.0), size=SIZE).duration, abs=0.1)

    spell(one, "A text that is so long that making its video takes long enough to be stopped")
    one.until(lambda: len(spelled(one)) > 40)
    one.page.locator("#save").click()
    one.page.locator("#stop").click()
    one.until(lambda: one.text("#kept") == "Stopped: nothing was saved.")
    assert one.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [380, 1280])
def test_all_can_be_read_and_nothing_hangs_over(
    running: Any, tab: Callable[..., Any], scheme: str, width: int
) -> None:
    one = open_spell(running, tab, color_scheme=scheme, viewport={"width": width, "height": 800})
    one.page.locator("#hide").click()
    one.page.locator("#guess").fill("no")
    one.page.locator("#guess-form button[type=submit]").click()
    spell(one, "Supercalifragilisticexpialidocious & a word")
    one.until(lambda: len(spelled(one)) > 34)
    one.page.locator("#reveal").click()
    one.page.locator("#hide").click()
    assert one.faint_text() == []
    assert one.look("document.documentElement.scrollWidth <= innerWidth")
    one.page.locator("#reveal").click()
    assert one.look("document.documentElement.scrollWidth <= innerWidth")
