"""Uploads to be tried, over real HTTP and with the real recogniser; each limit with its refusal."""

import io
import json
import shutil
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest

from overlay.media.sources import video_file
from overlay.media.sources.video_file import VideoLimits
from overlay.recognition.hands.detector_choice import open_detector
from overlay.recognition.letter_model import shipped_model
from overlay.synthesis.signer import SyntheticSigner
from server.inspector import clips as try_clips
from server.inspector import inspect as try_reading
from server.inspector import queue as try_desk
from server.session.folders import Folders
from server.web.auth import security
from server.web.auth.access import Role
from server.web.routes import inspect as try_pages

pytestmark = pytest.mark.integration

UPLOAD = {"Content_Type": "application/octet-stream", "X_Signcap": "1"}
JSON = {"Content_Type": "application/json", "X_Signcap": "1"}
CLIP = (320, 240)


@pytest.fixture(scope="module")
def letter_l() -> bytes:
    """A rendered L as a PNG file."""
    signer = SyntheticSigner("L", size=(320, 240))
    _, start, end = signer.letters[0]
    return bytes(cv2.imencode(".png", signer.render((start + end) / 2))[1])


@pytest.fixture(scope="module")
def clip_hi() -> bytes:
    """A clip that spells HI."""
    return clip()


@pytest.fixture(scope="module")
def clip_short() -> bytes:
    """A clip of which there is little to read."""
    return clip(most=6)


def clip(most: int = 1000) -> bytes:
    """A clip that spells HI, or the beginning of it."""
    signer, written = SyntheticSigner("HI", size=CLIP), io.BytesIO()
    with av.open(written, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=15)
        stream.width, stream.height, stream.pix_fmt = *CLIP, "yuv420p"
        for index in range(min(int(signer.duration * 15), most)):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(signer.render(index / 15), format="bgr24")))
        container.mux(stream.encode(None))
    return written.getvalue()


def post(server: Any, path: str, body: bytes, **headers: str) -> tuple[int, Any]:
    answer = server.get(path, method="POST", body=body, Cookie=server.owner_cookie(), **(headers or UPLOAD))
    return answer.status, json.loads(answer.body)


def picture(server: Any, result: Any, name: str) -> Any:
    answer = server.get(result["files"] + name, Cookie=server.owner_cookie())
    assert answer.status == 200
    assert answer.headers["Cache-Control"] == "no-store"
    return cv2.imdecode(np.frombuffer(answer.body, np.uint8), cv2.IMREAD_COLOR)


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("GET", "/train/try", {}),
        ("GET", "/api/v1/try", {}),
        ("GET", "/api/v1/try/models", {}),
        ("GET", "/api/v1/try/some/picture.jpg", {}),
        ("POST", "/api/v1/try/picture", UPLOAD),
        ("POST", "/api/v1/try/clip", UPLOAD),
        ("POST", "/api/v1/try/camera", JSON),
        ("POST", "/api/v1/try/some/video", JSON),
    ],
)
def test_trying_is_for_the_owner_alone(lasting: Any, method: str, path: str, headers: dict[str, str]) -> None:
    body = b"{}" if method == "POST" else b""
    assert lasting.get(path, method=method, body=body, **headers).status == 401
    assert lasting.get(path, method=method, body=body, Cookie=lasting.viewer_cookie(), **headers).status == 403
    answer = lasting.get(path, method=method, body=body, Cookie=lasting.owner_cookie(), **headers)
    assert answer.status not in (401, 403)


def test_a_picture_is_read(lasting: Any, letter_l: bytes) -> None:
    status, result = post(lasting, "/api/v1/try/picture?name=my+L.png", letter_l)
    assert (status, result["name"], result["text"]) == (200, "my L.png", "L")
    assert result["best"][0]["letter"] == "L"
    assert len(result["best"]) == 5
    shares = [one["confidence"] for one in result["best"]]
    assert shares == sorted(shares, reverse=True)
    assert shares[0] > 0.5
    assert result["hand"]["handedness"] == "right"
    assert picture(lasting, result, "crop.png").shape == (96, 96, 3)
    shown = picture(lasting, result, "picture.jpg")
    original = cv2.imdecode(np.frombuffer(letter_l, np.uint8), cv2.IMREAD_COLOR)
    same = cv2.resize(original, shown.shape[1::-1], interpolation=cv2.INTER_CUBIC)
    drawn = np.abs(shown.astype(int) - same.astype(int)).max(axis=2) > 60
    assert 0.001 < drawn.mean() < 0.1, "landmarks, and nothing but landmarks, are drawn"


