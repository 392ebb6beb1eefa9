"""Kept sessions over real HTTP, in real files, of a real pipeline."""

import json
import logging
import os
from pathlib import Path
from typing import Any

import av
import pytest

from overlay.transcripts.store import TranscriptStore
from tests.waiting import until

pytestmark = pytest.mark.integration

API = "/api/v1/transcripts"
JSON = {"Content_Type": "application/json", "X_Signcap": "1"}


class Owner:
    """Somebody who signs, types and asks."""

    def __init__(self, server: Any, reader: Any) -> None:
        self.server, self.reader = server, reader
        self.cookie = server.owner_cookie()
        self.folder = Path(server.store.current.transcript.folder)

    def ask(self, path: str, body: Any = None, method: str | None = None) -> Any:
        answer = self.server.get(
            path,
            method=method or ("GET" if body is None else "POST"),
            body=b"" if body is None else json.dumps(body).encode(),
            Cookie=self.cookie,
            **({} if body is None else JSON),
        )
        assert answer.status < 300, answer.body
        return json.loads(answer.body) if answer.body else None

    def keep(self, keep: bool = True, **more: Any) -> None:
        self.ask("/api/v1/settings", {"transcript": {"keep": keep, **more}}, "PATCH")

    def type(self, text: str) -> None:
        self.ask("/api/v1/captions/edits", {"edit": "type", "text": text, "end": True})

    def overview(self) -> Any:
        return self.ask(API)

    def notices(self) -> list[str]:
        """What the start page tells of the transcript; of a busy machine it tells too."""
        return [one for one in self.ask("/api/v1/status")["notices"] if "transcript" in one]

    def words(self) -> list[list[str]]:
        """All captions of all sessions, the newest first."""
        return [[cue.text for cue in session.cues] for session in TranscriptStore(self.folder).sessions()]

    def this_run(self) -> str:
        """All letters that are captioned in it, whether they are kept or not."""
        answer = self.server.get("/api/v1/captions.txt", Cookie=self.cookie)
        return "".join(answer.body.decode().split())

    def refusal(self, path: str, *, method: str = "GET", body: Any = None) -> int:
        encoded = b"" if body is None else json.dumps(body).encode()
        headers = {} if method == "GET" else JSON
        return int(self.server.get(path, method=method, body=encoded, Cookie=self.cookie, **headers).status)


@pytest.fixture
def owner(spelling: Any) -> Owner:
    return Owner(*spelling)


def test_nothing_is_kept_unless_the_owner_wants_it(owner: Owner) -> None:
    owner.reader.spell("HELLO.")
    until(lambda: "HELLO" in owner.this_run())
    owner.type("WORLD")
    until(lambda: "WORLD" in owner.this_run())
    assert not owner.folder.exists()
    overview = owner.overview()
    assert (overview["keep"], overview["sessions"], overview["current"]) == (False, [], None)
    assert owner.ask("/api/v1/status")["transcript"] is False


def test_what_is_signed_and_typed_is_kept_from_then_on(owner: Owner) -> None:
    owner.type("BEFORE")
    owner.keep()
    assert owner.ask("/api/v1/status")["transcript"] is True
    owner.reader.spell("HELLO.")
    until(lambda: owner.words() == [["HELLO"]])
    owner.type("and typed")
    until(lambda: owner.words() == [["HELLO", "and typed"]])
    overview = owner.overview()
    (session,) = overview["sessions"]
    assert overview["current"] == session["name"]
    assert overview["folder"] == str(owner.folder)
    assert (session["captions"], session["words"], session["first_words"]) == (2, 3, "HELLO and typed")
    owner.keep(False)
    until(lambda: owner.overview()["current"] is None)
    owner.type("AFTER")
    owner.keep()
    owner.type("AGAIN")
    until(lambda: sorted(owner.words()) == [["AGAIN"], ["HELLO", "and typed"]])


def test_what_has_not_changed_is_not_told_again(owner: Owner) -> None:
    first = owner.overview()
    assert owner.ask(f"{API}?known={first['revision']}") == {"revision": first["revision"]}
    owner.keep()
    owner.type("HELLO")
    until(lambda: "sessions" in owner.ask(f"{API}?known={first['revision']}"))


