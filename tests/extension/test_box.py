"""The captions over the call: live, typed, with phrases; where they stand; and what the page sees of it: nothing."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


@pytest.fixture
def box(paired: Any, signcap: Any, until: Any) -> Iterator[Any]:
    paired.ask("box", shown=True)
    opened = Box(paired)
    until(lambda: opened.link == "live")
    yield opened
    opened.page.close()
    paired.ask("box", shown=False)
    assert paired.complaints == []


class Box:
    """A call's page with the box in it, looked at from where the page cannot look: the browser's own tools."""

    def __init__(self, paired: Any) -> None:
        self.page = paired.call()
        self.tools = paired.context.new_cdp_session(self.page)
        self.page.wait_for_selector("[popover]")

    def nodes(self) -> list[dict[str, Any]]:
        """All of the shadow tree, flat."""
        found: list[dict[str, Any]] = []

        def walk(node: dict[str, Any], inside: bool) -> None:
            if inside:
                found.append(node)
            for root in node.get("shadowRoots", []):
                walk(root, inside or root.get("shadowRootType") == "closed")
            for child in node.get("children", []):
                walk(child, inside)

        document = self.tools.send("DOM.getDocument", {"depth": -1, "pierce": True})["root"]
        walk(document, False)
        return found

    @staticmethod
    def attributes(node: dict[str, Any]) -> dict[str, str]:
        pairs = node.get("attributes", [])
        return dict(zip(pairs[::2], pairs[1::2], strict=True))

    @property
    def text(self) -> str:
        """Text, and the captions, which are no text for those who search."""
        nodes = self.nodes()
        words = [self.attributes(node).get("data-words", "") for node in nodes]
        return " ".join([node["nodeValue"] for node in nodes if node["nodeName"] == "#text"] + words)

    @property
    def link(self) -> str | None:
        return next(
            (made["data-link"] for node in self.nodes() if "data-link" in (made := self.attributes(node))), None
        )

    def find(self, name: str) -> dict[str, Any]:
        """The element of this name for a screen reader, or with this text."""

        def says(node: dict[str, Any]) -> bool:
            own = [child["nodeValue"] for child in node.get("children", []) if child["nodeName"] == "#text"]
            return self.attributes(node).get("aria-label", "").startswith(name) or name in own

        return next(node for node in self.nodes() if node["nodeName"] in ("BUTTON", "INPUT") and says(node))

    def middle(self, name: str) -> tuple[float, float]:
        node = self.find(name)["backendNodeId"]
        corners = self.tools.send("DOM.getBoxModel", {"backendNodeId": node})["model"]["border"]
        return (corners[0] + corners[4]) / 2, (corners[1] + corners[5]) / 2

    def press(self, name: str) -> None:
        self.page.mouse.click(*self.middle(name))


def test_it_shows_the_captions_as_they_grow(box: Any, signcap: Any, until: Any) -> None:
    # Its pauses are those of the pictures: on a busy machine there may be one between any two letters.
    signcap.reader.spell("HEL")
    until(lambda: "HEL" in "".join(box.text.split()))
    signcap.reader.spell("LO")
    until(lambda: "LO" in "".join(box.text.split()))
    signcap.type("From Signcap")
    until(lambda: "From Signcap" in box.text)


def test_what_is_typed_there_is_a_caption_and_no_key_reaches_the_page(box: Any, signcap: Any, until: Any) -> None:
    page = box.page
    page.keyboard.press("x")
    assert "x" in page.evaluate("() => keys")  # the page does hear keys
    page.evaluate("() => { keys.length = 0; }")
    box.press("Type to caption")
    page.keyboard.type("my own words")
    page.keyboard.press("Enter")
    until(lambda: "my own words" in signcap.captions().lower())
    until(lambda: "my own words" in box.text.lower())
    assert page.evaluate("() => keys") == []
    page.keyboard.press("Escape")  # leaves the field
    page.keyboard.press("y")
    assert page.evaluate("() => keys.includes('y')")


def test_what_no_font_can_draw_is_said_while_it_is_typed(box: Any, signcap: Any, until: Any) -> None:
    box.press("Type to caption")
    box.page.keyboard.insert_text("Hi \U000f1234")
    until(lambda: "no font on this computer" in box.text.lower())
    box.page.keyboard.press("Backspace")
    until(lambda: "no font on this computer" not in box.text.lower())


def test_a_phrase_is_one_press_away(box: Any, signcap: Any, until: Any) -> None:
    phrase = signcap.owner("GET", "/api/v1/phrases")["phrases"][0]
    box.press("Quick phrases")
    until(lambda: phrase in box.text)
    before = signcap.captions().count(phrase)
    box.press(phrase)
    until(lambda: signcap.captions().count(phrase) == before + 1)


def test_the_page_sees_nothing_of_it(box: Any, signcap: Any, until: Any) -> None:
    signcap.type("ONLY MINE")
    until(lambda: "ONLY MINE" in box.text)
    box.press("Type to caption")
    box.page.keyboard.type("NOT YET SENT")
    got = look_from_the_page(box.page)
    assert got["root"] is None
    assert "ONLY MINE" not in json.dumps(got)
    assert [got["found"], got["children"], got["heard"], got["globals"]] == [[False, False], 0, [], []]


def look_from_the_page(page: Any) -> Any:
    return page.evaluate(
        """() => {
            const host = document.querySelector("[popover]");
            return {
                root: host.shadowRoot,
                html: document.documentElement.outerHTML,
                text: document.body.innerText + document.body.textContent + host.textContent,
                found: ["ONLY MINE", "NOT YET SENT"].map((text) => findNatively.call(window, text)),
                heard: window.heard, children: host.childNodes.length,
                globals: Object.getOwnPropertyNames(window).filter((name) => /signcap/i.test(name)),
            };
        }"""
    )


def test_it_can_be_moved_and_stays_there_for_this_site(box: Any, paired: Any, until: Any) -> None:
    def stored() -> Any:
        place = "async () => (await chrome.storage.local.get('places')).places?.['https://meet.google.com']?.y"
        return paired.worker.evaluate(place)

    page = box.page
    page.mouse.move(*box.middle("Move the captions"))
    page.mouse.down()
    page.mouse.move(300, 120, steps=4)
    page.mouse.up()
    until(lambda: abs(box.middle("Move the captions")[1] - 120) < 3)
    x, y = box.middle("Move the captions")
    dragged = until(stored)
    page.keyboard.press("ArrowDown")
    until(lambda: abs(box.middle("Move the captions")[1] - y - 16) < 2)
    until(lambda: abs(stored() - dragged) > 0.002)
    page.keyboard.press("ArrowUp")
    until(lambda: abs(box.middle("Move the captions")[1] - y) < 2)
    until(lambda: abs(stored() - dragged) < 0.002)
    again = Box(paired)
    until(lambda: abs(again.middle("Move the captions")[1] - y) < 3)
    assert abs(again.middle("Move the captions")[0] - x) < 3
    again.page.close()
    paired.ask("box", shown=False)
    until(lambda: page.locator("[popover]").count() == 0)
    paired.ask("box", shown=True)
    until(lambda: page.locator("[popover]").count() == 1)
    until(lambda: abs(box.middle("Move the captions")[1] - y) < 3)


def test_the_popup_and_its_own_button_hide_it(box: Any, paired: Any, until: Any) -> None:
    assert box.page.locator("[popover]").count() == 1
    until(lambda: paired.popup.locator("#box").is_checked())  # it looks every second
    paired.popup.locator("#box").uncheck()
    until(lambda: box.page.locator("[popover]").count() == 0)
    paired.popup.locator("#box").check()
    until(lambda: box.page.locator("[popover]").count() == 1)
    box.press("Hide the captions")
    until(lambda: box.page.locator("[popover]").count() == 0)
    until(lambda: not paired.popup.locator("#box").is_checked())


def test_it_says_when_signcap_goes_and_goes_on_when_it_is_back(box: Any, signcap: Any, until: Any) -> None:
    signcap.stop()
    until(lambda: "Signcap is not running" in box.text)
    signcap.start()
    signcap.type("Here again")
    until(lambda: "Here again" in box.text and "not running" not in box.text)


def test_a_key_switches_it(box: Any, paired: Any, until: Any) -> None:
    assert "Alt+Shift+S" in paired.popup.locator("#key").inner_text()
    press = "() => { chrome.commands.onCommand.dispatch('captions'); }"  # keys of the browser's own cannot be sent
    paired.worker.evaluate(press)
    until(lambda: box.page.locator("[popover]").count() == 0)
    paired.worker.evaluate(press)
    until(lambda: box.page.locator("[popover]").count() == 1)
