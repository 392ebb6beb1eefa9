"""`signcap run` that keeps captions: a process of its own, ended in good ways and bad."""

import http.client
import json
import signal
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from overlay.transcripts.store import TranscriptStore
from tests.server.processes import LINK, RUN, SMALL_DEMO, Signcap
from tests.server.unserved import Refused, refused
from tests.waiting import until

__all__ = ["refused"]

pytestmark = pytest.mark.e2e

SAID = ["GUTEN TAG", "NICE TO MEET YOU", "WHERE ARE THE KEYS"]
SLOW = (*RUN, "--text", "Q")  # spells hardly anything


class Typist:
    """Types captions into a run whose signer is not read any more: no letter comes into what is typed."""

    def __init__(self, signcap: Signcap) -> None:
        port, path = signcap.until(LINK).groups()
        self.connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=60)
        self.connection.request("GET", path)
        response = self.connection.getresponse()
        response.read()
        self.headers = {
            "Cookie": (response.headers["Set-Cookie"] or "").split(";")[0],
            "Content-Type": "application/json",
            "X-Signcap": "1",
        }
        until(lambda: self.ask("GET", "/api/v1/status")["stages"]["recognise"]["rate"] > 0, 90)  # models are loaded
        assert self.ask("POST", "/api/v1/source", {"do": "pause"})["paused"]

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        self.connection.request(method, path, None if body is None else json.dumps(body), self.headers)
        return json.load(self.connection.getresponse())

    def type(self, text: str, *, end: bool = True) -> None:
        self.ask("POST", "/api/v1/captions/edits", {"edit": "type", "text": text, "end": end})


def typed(folder: Path) -> list[str]:
    """What was typed, in all sessions."""
    return [cue.text for session in TranscriptStore(folder).sessions() for cue in session.cues if cue.typed]


@pytest.mark.slow
def test_killed_it_loses_at_most_the_caption_that_is_being_signed_and_ctrl_c_loses_nothing(
    start: Callable[..., Signcap], tmp_path: Path
) -> None:
    """Two runs: the second one writes its captions into a text file of its own as well."""
    (tmp_path / "signcap").mkdir()
    (tmp_path / "signcap" / "settings.json").write_text('{"transcript": {"keep": true}}')
    home = {"XDG_CONFIG_HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path / "data")}
    folder = tmp_path / "data" / "signcap" / "transcripts"
    signcap = start(*SLOW, program=SMALL_DEMO, **home)
    typist = Typist(signcap)
    assert f"A transcript is kept: sessions in {folder}." in signcap.said
    for text in SAID:
        typist.type(text)
    until(lambda: len(typed(folder)) == len(SAID))
    until(lambda: SAID[-1] in "".join(path.read_text() for path in folder.glob("*.txt")))  # it comes after the record
    typist.type("BEING SIGN", end=False)
    signcap.process.send_signal(signal.SIGKILL)
    signcap.end()
    assert typed(folder) == SAID
    (path,) = folder.glob("*.txt")
    text = path.read_text()
    assert [line for line in text.splitlines() if line in SAID] == SAID
    assert text.endswith("\n")
    assert all(session.whole for session in TranscriptStore(folder).sessions())

    talk = tmp_path / "talk.txt"
    again = start(*SLOW, "--transcript", str(talk), "--transcript-times", program=SMALL_DEMO, **home)
    typist = Typist(again)
    assert f"A transcript is kept: {talk} and sessions in {folder}." in again.said
    assert stat.S_IMODE(talk.stat().st_mode) == 0o600
    assert typist.ask("GET", "/api/v1/transcripts")["file"] == str(talk)
    typist.type("AND AGAIN")
    until(lambda: typed(folder)[0] == "AND AGAIN")
    until(lambda: len(list(folder.glob("*.txt"))) == 2)  # another run writes another file
    assert path.read_text() == text
    until(lambda: talk.read_text().endswith(" AND AGAIN\n"))
    typist.type("THE LAST", end=False)
    again.process.send_signal(signal.SIGINT)
    assert again.end() == 0
    lines = talk.read_text().splitlines()
    assert lines[-1][8:].startswith(" THE LAST")
    assert all(line[2] == line[5] == ":" for line in lines)


@pytest.mark.integration
def test_a_text_file_that_is_there_is_not_overwritten(refused: Refused, tmp_path: Path) -> None:
    path = tmp_path / "talk.txt"
    path.write_text("somebody's")
    home = {"XDG_CONFIG_HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path / "data")}
    again = refused(*SLOW, "--transcript", path, **home)
    assert (again.returncode, again.stdout) == (1, "")
    assert again.stderr == f"{path} is there already, and nothing is overwritten: choose another name.\n"
    assert path.read_text() == "somebody's"
    assert not (tmp_path / "data" / "signcap" / "transcripts").exists()