def test_landmarks_lie_on_the_hand_when_room_was_put_around_the_picture(lasting: Any, hand_model: Path) -> None:
    signer = SyntheticSigner("W", size=(640, 480))
    _, start, end = signer.letters[0]
    pixels = signer.render((start + end) / 2)
    with open_detector(hand_model, video=False) as finder:
        hand = finder.find(pixels, 0.0)
        assert hand is not None
        (left, top), (right, bottom) = (
            hand.landmarks[:, :2].min(0).astype(int),
            hand.landmarks[:, :2].max(0).astype(int),
        )
        tight = np.ascontiguousarray(pixels[top - 2 : bottom + 2, left - 2 : right + 2])
    result = post(lasting, "/api/v1/try/picture", bytes(cv2.imencode(".png", tight)[1]))[1]
    shown = picture(lasting, result, "picture.jpg")
    same = cv2.resize(tight, shown.shape[1::-1], interpolation=cv2.INTER_CUBIC)
    drawn = np.argwhere(np.abs(shown.astype(int) - same.astype(int)).max(axis=2) > 30) / shown.shape[:2]
    assert (drawn.min(0) < 0.12).all()
    assert (drawn.max(0) > 0.88).all()


def test_a_picture_is_turned_the_way_up_that_it_says(lasting: Any, letter_l: bytes) -> None:
    upright = cv2.imdecode(np.frombuffer(letter_l, np.uint8), cv2.IMREAD_COLOR)
    lying = bytes(cv2.imencode(".jpg", cv2.rotate(upright, cv2.ROTATE_90_COUNTERCLOCKWISE))[1])
    assert post(lasting, "/api/v1/try/picture", lying)[1]["text"] != "L"
    exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"
    tagged = lying[:2] + b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif + lying[2:]
    result = post(lasting, "/api/v1/try/picture", tagged)[1]
    assert (result["text"], result["width"], result["height"]) == ("L", 320, 240)


def test_a_picture_without_a_hand_says_so(lasting: Any) -> None:
    room = bytes(cv2.imencode(".jpg", np.full((240, 320, 3), 128, np.uint8))[1])
    status, result = post(lasting, "/api/v1/try/picture?name=room.jpg", room)
    assert (status, result["hand"]) == (200, None)
    assert picture(lasting, result, "picture.jpg") is not None


@pytest.mark.parametrize("data", [b"", b"no picture", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"\xff\xd8\xff\xe0\x00"])
def test_what_is_no_picture_is_named(lasting: Any, data: bytes) -> None:
    status, result = post(lasting, "/api/v1/try/picture?name=<b>odd</b>.jpg", data)
    assert status == 422
    assert result["error"].startswith("b>.jpg is not a picture")


def test_a_damaged_picture_is_named(lasting: Any, letter_l: bytes) -> None:
    status, result = post(lasting, "/api/v1/try/picture?name=half.png", letter_l[:60])
    assert (status, result["error"][:8]) == (422, "half.png")


