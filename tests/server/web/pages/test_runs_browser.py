"""The page of runs in a real browser, over runs as a training writes them."""

import re
from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.e2e

# How many pixels of a chart have the colour of a run, and the chart's size.
COLOURED = """([score, colour]) => {
    const probe = document.createElement("i");
    probe.className = `run-${colour}`;
    document.body.append(probe);
    const wanted = getComputedStyle(probe).color.match(/\\d+/g).map(Number);
    probe.remove();
    const canvas = document.querySelector(`[data-score=${score}] canvas`);
    const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d", {willReadFrequently: true});
    copy.drawImage(canvas, 0, 0);
    const {data} = copy.getImageData(0, 0, canvas.width, canvas.height);
    let found = 0;
    for (let place = 0; place < data.length; place += 4) {
        const near = wanted.every((value, channel) => Math.abs(value - data[place + channel]) < 12);
        found += near && data[place + 3] > 200 ? 1 : 0;
    }
    return found;
}"""
CANVAS_WIDTH = "document.querySelector('[data-score=loss] canvas').clientWidth"
RIGHT = "[...document.querySelectorAll('.matrix .right')].map((cell) => Number(cell.dataset.count))"
SCORES = ["loss", "accuracy", "precision", "recall", "f1"]


def open_runs(server: Any, enter: Callable[..., Any], query: str = "") -> Any:
    return enter(server, f"/runs{query}")


def cell(one: Any, truth: str, read: str) -> Any:
    columns = "ABCDEFGHIJKLMNOPQRSTUVWXYZ∅"
    return one.page.locator(f'[data-place="{columns.index(truth)},{columns.index(read)}"]')


def row(one: Any, name: str) -> str:
    return re.sub(r"\s+", " ", str(one.page.locator(f'[data-run="{name}"]').inner_text()))


def test_runs_are_listed_and_can_be_parted_by_kind(
    running: Any, enter: Callable[..., Any], make_run: Any, folders: Any
) -> None:
    one = open_runs(running, enter)
    one.until(lambda: one.page.locator("#no-runs").is_visible())
    assert one.page.get_by_role("link", name="Data").first.is_visible()
    assert str(folders.runs) in one.text("#no-runs")
    one.until(lambda: "No pictures yet" in one.text("#no-samples"))

    make_run("first", epochs=2)
    make_run("second", epochs=1, kind="test", status="failed")
    one.page.reload()
    one.until(lambda: one.page.locator("tr[data-run]").count() == 2)
    assert re.match(
        r" ?first training spelling letters_?\d*, by signer finished 2 65.0 % 1.000 – ", row(one, "first")
    )
    assert "failed 1 – – 90.0 %" in row(one, "second")
    one.page.get_by_role("button", name="Test", exact=True).click()
    assert one.page.locator("tr[data-run]").count() == 1
    assert one.page.url.endswith("?kind=test")

    # A test shows its scores at once.
    one.page.get_by_role("link", name="second", exact=True).click()
    one.until(lambda: one.page.locator("#values tbody tr").is_visible())
    assert one.text("#values tbody tr").replace("\u00a0", " ").split("\t")[1:4] == ["test", "1", "2.000"]
    assert one.text("#curves-title") == "Scores"
    assert not one.page.locator("#charts").is_visible()
    one.until(lambda: one.page.locator(".matrix .right").count() == 26)
    assert not one.page.locator("#player").is_visible()
    assert one.complaints == []


def test_runs_are_compared_by_curves_in_their_colours_and_by_what_differs(
    running: Any, enter: Callable[..., Any], make_run: Any
) -> None:
    make_run("first", epochs=6)
    make_run("second", epochs=4, rate=0.01, batch=8)
    one = open_runs(running, enter)
    one.page.get_by_role("checkbox", name="Choose first").check()
    one.until(lambda: one.page.locator("figure canvas").count() == 5)
    for score in SCORES:
        assert one.look(COLOURED, [score, 0]) > 150, score
        assert one.look(COLOURED, [score, 1]) == 0, score
    alone = one.look(COLOURED, ["loss", 0])
    one.page.get_by_role("checkbox", name="Choose second").check()
    one.until(lambda: one.look(COLOURED, ["loss", 1]) > 100)
    assert one.look(COLOURED, ["loss", 0]) > 100
    assert one.page.url.endswith("/runs?run=first&run=second")
    label = one.page.locator("[data-score=accuracy] [role=img]").get_attribute("aria-label")
    assert "first, validation: 88.3 %" in label.replace("\u00a0", " ")
    assert "second, training: 87.5 %" in label.replace("\u00a0", " ")
    one.page.get_by_text("All values as a table").click()
    assert one.page.locator("#values tbody tr").count() == 20
    rows = [re.sub(r"\s+", " ", line) for line in one.page.locator("#differences-table tbody tr").all_inner_texts()]
    assert rows == ["rate 0.001 0.01", "batch 32 8"]
    assert not one.page.locator("#confusion").is_visible()
    # Other colours in the dark, and another width in another window.
    one.page.emulate_media(color_scheme="dark")
    one.until(lambda: one.look(COLOURED, ["loss", 0]) > 100)
    width = one.look(CANVAS_WIDTH)
    one.page.set_viewport_size({"width": 700, "height": 700})
    one.until(lambda: one.look(CANVAS_WIDTH) != width)
    one.page.get_by_role("checkbox", name="Choose second").uncheck()
    one.until(lambda: one.look(COLOURED, ["loss", 1]) == 0)
    assert alone > 150
    assert one.complaints == []


