"""Settings, sources, tuning and edits over real HTTP."""

import http.client
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import cv2
import numpy as np
import pytest

from overlay.core.errors import SourceError
from overlay.core.settings import load_settings
from overlay.media.source import Source
from overlay.media.sources.webcam import CameraInfo
from overlay.pipeline.live_captioner import LiveCaptioner
from overlay.tuning.presets import PRESETS
from server.session import source_control as sources
from server.web.streams.dashboard_events import PAGES
from tests.server.conftest import CalmDemo, MovingPattern, SpelledReader

pytestmark = pytest.mark.integration

HEADERS = {"Content_Type": "application/json", "X_Signcap": "1"}


class Studio:
    """A running server and its owner."""

    def __init__(self, server: Any, reader: SpelledReader, opened: list[Any]) -> None:
        self.server, self.reader, self.opened = server, reader, opened
        self.cookie = server.owner_cookie()

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        data = b"" if method == "GET" else json.dumps({} if body is None else body).encode()
        answer = self.server.get(f"/api/v1{path}", method=method, body=data, Cookie=self.cookie, **HEADERS)
        return answer.status, json.loads(answer.body)

    def until(self, condition: Callable[[], Any], seconds: float = 60) -> Any:
        deadline = time.monotonic() + seconds
        while not (value := condition()):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        return value

    def events(self, wanted: set[str], query: str = "") -> dict[str, Any]:
        """The first event of each name."""
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)
        connection.request("GET", f"/api/v1/events{query}", headers={"Cookie": self.cookie})
        response = connection.getresponse()
        assert response.headers["Content-Type"].startswith("text/event-stream")
        found: dict[str, Any] = {}
        name = ""
        while not wanted <= set(found):
            line = response.readline().decode().strip()
            if line.startswith("event:"):
                name = line.removeprefix("event:").strip()
            elif line.startswith("data:"):
                found.setdefault(name, json.loads(line.removeprefix("data:")))
        connection.close()
        return found


@pytest.fixture
def studio(serve: Any, folders: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Studio]:
    """A server on a machine with two cameras, of which number 2 is in use by another program."""
    opened: list[Any] = []

    def open_one(spec: str, text: str | None) -> Source:
        if spec == "2":
            raise SourceError("The camera is in use: close other programs that use it.")
        source = MovingPattern()
        source.name = f"camera {spec}" if spec != "demo" else "demo"
        opened.append((spec, text, source))
        return source

    monkeypatch.setattr(sources, "list_cameras", lambda: [CameraInfo("0", "Front"), CameraInfo("2", "Desk")])
    reader = SpelledReader()
    with serve(MovingPattern(), lambda: reader, folders, open_one=open_one) as server:
        yield Studio(server, reader, opened)


def test_a_change_acts_at_once_and_is_saved(studio: Studio) -> None:
    status, body = studio.ask("PATCH", "/settings", {"decoding": {"letter_confidence": 0.77}})
    assert status == 200
    assert body["settings"]["decoding"]["letter_confidence"] == 0.77
    assert body["preset"] is None
    assert studio.server.pipeline.settings.decoding.letter_confidence == 0.77
    assert load_settings(studio.server.store.path).decoding.letter_confidence == 0.77
    assert studio.ask("GET", "/settings")[1] == body
    assert studio.events({"settings"})["settings"] == body


@pytest.mark.parametrize(
    "change",
    [{"decoding": {"letter_confidence": 5}}, {"nothing": {}}, {"caption": []}, {"caption": {"colour": "red"}}],
)
def test_what_cannot_be_set_is_named_and_changes_nothing(studio: Studio, change: Any) -> None:
    before = studio.ask("GET", "/settings")
    status, body = studio.ask("PATCH", "/settings", change)
    assert status == 422
    assert body["error"].startswith(("That cannot be set: ", "Give the settings of "))
    assert studio.ask("GET", "/settings") == before


def test_presets_and_the_way_back(studio: Studio) -> None:
    for name in PRESETS:
        status, body = studio.ask("POST", f"/settings/presets/{name}")
        assert (status, body["preset"]) == (200, name)
    assert studio.ask("POST", "/settings/presets/hasty")[0] == 404
    status, body = studio.ask("POST", "/settings/reset")
    assert (status, body["preset"]) == (200, "normal")
    assert body["settings"] == body["defaults"]


