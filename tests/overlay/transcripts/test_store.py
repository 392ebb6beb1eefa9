"""Sessions in a folder that may hold anything."""

import json
import os
import sys
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overlay.core.errors import SigncapError
from overlay.transcripts.export import to_json
from overlay.transcripts.search import fold, pieces, sought_words
from overlay.transcripts.session import KeptCue, is_name
from overlay.transcripts.session_files import SessionFiles
from overlay.transcripts.store import FOUND, TranscriptStore

pytestmark = pytest.mark.unit

FIRST, SECOND, THIRD = (f"2026-11-2{day}-120000-00000{day}" for day in (1, 2, 3))
HEAD = '{"signcap": 1, "began": "2026-11-21T12:00:00.000+01:00"}\n'


def cue(index: int, text: str, start: float = 0.0, end: float = 1.0) -> str:
    return json.dumps({"cue": index, "start": start, "end": end, "text": text}) + "\n"


def put(folder: Path, name: str, *texts: str) -> None:
    lines = "".join(cue(index, text, index * 2.0, index * 2.0 + 1) for index, text in enumerate(texts))
    (folder / f"{name}.jsonl").write_text(HEAD + lines, "utf-8")
    (folder / f"{name}.txt").write_text("\n".join(texts), "utf-8")


def found(folder: Path, query: str) -> list[tuple[str, str, list[str]]]:
    """Session, caption and what is marked of each hit."""
    return [
        (one.session.name, hit.cue.text, [text for text, sought in hit.pieces if sought])
        for one in TranscriptStore(folder).search(query)
        for hit in one.hits
    ]


def test_no_folder_is_no_sessions(tmp_path: Path) -> None:
    store = TranscriptStore(tmp_path / "absent")
    assert (store.sessions(), store.search("A"), store.delete_all()) == ([], [], 0)


def test_the_newest_comes_first_and_tells_its_length(tmp_path: Path) -> None:
    put(tmp_path, FIRST, "HELLO YOU", "BYE")
    put(tmp_path, THIRD, "THIRD")
    put(tmp_path, SECOND, "SECOND")
    sessions = TranscriptStore(tmp_path).sessions()
    assert [session.name for session in sessions] == [THIRD, SECOND, FIRST]
    last = sessions[-1]
    assert (last.seconds, last.words, last.first_words) == (3.0, 3, "HELLO YOU BYE")
    assert last.began == datetime.fromisoformat("2026-11-21T12:00:00+01:00")


def test_what_is_shown_of_a_session_is_short(tmp_path: Path) -> None:
    put(tmp_path, FIRST, *["NICE TO MEET YOU"] * 20)
    put(tmp_path, SECOND, "X" * 500)
    assert all(10 < len(session.first_words) <= 82 for session in TranscriptStore(tmp_path).sessions())


def test_a_file_that_grows_is_read_again(tmp_path: Path) -> None:
    store = TranscriptStore(tmp_path)
    put(tmp_path, FIRST, "HELLO")
    assert store.session(FIRST).words == 1
    put(tmp_path, FIRST, "HELLO", "WORLD")
    assert store.session(FIRST).words == 2
    assert [one.session.words for one in store.search("wor")] == [2]


def test_a_line_that_was_cut_by_the_end_of_its_run_is_left_out(tmp_path: Path) -> None:
    (tmp_path / f"{FIRST}.jsonl").write_text(HEAD + cue(0, "HELLO") + cue(1, "WORLD")[:-12])
    session = TranscriptStore(tmp_path).session(FIRST)
    assert ([one.text for one in session.cues], session.whole) == (["HELLO"], False)


DAMAGED = [
    b"",
    b"\x00" * 5000,
    b"\xff\xfe\x80",
    b"[" * 100_000,
    b'{"began": 3}\n[]\n3\nnull\n"x"\n',
    b'{"signcap": 1, "began": "2026-99-99"}\n',
    b'{"cue": -1, "start": 0, "end": 1, "text": "X"}\n',
    b'{"cue": true, "start": 0, "end": 1, "text": "X"}\n',
    b'{"cue": 1, "start": NaN, "end": Infinity, "text": "X"}\n',
    b'{"cue": 1, "start": 1' + b"0" * 400 + b', "end": 1, "text": "X"}\n',
    b'{"cue": 1, "start": 0, "end": 1e300, "text": "X"}\n',
    b'{"cue": 1, "start": 0, "end": 1, "text": ["X"]}\n',
    b'{"cue": 1, "start": 0, "end": 1, "text": "  "}\n',
]


@pytest.mark.parametrize("content", DAMAGED, ids=range(len(DAMAGED)))
def test_a_damaged_file_is_a_session_without_captions(tmp_path: Path, content: bytes) -> None:
    (tmp_path / f"{FIRST}.jsonl").write_bytes(content)
    put(tmp_path, SECOND, "HELLO")
    store = TranscriptStore(tmp_path)
    damaged = store.sessions()[1]
    assert (damaged.name, damaged.cues, damaged.seconds) == (FIRST, (), 0.0)
    assert len(store.search("x")) == 0
    store.delete(FIRST)
    assert [session.name for session in store.sessions()] == [SECOND]


def test_what_can_be_read_between_damaged_lines_is(tmp_path: Path) -> None:
    content = HEAD.encode() + b"\x00\xff\n" + cue(1, "HELLO").encode() + b"{}\n" + cue(2, "W\ud83d").encode()
    (tmp_path / f"{FIRST}.jsonl").write_bytes(content)
    session = TranscriptStore(tmp_path).session(FIRST)
    assert ([one.text for one in session.cues], session.whole) == (["HELLO", "W?"], False)