def test_what_was_read_for_what_is_shown_epoch_by_epoch_with_its_pictures(
    running: Any, enter: Callable[..., Any], make_run: Any
) -> None:
    make_run("first", epochs=8, background="<i>x</i>")
    one = open_runs(running, enter, "?run=first")
    one.until(lambda: one.page.locator(".matrix .right").count() == 26)
    one.until(lambda: sum(one.look(RIGHT)) == 7)  # after epoch 8, the first of eight is read as nothing
    assert one.text("#epoch-text") == "Epoch 8 of 8"
    one.until(lambda: one.page.locator("#about").is_visible())
    about = one.text("#about-lists")
    for words in ("<i>x</i>", "rate\n0.001", "colour\nyes", "Git revision", "packages numpy", "by\nsigner"):
        assert words in about

    # A field of the matrix shows its pictures, and none of other fields.
    for truth, read, expected in (("L", "L", ["0", "1"]), ("Y", "L", ["2"]), ("L", "M", ["2"])):
        cell(one, truth, read).click()
        one.until(lambda truth=truth, read=read: one.text("#cell-title") == f"{truth} read as {read}")
        paths = one.page.locator("#thumbs .path").all_inner_texts()
        assert sorted(paths) == [f"ann/{truth}/{number}.jpg" for number in expected]

    # The slider goes through the epochs, and the field that is chosen with it.
    slider = one.page.locator("#epoch")
    slider.focus()
    for _ in range(2):
        one.page.keyboard.press("ArrowLeft")
    one.until(lambda: sum(one.look(RIGHT)) == 5)
    one.until(lambda: one.page.locator("#thumbs img").count() == 3)
    sizes = "[...document.querySelectorAll('#thumbs img')].map((image) => image.naturalWidth)"
    one.until(lambda: one.look(sizes) == [160, 160, 160])
    said = one.page.locator("#thumbs li").all_inner_texts()
    assert "true L, read M, 82 % sure" in said[0].replace("\u00a0", " ")
    assert "ann/L/2.jpg" in said[0]

    def told_of_what_is_pointed_at() -> str:
        one.page.mouse.move(0, 0)
        cell(one, "L", "M").hover()
        return str(one.text("#cell-text")).replace("\u00a0", " ")

    # Again where the page, which looks for news, has put its hint there meanwhile.
    one.until(lambda: told_of_what_is_pointed_at() == "L read as M: 3 of 3 (100 %)")

    # The same by keyboard.
    def told_of_where_arrows_lead() -> str:
        cell(one, "L", "M").focus()
        for key in ("ArrowUp", "ArrowLeft", "ArrowLeft"):
            one.page.keyboard.press(key)
        return str(one.text("#cell-text"))

    one.until(lambda: told_of_where_arrows_lead().startswith("K read as K"))
    cell(one, "A", "A").focus()
    one.page.keyboard.press("Enter")
    one.until(lambda: one.text("#cell-title") == "A read as A")
    one.until(lambda: one.page.locator("#thumbs img").count() == 2)

    slider.focus()
    for _ in range(4):
        one.page.keyboard.press("ArrowLeft")
    one.until(lambda: sum(one.look(RIGHT)) == 1)
    assert slider.get_attribute("aria-valuetext") == "Epoch 2 of 8"
    assert cell(one, "A", "∅").get_attribute("aria-label").startswith("A read as nothing: 1 of 3")
    assert "after epoch 2" in one.text("#letters")
    letters = [line.split()[0] for line in one.page.locator("#letters-table tbody tr").all_inner_texts()]
    assert letters[-1] == "A", "the only letter of which any was read right is the best"
    for _ in range(4):
        one.page.keyboard.press("ArrowRight")
    one.page.get_by_role("button", name="Play the epochs").click()
    one.until(lambda: one.text("#epoch-text") == "Epoch 8 of 8")
    one.until(lambda: one.page.locator("#play").get_attribute("aria-pressed") == "false")
    one.until(lambda: sum(one.look(RIGHT)) == 7)
    assert one.complaints == []


def test_a_run_that_goes_on_updates_by_itself(
    running: Any, enter: Callable[..., Any], make_run: Any, add_epoch: Any
) -> None:
    run = make_run("first", epochs=1, status=None)
    one = open_runs(running, enter, "?run=first")
    one.until(lambda: " running 1 " in row(one, "first"))
    one.until(lambda: sum(one.look(RIGHT)) == 0)
    add_epoch(run, 2)
    add_epoch(run, 3)
    one.until(lambda: " running 3 " in row(one, "first"))
    one.until(lambda: sum(one.look(RIGHT)) == 2)
    one.until(lambda: one.text("#epoch-text") == "Epoch 3 of 3")
    assert one.page.locator("#values tbody tr").count() == 6
    run.end("finished")
    one.until(lambda: " finished 3 " in row(one, "first"))
    assert one.complaints == []


def test_the_page_can_be_read_at_any_width(running: Any, enter: Callable[..., Any], make_run: Any) -> None:
    make_run("first", epochs=3)
    make_run("a-run-with-quite-a-long-name-0412-0900", epochs=1, kind="test")
    one = open_runs(running, enter, "?run=first")
    one.until(lambda: one.page.locator("#letters-table tbody tr").count() > 3)
    one.until(lambda: one.page.locator("figure canvas").count() == 5)
    one.check_legible()
    one.page.get_by_role("checkbox", name="Choose a-run").check()
    one.until(lambda: not one.page.locator("#confusion").is_visible())
    one.check_legible()
