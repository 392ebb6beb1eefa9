"""What is signed and typed, in real files while it comes."""

import json
import os
import shutil
import stat
import sys
from pathlib import Path
from typing import Any

import pytest

from overlay.core.errors import SigncapError
from overlay.transcripts.session import is_name
from overlay.transcripts.store import TranscriptStore
from overlay.transcripts.text_file import make_text_file
from overlay.transcripts.text_lines import SETTLES
from overlay.transcripts.writer import AGAIN_AFTER, EXPIRE_EVERY
from tests.clock import MORNING
from tests.overlay.transcripts.conftest import Desk

pytestmark = pytest.mark.unit


def records(desk: Desk) -> list[dict[str, Any]]:
    (path,) = desk.files(".jsonl")
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_nothing_is_kept_unless_asked_for(desk: Desk) -> None:
    person = desk.person(desk.use(keep=False))
    person.say("HELLO", "WORLD")
    desk.end()
    assert not desk.folder.exists()


def test_a_line_comes_with_each_caption_and_is_there_at_once(desk: Desk) -> None:
    person = desk.person()
    person.say("HELLO")
    assert desk.texts() == ["HELLO\n"]
    (path,) = desk.files(".txt")
    with path.open("rb") as follower:  # as `tail -f` reads it
        assert follower.read() == b"HELLO\n"
        person.sign("WOR")
        person.say("LD")
        assert desk.texts() == ["HELLO\nWORLD\n"]
        assert follower.read() == b"WORLD\n"
    assert is_name(path.stem)


def test_nobody_else_can_read_it(desk: Desk) -> None:
    desk.person().say("HELLO")
    assert desk.texts() == ["HELLO\n"]
    assert stat.S_IMODE(desk.folder.stat().st_mode) == 0o700
    assert [stat.S_IMODE(path.stat().st_mode) for path in desk.folder.iterdir()] == [0o600, 0o600]


def test_the_record_holds_when_it_was(desk: Desk) -> None:
    person = desk.person()
    person.say("HELLO", "WORLD")
    assert desk.texts() == ["HELLO\nWORLD\n"]
    (session,) = TranscriptStore(desk.folder).sessions()
    assert session.began.timestamp() == pytest.approx(MORNING + 100.1, abs=0.01)
    assert session.began.tzinfo is not None
    found = [(cue.text, cue.start, cue.end) for cue in session.cues]
    assert found == [("HELLO", 0.0, pytest.approx(0.4)), ("WORLD", pytest.approx(5.5), pytest.approx(5.9))]


def test_times_go_on_while_the_machine_sleeps(desk: Desk) -> None:
    person = desk.person()
    person.say("HELLO")
    desk.clock.ahead += 600  # frame times stood still meanwhile
    person.say("WORLD")
    assert desk.texts() == ["HELLO\nWORLD\n"]
    (session,) = TranscriptStore(desk.folder).sessions()
    assert session.cues[1].start == pytest.approx(605.5)


def test_the_time_of_day_stands_before_lines_where_that_is_wanted(desk: Desk) -> None:
    person = desk.person(desk.use(times=True))
    person.say("HELO")
    person.choose(0, "HELO", "HELLO")
    desk.end()
    first, second = desk.texts()[0].splitlines()
    assert first[8:] == " HELO"
    assert second == "         → HELLO"
    hours, minutes, seconds = first[:8].split(":")
    assert (int(minutes) * 60 + int(seconds)) == int(MORNING + 100) % 3600
    assert 0 <= int(hours) < 24


def test_a_change_is_a_line_of_its_own_below(desk: Desk) -> None:
    person = desk.person()
    person.say("HELO")
    assert desk.texts() == ["HELO\n"]
    person.choose(0, "HELO", "HELLO")
    person.sign("WOR")
    person.say("LD")
    assert desk.texts() == ["HELO\n  → HELLO\nWORLD\n"]  # with the next caption at the latest
    assert [(one["cue"], one["text"], one.get("edited", False)) for one in records(desk)[1:]] == [
        (0, "HELO", False),
        (0, "HELLO", True),
        (1, "WORLD", False),
    ]
    (session,) = TranscriptStore(desk.folder).sessions()
    assert [(cue.text, cue.edited) for cue in session.cues] == [("HELLO", True), ("WORLD", False)]


