"""The page on which pictures are tried, in a real browser and with the real recogniser."""

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest

from overlay.synthesis.signer import SyntheticSigner
from tests.server.conftest import HeldLetter, ScriptedCaptioner

# Size of an image, and the spread of its colours: what is blank has none.
LOOK_AT = """(image) => {
    const context = new OffscreenCanvas(image.naturalWidth, image.naturalHeight).getContext("2d");
    context.drawImage(image, 0, 0);
    const {data} = context.getImageData(0, 0, image.naturalWidth, image.naturalHeight);
    let [darkest, lightest, drawn] = [765, 0, 0];
    for (let place = 0; place < data.length; place += 4) {
        const [red, green, blue] = [data[place], data[place + 1], data[place + 2]];
        darkest = Math.min(darkest, red + green + blue);
        lightest = Math.max(lightest, red + green + blue);
        drawn += blue > red + 40 && green > red + 40 ? 1 : 0; // the landmarks' colour; skin is the other way round
    }
    return [image.naturalWidth, image.naturalHeight, lightest - darkest, drawn];
}"""

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rendered letters, an empty room, something else, and a clip that spells HI."""
    folder = tmp_path_factory.mktemp("files")
    for letter in "LYB":
        signer = SyntheticSigner(letter, size=(480, 360))
        _, start, end = signer.letters[0]
        cv2.imwrite(str(folder / f"{letter}.jpg"), signer.render((start + end) / 2))
    cv2.imwrite(str(folder / "room.png"), np.full((240, 320, 3), 120, np.uint8))
    (folder / "notes.jpg").write_text("no picture")
    signer = SyntheticSigner("HI", size=(320, 240))
    with av.open(str(folder / "hi.mp4"), "w") as container:
        stream = container.add_stream("libx264", rate=15)
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        for index in range(int(signer.duration * 15)):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(signer.render(index / 15), format="bgr24")))
        container.mux(stream.encode(None))
    return folder


def open_try(server: Any, enter: Callable[..., Any]) -> Any:
    one = enter(server, "/try")
    one.until(lambda: one.page.locator("#model option[value=shipped]").count() == 1)
    return one


def results(one: Any, count: int) -> list[Any]:
    """The cards, newest first, when all are done."""
    one.until(lambda: one.page.locator(".result:not([data-state=waiting])").count() == count, 60)
    return list(one.page.locator(".result").all())


def image(one: Any, place: Any) -> list[int]:
    one.until(lambda: place.evaluate("(image) => image.naturalWidth"))
    return list(place.evaluate(LOOK_AT))


def text(card: Any) -> str:
    return str(card.inner_text()).replace("\u00a0", " ")


def test_pictures_are_read_one_after_the_other_and_shown_with_their_landmarks(
    lasting: Any, enter: Callable[..., Any], files: Path
) -> None:
    one = open_try(lasting, enter)
    one.page.locator("#files").set_input_files(files / "L.jpg")
    (card,) = results(one, 1)
    assert card.locator("h2").inner_text() == "L.jpg"
    assert card.locator(".letter").inner_text() == "L"
    best = [line.split("\n")[0] for line in card.locator("ol.best li").all_inner_texts()]
    assert (len(best), best[0]) == (5, "L")
    filled = "(bar) => bar.getBoundingClientRect().width / bar.parentElement.getBoundingClientRect().width"
    assert card.locator("ol.best .filled").first.evaluate(filled) > 0.5
    assert "right hand" in text(card)
    width, height, spread, drawn = image(one, card.locator(".whole"))
    assert (width, height) == (900, 675)
    assert spread > 200
    assert drawn > 300, "landmarks"
    assert image(one, card.locator(".crop img"))[:3] > [95, 96, 200]

    one.page.locator("#files").set_input_files([files / name for name in ("Y.jpg", "room.png", "notes.jpg", "B.jpg")])
    cards = results(one, 5)[:4]
    assert [card.locator("h2").inner_text() for card in cards] == ["B.jpg", "notes.jpg", "room.png", "Y.jpg"]
    assert [cards[place].locator(".letter").inner_text() for place in (0, 3)] == ["B", "Y"]
    assert "notes.jpg is not a picture that can be read" in text(cards[1])
    assert "No hand found" in text(cards[2])
    assert "room around it" in text(cards[2])
    assert image(one, cards[2].locator(".whole"))[3] == 0

    hand_over = """([bytes, kind]) => {
        const data = new DataTransfer();
        const file = Uint8Array.from(atob(bytes), (sign) => sign.charCodeAt(0));
        data.items.add(new File([file], `${kind}.jpg`, {type: "image/jpeg"}));
        const event = kind === "drop" ? new DragEvent("drop", {dataTransfer: data, bubbles: true, cancelable: true})
            : new ClipboardEvent("paste", {clipboardData: data, bubbles: true});
        document.querySelector("#drop").dispatchEvent(event);
    }"""
    picture = base64.b64encode((files / "Y.jpg").read_bytes()).decode()
    one.look(hand_over, [picture, "drop"])
    one.look(hand_over, [picture, "paste"])
    cards = results(one, 7)[:2]
    assert [card.locator("h2").inner_text() for card in cards] == ["paste.jpg", "drop.jpg"]
    assert [card.locator(".letter").inner_text() for card in cards] == ["Y", "Y"]
    assert [complaint for complaint in one.complaints if "422" not in complaint] == []


def test_a_clip_is_read_with_its_letters_in_time_and_what_was_read_is_saved(
    lasting: Any, enter: Callable[..., Any], files: Path, tmp_path: Path
) -> None:
    one = open_try(lasting, enter)
    one.page.locator("#files").set_input_files(files / "hi.mp4")
    (card,) = results(one, 1)
    assert card.locator(".spelled").inner_text() == "HI"
    assert card.locator(".strip li b").all_inner_texts() == ["H", "I"]
    blocks = [block.bounding_box() for block in card.locator(".timeline span").all()]
    line = card.locator(".timeline").bounding_box()
    assert line["x"] < blocks[0]["x"] < blocks[1]["x"] < line["x"] + line["width"]
    width, height, spread, drawn = image(one, card.locator(".whole"))
    assert (width, height) == (900, 675)
    assert spread > 200
    assert drawn > 100, "landmarks"
    for view in card.locator(".strip img").all():
        assert image(one, view)[0] == 200
    assert "% sure" in text(card)

    assert "private folder" in one.page.locator("footer").inner_text()
    for role, title, name in (
        ("button", "Captioned video", "hi.captioned.mp4"),
        ("link", "WebVTT", "hi.vtt"),
        ("link", "SRT", "hi.srt"),
        ("link", "Letters", "hi.jsonl"),
    ):
        with one.page.expect_download(timeout=120_000) as download:
            card.get_by_role(role, name=title, exact=True).click()
        assert download.value.suggested_filename == name
        download.value.save_as(tmp_path / name)
    assert "HI" in (tmp_path / "hi.vtt").read_text()
    with av.open(str(tmp_path / "hi.captioned.mp4")) as container:
        assert [stream.type for stream in container.streams] == ["video", "subtitle"]
    assert one.complaints == []

    one.page.locator("#files").set_input_files([files / name for name in ("L.jpg", "room.png", "notes.jpg")])
    results(one, 4)
    one.check_legible()


def test_a_frame_of_what_runs_is_tried(serve: Any, folders: Any, enter: Callable[..., Any]) -> None:
    with serve(HeldLetter(rate=10, size=(640, 480)), ScriptedCaptioner, folders) as server:
        one = open_try(server, enter)
        one.page.locator("#camera").click()
        (card,) = results(one, 1)
        assert card.locator(".letter").inner_text() == "B"
        assert image(one, card.locator(".whole"))[3] > 300
        assert image(one, card.locator(".crop img"))[2] > 200
        assert one.complaints == []


def test_weights_that_cannot_be_used_are_told_in_one_sentence(
    running: Any, enter: Callable[..., Any], files: Path, folders: Any
) -> None:
    (folders.runs / "old-run" / "model").mkdir(parents=True)
    (folders.runs / "old-run" / "model" / "model.json").write_text('{"name": "of another kind"}')
    one = open_try(running, enter)
    one.page.locator("#model").select_option("old-run/model")
    one.page.locator("#files").set_input_files(files / "L.jpg")
    (card,) = results(one, 1)
    assert "does not hold a Signcap model" in text(card)
    assert "old-run/model" in card.locator(".panel-head").inner_text()
    one.page.locator("#model").select_option("shipped")
    one.page.locator("#files").set_input_files(files / "L.jpg")
    assert results(one, 2)[0].locator(".letter").inner_text() == "L"
    assert [complaint for complaint in one.complaints if "422" not in complaint] == []
