"""The page that checks this computer, and what it asks for."""

import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from overlay.doctor import Finding
from overlay.doctor.finding import good, problem, warning
from overlay.media.sinks.virtual_camera import RELOAD
from server.doctor import reports
from server.doctor.checks import Running, all_checks, run_checks
from server.session.notices import VirtualCameraStatus
from tests.server.cli.test_doctor_command import CHECKED

pytestmark = pytest.mark.e2e

Open = Callable[..., Any]


def asked(running: Any) -> dict[str, Finding]:
    answer = running.get("/api/v1/doctor", Cookie=running.owner_cookie())
    assert answer.status == 200
    return {one["name"]: Finding(**one) for one in json.loads(answer.body)["findings"]}


@pytest.mark.integration
def test_the_report_knows_what_this_run_knows(running: Any) -> None:
    found = asked(running)
    assert set(found) >= CHECKED
    assert found["port"].found == f"Signcap runs at {running.port}"
    assert found["browser"].state == "good"
    assert found["settings"].state == "good"
    running.store.path.write_text("no JSON at all")
    assert asked(running)["settings"].state == "warning"


@pytest.mark.integration
@pytest.mark.slow
def test_the_speed_is_that_of_the_live_path(signing: Any) -> None:
    deadline = time.monotonic() + 90
    while (speed := asked(signing)["speed"]).state == "unknown":
        assert time.monotonic() < deadline
    assert speed.found.startswith("a frame is read in ")


@pytest.mark.unit
def test_no_camera_and_no_virtual_camera_is_opened_while_signcap_uses_them() -> None:
    from overlay.doctor import Machine

    machine = Machine("win32", Path("/nowhere"), "10")
    with_camera = Running(8765, camera="camera 0", virtual_camera=True)
    found = {one.name: one for one in run_checks(all_checks(machine, with_camera))}
    assert found["camera"] == good("camera", "camera 0: in use by Signcap, which runs now")
    assert found["virtual camera"] == good("virtual camera", "in use by Signcap, which runs now")
    found = {one.name: one for one in run_checks(all_checks(machine, Running(8765)))}
    assert found["camera"].state == "unknown"


FINDINGS = [
    good("python", "3.12.3"),
    problem("virtual camera", "Signcap (/dev/video0): another program writes to it", f"Close it, or run `{RELOAD}`."),
    warning("camera", "<none>", "Plug one in."),
]


@pytest.fixture
def findings(monkeypatch: pytest.MonkeyPatch) -> list[Finding]:
    """What the doctor finds: a list that a test may change."""
    found = list(FINDINGS)
    monkeypatch.setattr(reports, "run_checks", lambda _checks: iter(found))
    return found


def test_the_page_shows_each_finding_copies_commands_and_checks_again(
    running: Any, tab: Open, findings: list[Finding]
) -> None:
    page = tab("about:blank", permissions=["clipboard-read", "clipboard-write"])
    page.enter(running, "/doctor")
    page.until(lambda: page.page.locator(".finding").count() == 3)
    assert page.text("#summary") == "1 problem: virtual camera. 1 warning: camera."
    assert page.page.locator(".finding").evaluate_all("all => all.map(one => one.dataset.state)") == [
        "good", "problem", "warning"
    ]  # fmt: skip
    assert page.text(".finding:nth-child(3) .what").replace("\n", " ") == "Warning. Camera: <none>"
    page.page.get_by_role("button", name=f"Copy {RELOAD}").click()
    page.until(lambda: page.text("#said") == "The command is in the clipboard.")
    assert page.look("navigator.clipboard.readText()") == RELOAD
    page.page.get_by_role("button", name="Copy for a bug report").click()
    page.until(lambda: page.text("#said") == "The report is in the clipboard.")
    assert len(json.loads(page.look("navigator.clipboard.readText()"))["findings"]) == 3
    for width in (1280, 380):
        page.check_legible((width,), 800)
        for target in page.page.locator("main button:visible").all():
            box = target.bounding_box()
            assert box is not None
            assert min(box["width"], box["height"]) >= 24

    findings[1] = good("virtual camera", "free")
    del findings[2]
    page.page.get_by_role("button", name="Check again").focus()
    page.page.keyboard.press("Enter")
    page.until(lambda: page.text("#summary") == "All is well.")
    assert page.page.locator(".finding").count() == 2
    assert page.look("document.activeElement.id") == "again"
    assert page.complaints == []


def test_live_leads_there_where_the_virtual_camera_is_missing(
    running: Any, enter: Open, findings: list[Finding]
) -> None:
    running.notices.virtual_camera = VirtualCameraStatus(False, "There is no virtual camera: get one.")
    page = enter(running, "/", picture=False)
    link = page.page.get_by_role("link", name="Check this computer")
    page.until(link.is_visible)
    running.notices.virtual_camera = VirtualCameraStatus(True, "Signcap: choose it.")
    page.until(lambda: not link.is_visible())
    running.notices.virtual_camera = VirtualCameraStatus(False, "It has failed.")
    page.until(link.is_visible)
    link.click()
    page.page.wait_for_url(re.compile("/settings/computer$"))
    page.until(lambda: page.page.locator(".finding").count() == len(findings))
