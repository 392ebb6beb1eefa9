"""Captions elsewhere than in the picture, over real HTTP: pages, links and files."""

import json
import time
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from overlay.captions.state import CaptionState, Cue, Letter
from overlay.media.frame import Frame
from overlay.pipeline import run_captions as caption_record
from overlay.pipeline.final_captions import FinalCaptionStream
from overlay.pipeline.result import CaptionResult
from overlay.pipeline.run_captions import CaptionRecord
from tests.clock import SteppedClock
from tests.waiting import until

pytestmark = pytest.mark.integration

FILES = {"txt": "text/plain", "vtt": "text/vtt", "srt": "application/x-subrip"}
GUESS = "A" * 43


@pytest.fixture
def spoken(running: Any) -> list[Cue]:
    """Captions of which the first begins two seconds after the session."""
    record: CaptionRecord = running.session.captions
    began = until(lambda: record.began)
    cues = [Cue(0, "HELLO", began + 2.0, began + 4.5), Cue(1, "I AM <ANN> & CO", began + 70.0, began + 74.0)]
    running.say(CaptionState(1, tuple(cues)))
    until(lambda: len(record.cues()) == 2)
    return cues


def read_back(body: bytes, path: Path) -> list[tuple[float, float, str]]:
    path.write_bytes(body)
    with av.open(str(path)) as container:
        return [
            (packet.pts / 1000, (packet.pts + packet.duration) / 1000, bytes(packet).decode())
            for packet in container.demux()
            if packet.pts is not None
        ]


@pytest.mark.parametrize("kind", ["vtt", "srt"])
def test_subtitles_hold_what_was_spelled_and_when(running: Any, spoken: list[Cue], kind: str, tmp_path: Path) -> None:
    answer = running.get(f"/api/v1/captions.{kind}", Cookie=running.viewer_cookie())
    assert answer.status == 200
    text = "I AM &lt;ANN&gt; &amp; CO" if kind == "vtt" else "I AM ‹ANN› & CO"
    found = read_back(answer.body, tmp_path / f"captions.{kind}")
    assert found == [(pytest.approx(2.0, abs=0.002), pytest.approx(4.5, abs=0.002), "HELLO"),
                     (pytest.approx(70.0, abs=0.002), pytest.approx(74.0, abs=0.002), text)]  # fmt: skip


def test_text_is_a_file_too(running: Any, spoken: list[Cue]) -> None:
    answer = running.get("/api/v1/captions.txt", Cookie=running.viewer_cookie())
    assert answer.body.decode() == "HELLO\nI AM <ANN> & CO\n"


@pytest.mark.parametrize(("kind", "content_type"), FILES.items())
def test_files_are_saved_under_a_name_with_the_day(running: Any, kind: str, content_type: str) -> None:
    answer = running.get(f"/api/v1/captions.{kind}", Cookie=running.viewer_cookie())
    assert answer.status == 200
    assert answer.headers["Content-Type"] == f"{content_type}; charset=utf-8"
    name = f'attachment; filename="captions-{time.strftime("%Y-")}'
    assert answer.headers["Content-Disposition"].startswith(name)
    assert answer.headers["Content-Disposition"].endswith(f'.{kind}"')
    assert answer.headers["Cache-Control"] == "no-store"
    assert running.get("/api/v1/captions.html", Cookie=running.viewer_cookie()).status in (403, 404)


def test_what_is_being_spelled_is_in_the_file_once(running: Any, spoken: list[Cue]) -> None:
    cookie, record = running.viewer_cookie(), running.session.captions
    running.say(CaptionState(2, tuple(spoken), "BYE", "E"))
    until(lambda: len(record.cues()) == 3)
    assert running.get("/api/v1/captions.txt", Cookie=cookie).body.split()[-2:] == [b"CO", b"BYE"]
    last = Cue(2, "BYE", spoken[1].end + 9, spoken[1].end + 10)
    running.say(CaptionState(3, (*spoken, last)))
    until(lambda: record.cues()[-1] == last)
    assert running.get("/api/v1/captions.txt", Cookie=cookie).body.decode().count("BYE") == 1