def test_a_session_is_read_with_what_is_sought_marked(owner: Owner) -> None:
    owner.keep()
    owner.type("I AM JOSÉ")
    owner.type("NICE TO MEET YOU")
    until(lambda: owner.words() == [["I AM JOSÉ", "NICE TO MEET YOU"]])
    name = owner.overview()["current"]
    session = owner.ask(f"{API}/{name}?q=jose")
    assert [cue["pieces"] for cue in session["cues"]] == [
        [["I AM ", False], ["JOSÉ", True]],
        [["NICE TO MEET YOU", False]],
    ]
    assert [cue["typed"] for cue in session["cues"]] == [True, True]
    found = owner.ask(f"{API}/search?q=jose")
    assert found["captions"] == 1
    assert [hit["text"] for one in found["sessions"] for hit in one["hits"]] == ["I AM JOSÉ"]
    assert owner.ask(f"{API}/search?q=") == {"captions": 0, "sessions": []}
    assert owner.ask(f"{API}/search?q={'x' * 5000}") == {"captions": 0, "sessions": []}


def test_a_session_is_saved_as_each_kind_of_file(owner: Owner, tmp_path: Path) -> None:
    owner.keep()
    owner.reader.spell("HELLO.WORLD.")
    until(lambda: owner.words() == [["HELLO", "WORLD"]])
    owner.type("a <b> & c")
    until(lambda: owner.words() == [["HELLO", "WORLD", "a <b> & c"]])
    name = owner.overview()["current"]
    files = {}
    for kind in ("txt", "vtt", "srt", "json"):
        answer = owner.server.get(f"{API}/{name}.{kind}", Cookie=owner.cookie)
        disposition = f'attachment; filename="captions-{name[:15]}.{kind}"'
        assert (answer.status, answer.headers["Content-Disposition"]) == (200, disposition)
        files[kind] = answer.body.decode()
    assert files["txt"].split("\n")[0] == "HELLO"
    for kind in ("vtt", "srt"):
        path = tmp_path / f"a.{kind}"
        path.write_text(files[kind])
        with av.open(str(path)) as container:
            packets = [packet for packet in container.demux() if packet.pts is not None]
        assert [bytes(packet).decode() for packet in packets[:2]] == ["HELLO", "WORLD"]
        assert packets[0].pts == 0
    body = json.loads(files["json"])
    assert [cue["text"] for cue in body["cues"]] == ["HELLO", "WORLD", "a <b> & c"]
    assert [cue["typed"] for cue in body["cues"]] == [False, False, True]


def test_this_run_is_saved_as_json_where_nothing_is_kept(owner: Owner) -> None:
    owner.reader.spell("HELO.")
    choice = {"edit": "choose", "caption": 0, "word": 0, "read": "HELO", "chosen": "HELLO"}
    until(lambda: owner.refusal("/api/v1/captions/edits", method="POST", body=choice) == 200)
    owner.type("typed")
    answer = owner.server.get("/api/v1/captions.json", Cookie=owner.server.viewer_cookie())
    body = json.loads(answer.body)
    assert [(cue["text"], cue["typed"], cue["edited"]) for cue in body["cues"]] == [
        ("HELLO", False, True),
        ("typed", True, False),
    ]
    assert list(body) == ["version", "start", "cues"]
    assert not owner.folder.exists()


def test_deleted_is_gone_also_while_it_is_kept(owner: Owner) -> None:
    owner.keep()
    owner.type("SECRET")
    until(lambda: owner.words() == [["SECRET"]])
    name = owner.overview()["current"]
    assert owner.refusal(f"{API}/{name}", method="DELETE", body={}) == 204
    assert list(owner.folder.iterdir()) == []
    assert owner.refusal(f"{API}/{name}") == 404
    assert owner.refusal(f"{API}/{name}", method="DELETE", body={}) == 404
    owner.type("NEXT")
    until(lambda: owner.words() == [["NEXT"]])
    assert owner.overview()["current"] != name


def test_all_are_deleted_only_where_that_is_said(owner: Owner) -> None:
    owner.keep()
    owner.type("ONE")
    until(lambda: owner.words() == [["ONE"]])
    (owner.folder / "notes.txt").write_text("mine")
    for body in ({}, {"all": False}, {"all": True, "x": 1}):
        assert owner.refusal(API, method="DELETE", body=body) == 400
    assert owner.words() == [["ONE"]]
    assert owner.ask(API, {"all": True}, "DELETE") == {"deleted": 1}
    assert [path.name for path in owner.folder.iterdir()] == ["notes.txt"]