def test_a_change_is_told_after_a_moment_also_where_nothing_follows(desk: Desk) -> None:
    person = desk.person()
    person.say("HELO")
    person.choose(0, "HELO", "HELLO")
    desk.clock.advance(SETTLES - 0.1)
    assert desk.texts() == ["HELO\n"]
    desk.clock.advance(0.1)
    assert desk.texts() == ["HELO\n  → HELLO\n"]


def test_one_that_is_taken_back_at_once_is_not_told(desk: Desk) -> None:
    person = desk.person()
    person.say("HELO")
    person.choose(0, "HELO", "HELP")
    person.undo()
    person.choose(0, "HELO", "HELLO")
    person.undo()
    desk.end()
    assert desk.texts() == ["HELO\n"]
    (session,) = TranscriptStore(desk.folder).sessions()
    assert [cue.text for cue in session.cues] == ["HELO"]


def test_no_caption_can_be_taken_for_a_change_or_for_two(desk: Desk) -> None:
    person = desk.person()
    person.type("   → HELLO")
    person.type("ONE\u2028TWO\x85THREE")
    assert desk.texts() == ["→ HELLO\nONE TWO THREE\n"]


def test_what_was_typed_or_changed_is_told(desk: Desk) -> None:
    person = desk.person()
    person.say("HELLO YOU")
    person.type("Grüße & Küsse")
    person.sign("HI")
    person.type(" there")
    person.sign("HELO ")
    person.choose(3, "HELO", "HELLO")
    person.wait(5.0)
    desk.end()
    (session,) = TranscriptStore(desk.folder).sessions()
    assert [(cue.text, cue.typed, cue.edited) for cue in session.cues] == [
        ("HELLO YOU", False, False),
        ("Grüße & Küsse", True, False),
        ("HI there", False, True),
        ("HELLO", False, True),
    ]


def test_the_caption_that_is_being_signed_at_the_end_is_kept(desk: Desk) -> None:
    person = desk.person()
    person.say("HELLO")
    person.sign("WOR")
    desk.end()
    assert desk.texts() == ["HELLO\nWOR\n"]


def test_switched_on_it_keeps_what_comes_from_then_on(desk: Desk) -> None:
    person = desk.person(desk.use(keep=False))
    person.say("HELO")
    desk.writer.configure(desk.use())
    person.choose(0, "HELO", "HELLO")  # was finished before
    person.say("WORLD")
    assert desk.texts() == ["WORLD\n"]
    desk.writer.configure(desk.use(keep=False))
    person.say("BYE")
    desk.writer.configure(desk.use())
    person.say("AGAIN")
    desk.end()
    assert sorted(desk.texts()) == ["AGAIN\n", "WORLD\n"]


def test_an_hour_of_silence_begins_another_session(desk: Desk) -> None:
    person = desk.person()
    person.say("HELLO")
    person.wait(3000)
    person.say("STILL")
    person.wait(3700)
    person.say("WORLD")
    assert desk.texts() == ["HELLO\nSTILL\n", "WORLD\n"]


def test_two_at_once_never_write_into_one_file(desk: Desk) -> None:
    one, other = desk.person(), desk.person()
    for _ in range(3):
        one.say("ONE")
        other.say("OTHER")
    assert sorted(desk.texts()) == ["ONE\n" * 3, "OTHER\n" * 3]
    assert len(desk.files(".jsonl")) == 2


def test_what_cannot_be_written_is_told_once_and_written_when_it_can(desk: Desk) -> None:
    desk.folder.parent.mkdir()
    desk.folder.write_text("in the way")
    person = desk.person()
    person.say("HELLO", "WORLD")
    (sentence,) = desk.told
    assert sentence is not None
    assert str(desk.folder) in sentence
    assert "it is tried again" in sentence
    assert desk.writer.trouble == sentence
    desk.folder.unlink()
    assert desk.texts() == []
    desk.try_again()
    assert desk.texts() == ["HELLO\nWORLD\n"]
    assert desk.told == [sentence, None]
    person.say("BYE")
    assert desk.texts() == ["HELLO\nWORLD\nBYE\n"]


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written(desk: Desk) -> None:
    desk.folder.mkdir(parents=True)
    desk.folder.chmod(0o500)
    person = desk.person()
    person.say("HELLO")
    assert len(desk.told) == 1
    desk.folder.chmod(0o700)
    desk.try_again()
    assert desk.texts() == ["HELLO\n"]