def test_an_edit_by_hand_reaches_open_pages(studio: Studio) -> None:
    path = studio.server.store.path
    path.write_text('{"caption": {"place": "top"}}')
    studio.until(lambda: studio.server.pipeline.settings.caption.place == "top")
    path.write_text('{"caption": {\n"place": "toppp"}}')
    studio.until(lambda: "line 2" in (studio.ask("GET", "/settings")[1]["problem"] or ""))
    assert studio.server.pipeline.settings.caption.place == "top"


def test_faint_captions_are_warned_of(studio: Studio) -> None:
    assert studio.ask("GET", "/settings")[1]["warnings"] == []
    warnings = studio.ask("PATCH", "/settings", {"caption": {"box_opacity": 0.0}})[1]["warnings"]
    assert warnings
    assert "4.5" in warnings[0]


def test_the_style_is_shown_before_it_is_chosen(studio: Studio) -> None:
    def picture(caption: dict[str, Any]) -> Any:
        body = json.dumps({"caption": caption}).encode()
        answer = studio.server.get("/api/v1/style/preview", method="POST", body=body, Cookie=studio.cookie, **HEADERS)
        assert answer.headers["Content-Type"] == "image/jpeg"
        return cv2.imdecode(np.frombuffer(answer.body, np.uint8), cv2.IMREAD_COLOR)

    plain, red = picture({}), picture({"colour": "#ff0000"})
    assert plain.shape == (720, 1280, 3)
    lower = np.s_[500:700, 300:1000]
    reddish = (red[..., 2].astype(int) - red[..., 1] > 120)[lower].sum()
    assert reddish > 2000
    assert (plain[..., 2].astype(int) - plain[..., 1] > 120)[lower].sum() < 100
    assert (picture({"place": "top"})[lower] != plain[lower]).any()
    assert studio.ask("POST", "/style/preview", {"caption": {"size": 9}})[0] == 422
    assert studio.server.pipeline.settings.caption.colour == "#ffffff"


def test_the_text_is_typed_and_edited(studio: Studio) -> None:
    def edit(**body: Any) -> int:
        return studio.ask("POST", "/captions/edits", body)[0]

    def committed() -> str:
        return str(studio.server.session.viewers.captions.state.committed)

    assert edit(edit="type", text="hello") == 200
    studio.until(lambda: committed() == "hello")
    for name, text in (("backspace", "hell"), ("space", "hell "), ("undo", "hell"), ("undo", "hello"), ("clear", "")):
        assert edit(edit=name) == 200
        studio.until(lambda text=text: committed() == text)
    assert edit(edit="undo") == 200
    assert edit(edit="type", text=" there!", end=True) == 200
    studio.until(lambda: [cue.text for cue in studio.server.session.viewers.captions.state.cues] == ["hello there!"])
    for text in ("", "a\nb", "x" * 501, 3):
        assert edit(edit="type", text=text) == 400


def test_cameras_are_listed_with_what_is_open(studio: Studio) -> None:
    status, body = studio.ask("GET", "/source")
    assert status == 200
    assert (body["on"], body["paused"], body["can_switch"], body["spec"]) == (True, False, True, "demo")
    assert [camera["name"] for camera in body["cameras"]] == ["Front", "Desk"]
    assert body["virtual_camera"]["choice"] == "auto"


def test_another_camera_takes_over(studio: Studio) -> None:
    status, body = studio.ask("POST", "/source", {"do": "use", "spec": "0"})
    assert (status, body["spec"], body["name"]) == (200, "0", "camera 0")
    studio.until(lambda: studio.events({"status"})["status"]["kind"] == "Camera")
    status, body = studio.ask("POST", "/source", {"do": "use", "spec": "demo", "text": "ANNA"})
    assert (status, body["text"]) == (200, "ANNA")
    assert [(spec, text) for spec, text, _ in studio.opened] == [("0", None), ("demo", "ANNA")]