@pytest.mark.parametrize(
    "name",
    ["..%2F..%2Fsettings", "%2Fetc%2Fpasswd", "2026-13-45-990000-000001", "settings", "2026-11-24-120000-0a1b2c%00"],
)
def test_a_name_leads_nowhere_else(owner: Owner, name: str) -> None:
    owner.folder.mkdir()
    for path in (f"{API}/{name}", f"{API}/{name}.txt", f"{API}/{name}.json"):
        assert owner.refusal(path) == 404
    assert owner.refusal(f"{API}/{name}", method="DELETE", body={}) in (404, 405)


def test_a_folder_that_cannot_be_written_is_told_and_captions_go_on(owner: Owner) -> None:
    said = owner.server.said
    owner.folder.write_text("in the way")
    owner.keep()
    owner.type("HELLO")
    until(lambda: owner.overview()["trouble"] and said)
    (notice,) = owner.notices()
    assert said == [notice]
    assert str(owner.folder) in notice
    owner.type("WORLD")
    assert "HELLO" in owner.this_run()
    owner.folder.unlink()
    until(lambda: owner.words() == [["HELLO", "WORLD"]])
    until(lambda: owner.overview()["trouble"] is None and len(said) > 1)
    assert owner.notices() == []
    assert said == [notice, "The transcript is written again."]


def test_damaged_files_stop_nothing(owner: Owner) -> None:
    owner.folder.mkdir()
    (owner.folder / "2026-11-24-120000-0a1b2c.jsonl").write_bytes(b"\x00\xff{[")
    (owner.folder / "2026-11-24-130000-0a1b2c.jsonl").mkdir()
    (owner.folder / "2026-11-24-140000-0a1b2c.txt").write_text("without its record")
    (owner.folder / "2026-02-30-140000-0a1b2c.jsonl").write_text("no such day")
    sessions = owner.overview()["sessions"]
    assert [session["name"][11:13] for session in sessions] == ["14", "13", "12"]
    assert not any(session["whole"] for session in sessions)
    for session in sessions:
        for path in ("", ".txt", ".vtt", ".srt", ".json"):
            assert owner.refusal(f"{API}/{session['name']}{path}") == 200
    assert owner.refusal(f"{API}/{sessions[1]['name']}", method="DELETE", body={}) == 409
    assert owner.refusal(f"{API}/{sessions[2]['name']}", method="DELETE", body={}) == 204


def test_old_sessions_go_as_soon_as_days_are_set(owner: Owner) -> None:
    owner.keep()
    owner.type("NEW")
    until(lambda: owner.words() == [["NEW"]])
    old = owner.folder / "2020-11-24-120000-0a1b2c.jsonl"
    old.write_text("{}")
    os.utime(old, (1_600_000_000, 1_600_000_000))
    owner.keep(days=7)
    until(lambda: not old.exists())
    assert owner.words() == [["NEW"]]


def test_putting_settings_back_leaves_transcripts_alone(owner: Owner) -> None:
    owner.keep(days=3, times=True)
    kept = owner.server.store.current.transcript
    owner.ask("/api/v1/settings/reset", {})
    assert owner.server.store.current.transcript.model_copy(update={"folder": ""}) == kept.model_copy(
        update={"folder": ""}
    )


@pytest.mark.parametrize(
    "folder", ["transcripts", "../x", "~nobody-of-that-name/x", "/folder/\x00", "/folder/a\nb", "/" + "x" * 2000]
)
def test_a_folder_is_a_whole_path(owner: Owner, folder: str) -> None:
    body = {"transcript": {"folder": folder}}
    assert owner.refusal("/api/v1/settings", method="PATCH", body=body) == 422


def test_no_log_holds_what_is_said(owner: Owner, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    owner.folder.write_text("in the way")
    owner.keep()
    owner.type("XYLOPHONE")
    until(lambda: owner.overview()["trouble"])
    owner.folder.unlink()
    until(lambda: owner.words() == [["XYLOPHONE"]])
    owner.ask(f"{API}/search?q=xylophone")
    owner.ask(f"{API}/{owner.overview()['current']}?q=xylophone")
    assert "xylophone" not in caplog.text.lower()
    assert "XYLOPHONE" not in repr(TranscriptStore(owner.folder).sessions())
