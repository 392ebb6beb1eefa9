"""The popup: what it says in each state, and that it can be used without eyes, without a mouse, and in the dark."""

from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

NO_CAMERA = "--use-fake-device-for-media-stream=device-count=0"


def check(popup: Any) -> None:
    """Nothing stands in a screen reader's way, in the light and in the dark; but for contrast, both are the same."""
    for scheme, rules in (("light", {}), ("dark", {"runOnly": ["color-contrast", "link-in-text-block"]})):
        popup.emulate_media(color_scheme=scheme)
        found = Axe().run(popup, options={"resultTypes": ["violations"], **rules})
        assert found.violations_count == 0, found.generate_report()


def test_from_the_first_look_to_a_pairing(browser: Any, signcap: Any, until: Any) -> None:
    popup = browser.popup
    browser.ask("port", port=1)
    popup.locator("#absent").wait_for()
    assert popup.locator("#pill").inner_text() == "Not running"
    assert popup.locator("#absent code").inner_text() == "signcap"
    check(popup)

    # By the keyboard alone: the port, the button.
    popup.locator("summary").focus()
    popup.keyboard.press("Enter")
    popup.keyboard.press("Tab")
    popup.keyboard.press("Control+A")
    popup.keyboard.type(str(signcap.port))
    popup.keyboard.press("Enter")
    popup.locator("#unpaired").wait_for()
    check(popup)
    popup.locator("#pair").focus()
    popup.keyboard.press("Enter")
    popup.locator("#asked").wait_for()
    (asking,) = signcap.owner("GET", "/api/v1/pairings")["asking"]
    assert popup.locator("#code").inner_text() == asking["code"]
    until(lambda: browser.badge() == "…")
    check(popup)
    signcap.owner("POST", f"/api/v1/pairings/{asking['name']}", {"do": "refuse"})
    popup.locator("#unpaired").wait_for()
    assert "refused" in popup.locator("#unpaired-why").inner_text()

    # While the popup is closed the person is in Signcap, and the pairing goes on.
    popup.locator("#pair").click()
    popup.locator("#asked").wait_for()
    popup.goto("about:blank")
    (asking,) = signcap.owner("GET", "/api/v1/pairings")["asking"]
    signcap.owner("POST", f"/api/v1/pairings/{asking['name']}", {"do": "allow"})
    until(lambda: signcap.owner("GET", "/api/v1/pairings")["paired"])
    popup.goto(f"chrome-extension://{browser.id}/popup/popup.html")
    popup.locator("#paired").wait_for()
    until(lambda: popup.locator("#pill").inner_text() == "Ready")
    until(lambda: "synthetic signer" in popup.locator("#camera").inner_text().lower())
    assert popup.locator("#captions").inner_text() == "on"
    assert popup.locator("input[role=switch]:checked").count() == 0  # all sites are off at first
    check(popup)

    name, _, value = signcap.cookie.partition("=")  # of the person who started it, in this browser
    cookie = {"name": name, "value": value, "domain": "127.0.0.1", "path": "/"}
    browser.context.add_cookies([{**cookie, "httpOnly": True, "sameSite": "Strict"}])
    with browser.context.expect_page() as opened:
        popup.locator("#paired [data-studio]").click()
    assert opened.value.url.startswith(f"http://127.0.0.1:{signcap.port}/")
    opened.value.locator("#finished").wait_for(state="attached")  # the start page, no refusal
    opened.value.close()


def test_a_page_that_was_never_asked_for_cameras_asks_here(browser: Any, freed: Any) -> None:
    browser.set_permission("https://meet.google.com", "microphone", "granted")
    browser.set_permission("https://meet.google.com", "camera", "granted")
    browser.switch_on()
    page = browser.call()
    device = page.evaluate("async () => (await find('Signcap')).deviceId")
    browser.set_permission("https://meet.google.com", "camera", "prompt")
    ask = "(id) => { window.asked = error(navigator.mediaDevices.getUserMedia({video: {deviceId: {exact: id}}})); }"
    try:
        for answer, error in (("never", "NotAllowedError"), ("once", "none")):  # and at last, below, "always"
            page.reload()
            page.evaluate(f"() => {{{browser.look}}}")
            page.evaluate(ask, device)
            browser.popup.locator("#question").wait_for()
            assert browser.popup.locator("#question-site").inner_text() == "meet.google.com"
            if answer == "never":
                check(browser.popup)
            browser.popup.locator(f"[data-answer={answer}]").click()
            browser.popup.locator("#question").wait_for(state="hidden")
            assert page.evaluate("() => asked") == error
            page.evaluate(ask, device)  # the answer holds for this page
            assert page.evaluate("() => asked") == error
        page.reload()
        page.evaluate(f"() => {{{browser.look}}}")
        page.evaluate(ask, device)
        browser.popup.locator("[data-answer=always]").click()
        browser.popup.locator("#question").wait_for(state="hidden")
        assert page.evaluate("() => asked") == "none"
        page.reload()
        page.evaluate(f"() => {{{browser.look}}}")
        page.evaluate(ask, device)
        assert page.evaluate("() => asked") == "none"
    finally:
        browser.set_permission("https://meet.google.com", "camera", "granted")
    page.close()
    freed()


def test_a_browser_that_keeps_the_page_from_this_computer_is_explained(
    launch: Any, make_browser: Any, signcap: Any, tmp_path: Path, until: Any, freed: Any
) -> None:
    strict = make_browser(launch(tmp_path, "--enable-features=LocalNetworkAccessChecksWebRTC", NO_CAMERA))
    strict.pair(signcap)
    for name in ("camera", "microphone"):
        strict.set_permission("https://meet.google.com", name, "granted")
    for name in ("local-network-access", "local-network", "loopback-network"):
        strict.set_permission("https://meet.google.com", name, "denied")
    strict.switch_on()
    page = strict.call()
    assert page.evaluate("() => error(open1())") == "NotReadableError"
    until(lambda: strict.badge() == "!")
    strict.popup.locator("#problem").wait_for()
    said = strict.popup.locator("#problem").inner_text()
    assert "meet.google.com" in said
    assert "Apps on device" in said
    assert "Site settings" in said
    check(strict.popup)
    freed()

    for name in ("local-network-access", "local-network", "loopback-network"):
        strict.set_permission("https://meet.google.com", name, "granted")
    page.reload()
    page.evaluate(f"() => {{{strict.look}}}")
    assert page.evaluate("() => error(open1())") == "none"  # what the popup says helps
    until(lambda: strict.ask("view")["problem"] is None)
    # There is no other camera in this browser: who asks for any gets this one.
    any_camera = """async () => {
        const stream = await navigator.mediaDevices.getUserMedia({video: {width: 1280}, audio: true});
        return stream.getTracks().map(({kind, label}) => (kind === "video" ? label : kind)).sort();
    }"""
    assert page.evaluate(any_camera) == ["Signcap", "audio"]
    devices = page.evaluate("() => navigator.mediaDevices.enumerateDevices()")
    assert [one["label"] for one in devices if one["kind"] == "videoinput"] == ["Signcap"]
    strict.ask("unpair")
    strict.context.close()


def test_unpairing_from_here(browser: Any, signcap: Any, until: Any) -> None:
    token = browser.token()
    assert signcap.ask("GET", "/api/v1/extension/state", Authorization=f"Bearer {token}")[0] == 200
    browser.popup.locator("#unpair").click()
    browser.popup.locator("#unpaired").wait_for()
    assert browser.popup.locator("#unpaired-why").is_hidden()
    until(lambda: signcap.ask("GET", "/api/v1/extension/state", Authorization=f"Bearer {token}")[0] == 401)
