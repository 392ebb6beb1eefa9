"""From the first page into a call, by what the pages themselves say, in few actions."""

from typing import Any

import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

MOST = 9  # actions of a person, from the first page until the others see the captions

# As a call does when its camera is chosen.
CHOOSE = """async () => {
    const camera = (await navigator.mediaDevices.enumerateDevices()).find(({label}) => label === "Signcap");
    window.chosen = await navigator.mediaDevices.getUserMedia({video: {deviceId: {exact: camera.deviceId}}});
}"""


def test_from_the_first_page_into_a_call(browser: Any, signcap: Any, until: Any) -> None:
    origin = "https://meet.google.com"
    browser.set_permission(origin, "camera", "granted")
    browser.set_permission(origin, "microphone", "granted")
    name, _, value = signcap.cookie.partition("=")
    url = f"http://127.0.0.1:{signcap.port}"
    browser.context.add_cookies([{"name": name, "value": value, "url": url, "httpOnly": True, "sameSite": "Strict"}])
    live = browser.open(f"{url}/")
    state = live.locator("#call-step-state")
    until(lambda: state.inner_text() == "Not in a call")

    done = []
    done.append("press Set up")
    live.get_by_role("button", name="Set up", exact=True).click()
    done.append("choose Meet")
    live.get_by_label("Meet", exact=True).check()
    steps = live.locator("#call-setup ol:visible").first
    assert "signcap extension" in steps.inner_text()
    done += ["run signcap extension, as the list says", "load it, as the terminal says"]  # this browser has it

    assert "Press Pair" in steps.inner_text()
    browser.ask("port", port=signcap.port)  # found by itself where Signcap is at its usual port
    done.append("press Pair in the extension's window")
    browser.popup.locator("#pair").click()
    browser.popup.locator("#code").wait_for()
    code = browser.popup.locator("#code").inner_text()
    asked = live.locator("#call-setup .ask")  # in the window that lists the steps
    until(lambda: asked.count() == 1)
    assert asked.locator(".ask-code").inner_text() == code
    done.append("press Allow")
    asked.get_by_role("button", name="Allow").click()
    browser.popup.locator("#paired").wait_for()
    until(lambda: live.get_by_text("A browser is paired.").is_visible())

    done.append("switch Meet on in the extension's window")
    browser.switch_on()
    done.append("open the call")
    call = browser.call()
    done.append("choose the camera Signcap")
    call.evaluate(CHOOSE)
    until(lambda: state.inner_text().startswith("In call: "))
    assert live.locator("#step-call").get_attribute("data-state") == "done"
    assert "In call" in live.locator("#camera-text").inner_text()
    assert len(done) <= MOST

    call.close()
    until(lambda: state.inner_text() == "Not in a call")
    live.close()
    assert browser.complaints == []