@pytest.mark.skipif(sys.platform == "win32", reason="there are no FIFOs")
def test_what_is_no_file_is_not_waited_for_or_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(HEAD + cue(0, "SECRET"))
    folder = tmp_path / "sessions"
    folder.mkdir()
    os.mkfifo(folder / f"{FIRST}.jsonl")
    (folder / f"{SECOND}.jsonl").mkdir()
    (folder / f"{THIRD}.jsonl").symlink_to(secret)
    store = TranscriptStore(folder)
    assert [session.cues for session in store.sessions()] == [(), (), ()]
    store.delete(THIRD)
    assert secret.exists()
    with pytest.raises(SigncapError, match="cannot be deleted"):
        store.delete(SECOND)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "..",
        f"../{FIRST}",
        f"{FIRST}/",
        f"{FIRST}\x00",
        f"{FIRST}\n",
        f"{FIRST}.jsonl",
        FIRST.replace("-", "/", 1),
        FIRST.upper().replace("0", "٠"),
        "2026-13-45-990000-000001",
        "/etc/passwd",
    ],
)
def test_a_name_leads_nowhere_else(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "sessions"
    folder.mkdir()
    put(tmp_path, FIRST, "OUTSIDE")
    for work in (TranscriptStore(folder).session, TranscriptStore(folder).delete):
        with pytest.raises(SigncapError, match="no such session"):
            work(name)
    assert not is_name(name)
    assert len(list(tmp_path.iterdir())) == 3


def test_deleted_is_gone_and_other_files_stay(tmp_path: Path) -> None:
    for name in (FIRST, SECOND, THIRD):
        put(tmp_path, name, "HELLO")
    others = [f"{FIRST}.vtt", f"{FIRST}.txt~", "2026-11-21.txt", "notes.txt", "x.jsonl"]
    for name in others:
        (tmp_path / name).write_text("mine")
    store = TranscriptStore(tmp_path)
    store.delete(SECOND)
    assert not list(tmp_path.glob(f"{SECOND}*"))
    assert store.search("hello")[0].session.name == THIRD
    assert store.delete_all() == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(others)
    assert (store.sessions(), store.search("hello")) == ([], [])


@pytest.mark.parametrize(
    ("query", "text", "marked"),
    [
        ("jose", "I AM JOSÉ", ["JOSÉ"]),
        ("JOSÉ", "jose said", ["jose"]),
        ("josé", "JOSE\u0301 HERE", ["JOSE\u0301"]),
        ("strasse", "Die Straße", ["Straße"]),
        ("ss", "Straße", ["ß"]),
        ("istanbul", "İSTANBUL", ["İSTANBUL"]),
        ("l l", "HELLO", ["L", "L"]),
        ("(.*)", "A (.*) B", ["(.*)"]),
        ("ﬁne", "fine", ["fine"]),
        ("o'brien", "O'BRIEN", ["O'BRIEN"]),
        ("🙂", "HI 🙂", ["🙂"]),
    ],
)
def test_case_and_accents_make_no_difference(tmp_path: Path, query: str, text: str, marked: list[str]) -> None:
    put(tmp_path, FIRST, "NOTHING", text)
    assert found(tmp_path, query) == [(FIRST, text, marked)]


def test_each_word_stands_somewhere_in_the_session(tmp_path: Path) -> None:
    put(tmp_path, FIRST, "ANNA IS HERE", "FROM BERLIN")
    put(tmp_path, SECOND, "ANNA")
    assert found(tmp_path, "berlin anna") == [
        (FIRST, "ANNA IS HERE", ["ANNA"]),
        (FIRST, "FROM BERLIN", ["BERLIN"]),
    ]
    assert found(tmp_path, "anna paris") == []
    assert found(tmp_path, "   ") == []


def test_a_search_shows_no_more_than_can_be_read_and_counts_all(tmp_path: Path) -> None:
    put(tmp_path, FIRST, *["HELLO"] * (FOUND - 50))
    put(tmp_path, SECOND, *["HELLO"] * (FOUND - 50))
    result = TranscriptStore(tmp_path).search("hello")
    assert sum(len(one.hits) for one in result) == FOUND
    assert [one.count for one in result] == [FOUND - 50, FOUND - 50]


@given(st.text(), st.text(max_size=5))
def test_pieces_are_the_text_and_marked_where_it_is_sought(text: str, query: str) -> None:
    words = sought_words(query)
    cut = pieces(text, words)
    assert "".join(piece for piece, _ in cut) == text
    assert all(piece for piece, _ in cut)
    assert any(sought for _, sought in cut) == any(word in fold(text) for word in words)


def test_json_has_stable_names(tmp_path: Path) -> None:
    files = SessionFiles(tmp_path, 1_800_000_000.0, times=False)
    files.add(KeptCue(4, "GRÜSSE", 1_800_000_000.0, 1_800_000_001.5, typed=True), 0.0)
    files.end(0.0)
    (session,) = TranscriptStore(tmp_path).sessions()
    body = json.loads(to_json(session.began, session.cues))
    began = datetime.fromisoformat(body.pop("start"))
    assert (began.timestamp(), began.utcoffset() is not None) == (1_800_000_000.0, True)
    assert body == {
        "version": 1,
        "cues": [{"start": 0.0, "end": 1.5, "text": "GRÜSSE", "typed": True, "edited": False}],
    }