@pytest.mark.parametrize("spec", ["2", "7", "/etc/passwd", "http://evil.example/", ""])
def test_what_is_no_camera_or_in_use_leaves_the_one_before(studio: Studio, spec: str) -> None:
    status, body = studio.ask("POST", "/source", {"do": "use", "spec": spec})
    assert status == 409
    assert body["error"].count(".") == 1
    assert studio.ask("GET", "/source")[1]["spec"] == "demo"
    assert studio.events({"status"})["status"]["camera"] == "on"


def test_the_camera_is_let_go_and_read_again(studio: Studio) -> None:
    studio.ask("POST", "/source", {"do": "use", "spec": "0"})
    camera = studio.opened[-1][2]
    assert studio.ask("POST", "/source", {"do": "stop"})[1]["on"] is False
    studio.until(lambda: camera._closed.is_set())
    studio.until(lambda: studio.events({"status"})["status"]["camera"] == "off")
    assert studio.ask("POST", "/source", {"do": "start"})[1]["on"] is True
    assert [spec for spec, _, _ in studio.opened] == ["0", "0"]
    studio.until(lambda: studio.events({"status"})["status"]["camera"] == "on")


def test_paused_nothing_is_read_and_the_caption_ends(studio: Studio) -> None:
    studio.reader.spell("HI")
    studio.until(lambda: studio.server.session.viewers.captions.state.committed.strip() == "HI")
    assert studio.ask("POST", "/source", {"do": "pause"})[1]["paused"] is True
    studio.until(lambda: [cue.text for cue in studio.server.session.viewers.captions.state.cues] == ["HI"])
    studio.reader.spell("NO")
    time.sleep(0.4)
    assert studio.server.session.viewers.captions.state.committed == ""
    assert studio.events({"status"})["status"]["paused"] is True
    assert studio.ask("POST", "/source", {"do": "resume"})[1]["paused"] is False
    studio.until(lambda: studio.server.session.viewers.captions.state.committed.strip() == "NO")