def test_a_name_is_shown_and_never_opened(lasting: Any) -> None:
    before = set(Path.cwd().iterdir())
    for name in ("../../etc/passwd", "C:\\secret\\passwd", "x/passwd"):
        status, result = post(lasting, f"/api/v1/try/picture?name={name}", b"x")
        assert (status, result["error"].split(" ")[0]) == (422, "passwd")
    assert "The file" in post(lasting, "/api/v1/try/picture?name=%00%0a", b"x")[1]["error"]
    assert len(post(lasting, f"/api/v1/try/picture?name={'n' * 500}", b"x")[1]["error"]) < 250
    assert set(Path.cwd().iterdir()) == before


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_decoded(
    lasting: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    huge = bytes(cv2.imencode(".png", np.zeros((10, 10, 3), np.uint8))[1])
    huge = huge[:16] + (50_000).to_bytes(4, "big") * 2 + huge[24:]
    monkeypatch.setattr(cv2, "imdecode", lambda *_: pytest.fail("decoded"))
    status, result = post(lasting, "/api/v1/try/picture?name=huge.png", huge)
    assert status == 422
    assert result["error"] == "huge.png has 50000 × 50000 pixels: choose a picture of at most 40 megapixels."


def test_a_picture_that_is_too_long_on_one_side_is_refused(lasting: Any) -> None:
    """A long screenshot: libraries abort over it, and with them the program."""
    long = bytes(cv2.imencode(".png", np.zeros((9000, 20, 3), np.uint8))[1])
    status, result = post(lasting, "/api/v1/try/picture?name=screen.png", long)
    assert status == 422
    assert result["error"].startswith("screen.png has 20 × 9000 pixels: choose a picture with sides of at most 8192")


def test_uploads_carry_the_header_that_no_other_site_can_send(lasting: Any, letter_l: bytes) -> None:
    cookie = lasting.owner_cookie()
    for headers in ({"Content_Type": "application/octet-stream"}, {"Content_Type": "image/png", "X_Signcap": "0"}):
        answer = lasting.get("/api/v1/try/picture", method="POST", body=letter_l, Cookie=cookie, **headers)
        assert answer.status == 415


def test_uploads_from_other_sites_are_refused(lasting: Any, letter_l: bytes) -> None:
    for headers in ({"Origin": "http://evil.example"}, {"Sec_Fetch_Site": "cross-site"}):
        assert post(lasting, "/api/v1/try/picture", letter_l, **UPLOAD, **headers)[0] == 403


def test_only_files_are_taken_where_files_are_taken_and_json_elsewhere(lasting: Any, letter_l: bytes) -> None:
    for kind, expected in (("image/png", 200), ("text/plain", 415), ("multipart/form-data", 415), ("video/mp4", 415)):
        headers = {"Content_Type": kind, "X_Signcap": "1"}
        assert post(lasting, "/api/v1/try/picture", letter_l, **headers)[0] == expected, kind
    assert post(lasting, "/api/v1/try/camera", letter_l, **UPLOAD)[0] == 415
    assert post(lasting, "/api/v1/preview", letter_l[:1000], **UPLOAD)[0] == 415


def test_a_body_that_says_it_is_too_large_is_refused_unread(lasting: Any) -> None:
    assert try_pages.try_picture.upload.limit == 20_000_000  # type: ignore[attr-defined]
    assert try_pages.try_clip.upload.limit == 100_000_000  # type: ignore[attr-defined]
    answer = lasting.get(
        "/api/v1/try/picture",
        method="POST",
        Cookie=lasting.owner_cookie(),
        **UPLOAD,
        Content_Length="20000001",
    )
    assert answer.status == 413
    assert "more than 20 MB" in json.loads(answer.body)["error"]


@pytest.mark.parametrize("kind", ["picture", "clip"])
def test_a_body_that_does_not_say_how_large_it_is_is_cut_off(
    lasting: Any, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    handler = getattr(try_pages, f"try_{kind}")
    monkeypatch.setattr(handler, "upload", replace(handler.upload, limit=1_000_000))
    chunk = b"80000\r\n" + b"x" * 0x80000 + b"\r\n"
    answer = lasting.get(
        f"/api/v1/try/{kind}",
        method="POST",
        body=chunk * 3 + b"0\r\n\r\n",
        Cookie=lasting.owner_cookie(),
        **UPLOAD,
        Transfer_Encoding="chunked",
    )
    assert answer.status == 413


def test_an_upload_that_takes_too_long_is_given_up(lasting: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(security, "TIME_LIMIT", 1000)
    monkeypatch.setattr(try_pages.try_picture, "seconds", 0.2)
    answer = lasting.get(
        "/api/v1/try/picture", method="POST", Cookie=lasting.owner_cookie(), **UPLOAD, Content_Length="1000"
    )
    assert answer.status == 408


@pytest.mark.parametrize("kind", ["picture", "clip"])
def test_an_upload_that_stops_coming_is_given_up(lasting: Any, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.setattr(security, "STILL_LIMIT", 0.2)
    answer = lasting.get(
        f"/api/v1/try/{kind}",
        method="POST",
        body=b"half",
        Cookie=lasting.owner_cookie(),
        **UPLOAD,
        Content_Length="1000",
    )
    assert (answer.status, json.loads(answer.body)["error"]) == (408, "The file stopped coming: send it again.")


def test_an_upload_has_more_time_than_other_requests(
    lasting: Any, letter_l: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    cookie = lasting.owner_cookie()
    monkeypatch.setattr(security, "TIME_LIMIT", 0.0)
    answer = lasting.get("/api/v1/try/picture", method="POST", body=letter_l, Cookie=cookie, **UPLOAD)
    assert answer.status == 200


def test_only_so_many_wait_for_their_turn(lasting: Any, letter_l: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(try_desk, "WAITING", -1)
    status, result = post(lasting, "/api/v1/try/picture", letter_l)
    assert (status, result["error"]) == (503, "Others are being read: try again in a moment.")


def test_only_the_last_results_are_kept(lasting: Any, letter_l: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(try_desk, "KEPT", 2)
    results = [post(lasting, "/api/v1/try/picture", letter_l)[1] for _ in range(3)]
    cookie = lasting.owner_cookie()
    found = [lasting.get(result["files"] + "crop.png", Cookie=cookie).status for result in results]
    assert found == [404, 200, 200]
    for name in ("other.png", "..%2Fcrop.png", "crop"):
        assert lasting.get(results[2]["files"] + name, Cookie=cookie).status == 404


@pytest.mark.slow
def test_an_animated_gif_is_read_as_a_clip(lasting: Any, tmp_path: Path) -> None:
    path, signer = tmp_path / "hi.gif", SyntheticSigner("HI", size=CLIP)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("gif", rate=20)
        stream.width, stream.height, stream.pix_fmt = *CLIP, "rgb8"
        for index in range(int(signer.duration * 20)):
            picture = av.VideoFrame.from_ndarray(signer.render(index / 20), format="bgr24")
            container.mux(stream.encode(picture.reformat(format="rgb8")))
        container.mux(stream.encode(None))
    headers = {"Content_Type": "image/gif", "X_Signcap": "1"}
    status, result = post(lasting, "/api/v1/try/clip?name=hi.gif", path.read_bytes(), **headers)
    assert (status, result.get("text")) == (200, "HI"), result
    assert post(lasting, result["files"] + "video", b"{}", **JSON)[0] == 200


@pytest.mark.slow
def test_a_clip_is_read_with_times_and_what_was_read_can_be_saved(
    lasting: Any, clip_hi: bytes, tmp_path: Path
) -> None:
    cookie = lasting.owner_cookie()
    status, result = post(lasting, "/api/v1/try/clip?name=hi.mp4", clip_hi)
    assert (status, result["text"]) == (200, "HI")
    assert [letter["letter"] for letter in result["letters"]] == ["H", "I"]
    first, second = result["letters"]
    spelled = SyntheticSigner("HI", size=CLIP).letters
    for letter, (_, start, end) in zip((first, second), spelled, strict=True):
        assert start - 0.4 < letter["start"] < letter["end"] < end + 0.4
        assert letter["confidence"] > 0.5
        assert picture(lasting, result, letter["picture"]).shape[1] == try_reading.LETTER_SIDE
    assert 0 < result["frames_with_hand"] <= result["frames"]
    assert picture(lasting, result, "poster.jpg").shape == (675, 900, 3)

    def saved(name: str) -> Any:
        return lasting.get(result["files"] + name, Cookie=cookie)

    lines = [json.loads(line) for line in saved("letters.jsonl").body.splitlines()]
    assert [line.get("letter", line.get("text")) for line in lines] == ["H", "I", "HI"]
    for name, kind in (("captions.vtt", "text/vtt"), ("captions.srt", "application/x-subrip")):
        answer = saved(name)
        assert (answer.status, answer.headers["Content-Type"].split(";")[0]) == (200, kind)
        assert answer.headers["Cache-Control"] == "no-store"
        assert b"HI" in answer.body
    assert saved("captioned.mp4").status == 404
    status, made = post(lasting, result["files"] + "video", b"{}", **JSON)
    assert (status, made) == (200, {"file": "captioned.mp4", "note": None})
    answer = saved("captioned.mp4")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "video/mp4")
    (tmp_path / "saved.mp4").write_bytes(answer.body)
    with av.open(str(tmp_path / "saved.mp4")) as container:
        assert [stream.type for stream in container.streams] == ["video", "subtitle"]
        frames = [frame.to_ndarray(format="bgr24") for frame in container.decode(video=0)]
    assert len(frames) >= result["frames"]
    assert (np.abs(frames[-1].astype(int) - frames[0])[200:].max(axis=2) > 100).mean() > 0.01, "captions are drawn"


@pytest.mark.slow
def test_clips_lie_in_a_private_folder_while_they_are_kept(
    lasting: Any, clip_short: bytes, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    queue = lasting.session.inspector
    monkeypatch.setattr(queue, "clips", try_clips.ClipFolder())
    monkeypatch.setattr(try_clips, "KEPT", 1)
    results = [post(lasting, "/api/v1/try/clip", clip_short)[1] for _ in range(2)]
    assert post(lasting, "/api/v1/try/clip", b"no clip")[0] == 422
    (folder,) = tmp_path.iterdir()
    assert folder.stat().st_mode & 0o077 == 0
    assert len([entry for entry in folder.iterdir() if entry.is_dir()]) == 1
    statuses = [post(lasting, result["files"] + "video", b"{}", **JSON)[0] for result in results]
    assert statuses == [404, 200]
    queue.clips.close()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("data", [b"", b"no clip at all", b"ffconcat version 1.0\nfile /etc/hostname\n"])
def test_what_is_no_clip_is_named_without_telling_where_it_lay(lasting: Any, data: bytes) -> None:
    status, result = post(lasting, "/api/v1/try/clip?name=odd.mp4", data)
    assert status == 422
    assert result["error"].startswith("odd.mp4 ")
    assert tempfile.gettempdir() not in result["error"]


def test_clips_that_are_too_long_or_too_large_are_refused(
    lasting: Any, clip_hi: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert VideoLimits(seconds=60, side=4096) == try_reading.CLIP_LIMITS
    for limits, words in (
        (VideoLimits(seconds=1, side=4096), "longer than 1 seconds"),
        (VideoLimits(seconds=60, side=300), "320 × 240 pixels"),
    ):
        monkeypatch.setattr(try_reading, "CLIP_LIMITS", limits)
        status, result = post(lasting, "/api/v1/try/clip?name=long.mp4", clip_hi)
        assert status == 422
        assert words in result["error"]


@pytest.mark.slow
def test_a_clip_that_nobody_waits_for_is_let_go(
    lasting: Any, clip_hi: bytes, letter_l: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = 0
    frame_of = video_file.VideoFile.read

    def slow(self: Any) -> Any:
        nonlocal read
        read += 1
        time.sleep(0.2)
        return frame_of(self)

    monkeypatch.setattr(video_file.VideoFile, "read", slow)
    monkeypatch.setattr(try_pages.try_clip, "seconds", 0.7)
    assert post(lasting, "/api/v1/try/clip", clip_hi)[0] == 408
    stopped = read
    assert stopped < 15
    assert post(lasting, "/api/v1/try/picture", letter_l)[1]["text"] == "L"
    assert read == stopped


def test_a_frame_of_the_source_that_runs_is_tried(running: Any) -> None:
    status, result = post(running, "/api/v1/try/camera", b"{}", **JSON)
    assert (status, result["hand"], result["name"]) == (200, None, "a moving square")
    assert picture(running, result, "picture.jpg").shape[1] == try_reading.SMALLEST_SHOWN
    running.pipeline.stop()
    status, result = post(running, "/api/v1/try/camera", b"{}", **JSON)
    assert status == 409
    assert "has ended" in result["error"]


@pytest.mark.parametrize("body", [b"", b"[]", b"nonsense", b'{"model": 3}'])
def test_an_odd_request_for_a_frame_is_refused(lasting: Any, body: bytes) -> None:
    assert post(lasting, "/api/v1/try/camera", body, **JSON)[0] == 400


def test_weights_can_be_chosen(running: Any, folders: Folders, letter_l: bytes) -> None:
    shutil.copytree(shipped_model(), folders.runs / "one" / "model", ignore=shutil.ignore_patterns("*.py"))
    (folders.runs / "odd").mkdir()
    (folders.runs / "odd" / "model.json").write_text('{"name": "odd"}')
    body = json.loads(running.get("/api/v1/try/models", Cookie=running.owner_cookie()).body)
    assert [model["id"] for model in body["models"]] == ["shipped", "runs/odd", "runs/one/model"]
    assert post(running, "/api/v1/try/picture?model=runs/one/model", letter_l)[1]["text"] == "L"
    status, result = post(running, "/api/v1/try/picture?model=runs/odd", letter_l)
    assert status == 422
    assert "does not hold a Signcap model" in result["error"]
    for other in ("runs/..", "/", str(folders.runs / "one" / "model"), "runs/one", ""):
        assert post(running, f"/api/v1/try/picture?model={other}", letter_l)[0] == 404, other


@pytest.mark.unit
def test_no_more_than_two_recognisers_stay_loaded(letter_l: bytes, tmp_path: Path) -> None:
    reader = try_reading.TryReader()
    for name in "abc":
        shutil.copytree(shipped_model(), tmp_path / name, ignore=shutil.ignore_patterns("*.py"))
        assert reader.read_file(letter_l, "l.png", tmp_path / name).about["text"] == "L"
    assert len(reader._recognizers) == try_reading.RECOGNIZERS
    reader.close()


def test_every_route_asks_for_the_owner(lasting: Any) -> None:
    assert lasting.app is not None
    handlers = [
        route.handler
        for route in lasting.app.router.routes()
        if any(part in str(route.resource.canonical) for part in ("/runs", "/try", "/data"))
    ]
    assert len(handlers) > 12
    assert all(getattr(handler, "least_role", None) is Role.OWNER for handler in handlers)