def test_a_change_that_is_due_waits_for_the_disk_as_well(desk: Desk) -> None:
    desk.folder.parent.mkdir()
    desk.folder.write_text("in the way")
    person = desk.person()
    person.say("HELO")
    desk.clock.advance(AGAIN_AFTER / 4)  # so that it is due between two tries
    person.choose(0, "HELO", "HELLO")
    desk.clock.advance(2 * SETTLES)
    desk.folder.unlink()
    desk.try_again()
    assert desk.texts() == ["HELO\n  → HELLO\n"]


def test_a_folder_that_vanishes_begins_anew_and_nothing_deleted_comes_back(desk: Desk) -> None:
    person = desk.person()
    person.say("HELO")
    assert desk.texts() == ["HELO\n"]
    shutil.rmtree(desk.folder)
    person.choose(0, "HELO", "HELLO")
    person.say("WORLD")
    assert desk.texts() == ["WORLD\n"]
    assert "HEL" not in desk.files(".jsonl")[0].read_text()


def test_a_deleted_session_takes_what_waits_with_it(desk: Desk) -> None:
    desk.folder.parent.mkdir()
    desk.folder.write_text("in the way")
    person = desk.person()
    person.say("SECRET")
    assert len(desk.told) == 1
    desk.writer.forget()
    desk.folder.unlink()
    person.say("HELLO")
    assert desk.texts() == ["HELLO\n"]


def test_another_folder_takes_what_the_first_could_not(desk: Desk, tmp_path: Path) -> None:
    desk.folder.parent.mkdir()
    desk.folder.write_text("in the way")
    person = desk.person()
    person.say("HELLO")
    assert len(desk.told) == 1
    desk.folder = tmp_path / "another"
    desk.writer.configure(desk.use())
    desk.clock.settle()
    assert desk.texts() == ["HELLO\n"]


def test_sessions_are_deleted_when_their_days_are_over(desk: Desk) -> None:
    old, recent = (desk.folder / f"{name}.jsonl" for name in ("2026-12-01-120000-0a1b2c", "2027-01-14-120000-0a1b2c"))
    desk.folder.mkdir(parents=True)
    for path in (old, recent, desk.folder / "2020 notes.txt"):
        path.write_text("{}")
        os.utime(path, (MORNING - 40 * 86_400, MORNING - 40 * 86_400))
    person = desk.person(desk.use(days=30))
    desk.clock.settle()
    assert not old.exists()
    assert recent.exists()  # its name says when it began, whatever the disk says
    assert (desk.folder / "2020 notes.txt").exists()
    person.say("HELLO")
    desk.clock.ahead += 3 * 365 * 86_400
    assert len(desk.files(".jsonl")) == 2
    desk.clock.advance(EXPIRE_EVERY)
    assert not recent.exists()
    recent.write_text("{}")
    desk.writer.configure(desk.use(days=29))  # at once
    desk.clock.settle()
    assert not recent.exists()
    assert len(desk.files(".jsonl")) == 1  # the one that is being kept stays
    assert desk.texts()[-1] == "HELLO\n"


def test_a_file_of_the_users_own(desk: Desk, tmp_path: Path) -> None:
    path = make_text_file(tmp_path / "talk.txt")
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"", 0o600)
    person = desk.person(desk.use(keep=False), path)
    person.say("HELLO")
    assert path.read_text() == "HELLO\n"
    path.unlink()
    person.say("WORLD")
    assert path.read_text() == "WORLD\n"
    assert not desk.folder.exists()
    with pytest.raises(SigncapError, match="is there already"):
        make_text_file(path)
    with pytest.raises(SigncapError, match="No such file or directory"):
        make_text_file(tmp_path / "no" / "talk.txt")
    assert make_text_file(tmp_path).parent == tmp_path


def test_what_somebody_put_in_the_place_of_the_file_is_left_alone(desk: Desk, tmp_path: Path) -> None:
    path = make_text_file(tmp_path / "talk.txt")
    person = desk.person(desk.use(keep=False), path)
    person.say("HELLO")
    assert path.read_text() == "HELLO\n"
    path.unlink()
    path.write_text("mine")
    person.say("WORLD")
    assert len(desk.told) == 1
    assert path.read_text() == "mine"
    path.unlink()
    desk.try_again()
    assert path.read_text() == "WORLD\n"