@pytest.mark.unit
def test_a_record_outlasts_what_the_transcript_keeps(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SteppedClock()
    record, captions = CaptionRecord(clock), FinalCaptionStream(clock)
    captions.listen(record.accept)
    frame = Frame(np.zeros((2, 2, 3), np.uint8), 0, 12.5)
    record.begin(frame, CaptionResult())
    cues = tuple(Cue(number, f"N{number}", number * 5.0, number * 5.0 + 2) for number in range(300))
    for newest in range(1, 301):
        captions.accept(CaptionResult(state=CaptionState(newest, cues[max(0, newest - 200) : newest])))
    assert record.cues() == list(cues)
    assert (record.began, record.began_clock) == (frame.at, clock.time())
    corrected = (*cues[100:299], Cue(299, "MENDED", 0.0, 2.0))
    captions.accept(CaptionResult(state=CaptionState(301, corrected)))
    assert record.cues()[-1].text == "MENDED"
    monkeypatch.setattr(caption_record, "KEPT", 50)
    captions.accept(CaptionResult(state=CaptionState(302, (*corrected[1:], Cue(300, "LAST", 0.0, 1.0)))))
    assert (len(record.cues()), record.cues()[-1].text) == (50, "LAST")


@pytest.mark.unit
def test_a_caption_that_is_being_spelled_has_the_times_of_its_letters() -> None:
    record, captions = CaptionRecord(), FinalCaptionStream()
    captions.listen(record.accept)
    for at, text in ((3.0, "B"), (4.0, "BY"), (5.0, "BYE"), (6.0, "BYE")):
        captions.accept(CaptionResult(at, CaptionState(int(at), (), text), letters=(Letter(text[-1], 1.0, at, at),)))
    assert record.cues() == [Cue(0, "BYE", 3.0, 5.0)]


@pytest.mark.parametrize("path", [*(f"/api/v1/captions.{kind}" for kind in FILES), "/captions", "/overlay"])
def test_nothing_is_given_without_a_secret(running: Any, path: str) -> None:
    assert running.get(path).status == 401
    assert running.get(path, Cookie=f"{running.access.viewer_cookie}={GUESS}").status == 401
    assert running.get(path, Cookie=running.viewer_cookie()).status == 200


@pytest.mark.parametrize("page", ["/captions", "/overlay"])
@pytest.mark.parametrize("token", ["", "guess", GUESS, "%FF", "%C3%A9"])
def test_wrong_tokens_are_refused(running: Any, page: str, token: str) -> None:
    answer = running.get(f"{page}?viewer={token}")
    assert answer.status == 401
    assert "Set-Cookie" not in answer.headers
    assert b"expired" in answer.body
    refused = running.get(f"{page}?viewer={GUESS}", Cookie=running.viewer_cookie())
    assert refused.status == 401


def test_the_token_leaves_the_address_and_the_style_stays(running: Any) -> None:
    token = running.access.viewer_token
    answer = running.get(f"{running.access.overlay_path()}&size=64&colour=%23ff0&x=1&font=A%22B&lines={'9' * 80}")
    assert answer.status == 200
    assert b'content="0; url=/overlay?size=64&amp;colour=%23ff0&amp;font=A%22B"' in answer.body
    assert token.encode() not in answer.body
    assert answer.cookie.startswith(running.access.viewer_cookie)
    assert b'url=/overlay"' in running.get(running.access.overlay_path()).body


def test_links_are_for_the_owner_to_give_away(running: Any) -> None:
    assert running.get("/api/v1/captions/links", Cookie=running.viewer_cookie()).status == 403
    answer = running.get("/api/v1/captions/links", Cookie=running.owner_cookie())
    given = json.loads(answer.body)
    for path in given.values():
        assert running.get(running.path_of(path)).status == 200
    page = running.get("/captions", Cookie=running.owner_cookie())
    assert running.access.viewer_token.encode() not in page.body


def test_the_owners_caption_page_outlives_the_run_as_well(running: Any) -> None:
    page = running.get("/captions", Cookie=running.owner_cookie())
    assert page.cookie == running.viewer_cookie()
    assert "Set-Cookie" not in running.get("/captions", Cookie=running.viewer_cookie()).headers