def test_another_persons_hand_is_asked_for_when_captions_are_ready(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    status, answer = studio.ask("POST", "/source", {"do": "other-hand"})
    assert status == 409
    assert "try again" in answer["error"]
    asked: list[bool] = []
    monkeypatch.setattr(studio.server.pipeline, "take_other_hand", lambda: asked.append(True) or True)
    status, answer = studio.ask("POST", "/source", {"do": "other-hand"})
    assert (status, answer["paused"], asked) == (200, False, [True])


@pytest.mark.parametrize(
    "body", [{}, {"do": "dance"}, {"do": "use"}, {"do": "use", "spec": 0}, {"do": "stop", "x": 1}]
)
def test_other_commands_are_refused_in_one_sentence(studio: Studio, body: Any) -> None:
    status, answer = studio.ask("POST", "/source", body)
    assert status == 400
    assert answer["error"].startswith("Send ")


def test_a_virtual_camera_is_chosen_from_the_list(studio: Studio) -> None:
    status, body = studio.ask("POST", "/virtual-camera", {"choice": "off"})
    assert (status, body["virtual_camera"]["choice"]) == (200, "off")
    assert studio.ask("POST", "/virtual-camera", {"choice": "/dev/sda"})[0] == 409
    assert studio.ask("POST", "/virtual-camera", {"choice": 1})[0] == 400


def test_the_camera_of_pipewire_is_listed_where_it_can_be_had(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    def names() -> list[str]:
        return [output["name"] for output in studio.ask("GET", "/source")[1]["virtual_camera"]["outputs"]]

    monkeypatch.setattr(sources, "pipewire_is_there", lambda: True)
    assert "pipewire" in names()
    monkeypatch.setattr(sources, "pipewire_is_there", lambda: False)
    assert "pipewire" not in names()
    assert studio.ask("POST", "/virtual-camera", {"choice": "pipewire"})[0] == 409


def test_there_is_a_limit_to_open_pages(studio: Studio) -> None:
    studio.server.session.viewers.pages.update(range(PAGES))
    status, body = studio.ask("GET", "/events")
    assert status == 503
    assert "close one" in body["error"]


def test_without_a_camera_to_switch_that_is_said(running: Any) -> None:
    cookie = running.owner_cookie()
    answer = running.get("/api/v1/source", method="POST", body=b'{"do": "stop"}', Cookie=cookie, **HEADERS)
    assert answer.status == 409


@pytest.mark.slow
def test_the_demo_is_decoded_again_with_other_thresholds_and_labelled_tries_give_one(
    serve: Any, folders: Any
) -> None:
    with serve(CalmDemo("HI"), LiveCaptioner, folders) as demo:
        studio = Studio(demo, SpelledReader(), [])
        assert studio.ask("GET", "/tuning/tries")[1]["tries"] == []
        studio.until(lambda: studio.events({"live"})["live"]["hand"], 90)
        status, body = studio.ask("POST", "/tuning/tries", {"do": "begin", "text": "hi"})
        assert (status, body["taking"]) == (200, "HI")
        seen = len(demo.session.viewers.captions.state.cues)
        studio.until(lambda: len(demo.session.viewers.captions.state.cues) > seen, 90)
        body = studio.ask("POST", "/tuning/tries", {"do": "end"})[1]
        assert body["taking"] is None
        assert body["letters"] == 2
        assert body["best"] is not None
        thresholds = [point[0] for point in body["curve"]]
        assert thresholds == sorted(thresholds)
        assert len(body["tries"]) == 1
        assert studio.ask("POST", "/tuning/tries", {"do": "forget"})[1]["tries"] == []
        for bad in ({"do": "begin", "text": "12"}, {"do": "begin", "text": "A" * 61}, {"do": "begin"}, {}):
            assert studio.ask("POST", "/tuning/tries", bad)[0] == 400

        def strip() -> Any:
            return studio.events({"strip"}, "?strip=1")["strip"]

        def is_read_surely() -> bool:
            shown = strip()
            surely = any(best and best[0][1] > 0.9 for _, _, best in shown["moments"])
            return surely and "HI" in "".join(letter["text"] for letter in shown["letters"])

        studio.until(is_read_surely, 90)
        studio.until(lambda: "HI" in studio.ask("POST", "/tuning/replay")[1]["captions"], 90)
        studio.until(lambda: len(studio.ask("POST", "/tuning/replay")[1]["moments"]) > 60, 90)  # two seconds
        status, body = studio.ask("POST", "/tuning/replay", {"decoding": {"least_hold": 3.0}})
        assert (status, body["letters"], body["captions"]) == (200, [], [])
        assert len(body["moments"]) > 60
        assert demo.pipeline.settings.decoding.least_hold < 3
        assert studio.ask("POST", "/tuning/replay", {"decoding": {"window": 9}})[0] == 422
        assert studio.ask("POST", "/tuning/replay", {"decoding": {"window": 0.4}})[0] == 200


def test_the_page_can_offer_the_fonts_of_this_computer(studio: Studio) -> None:
    status, fonts = studio.ask("GET", "/style/fonts")
    assert status == 200
    assert fonts["installed"] == sorted(fonts["installed"], key=str.casefold)
    assert set(fonts["generic"]) <= {"sans-serif", "serif", "monospace", "cursive"}


def test_characters_that_no_font_has_are_named(studio: Studio) -> None:
    status, answer = studio.ask("POST", "/style/characters", {"text": "Hi שלום cafe\u0301 \U000f1234\U000f1234"})
    assert status == 200
    assert answer["missing"] == ["\U000f1234"]
    assert "\U000f1234" in answer["warning"]
    assert studio.ask("POST", "/style/characters", {"text": "Hello"})[1] == {"missing": [], "warning": ""}
    for wrong in ({"text": 5}, {"text": "x" * 2001}, {}, {"text": "x", "more": 1}):
        assert studio.ask("POST", "/style/characters", wrong)[0] == 400


def test_a_font_that_is_not_here_is_told(studio: Studio) -> None:
    status, body = studio.ask("PATCH", "/settings", {"caption": {"font": "No Such Font At All"}})
    assert status == 200
    assert any("No Such Font At All" in warning for warning in body["warnings"])
    assert studio.ask("PATCH", "/settings", {"caption": {"font": "a\nb"}})[0] == 422
    assert studio.ask("PATCH", "/settings", {"caption": {"align": "under the table"}})[0] == 422
