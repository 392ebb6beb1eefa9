"""`signcap run` that keeps captions: a process of its own, ended in good ways and bad."""

import http.client
import json
import signal
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from overlay.keeping.archive import Archive
from tests.server.processes import LINK, RUN, Signcap
from tests.waiting import until

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
    return [cue.text for session in Archive(folder).sessions() for cue in session.cues if cue.typed]


@pytest.mark.slow
def test_killed_it_loses_at_most_the_caption_that_is_being_signed(
    start: Callable[..., Signcap], tmp_path: Path
) -> None:
    (tmp_path / "signcap").mkdir()
    (tmp_path / "signcap" / "settings.json").write_text('{"transcript": {"keep": true}}')
    home = {"XDG_CONFIG_HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path / "data")}
    folder = tmp_path / "data" / "signcap" / "transcripts"
    signcap = start(*SLOW, **home)
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
    assert all(session.whole for session in Archive(folder).sessions())

    again = start(*SLOW, **home)
    Typist(again).type("AND AGAIN")
    until(lambda: typed(folder)[0] == "AND AGAIN")
    until(lambda: len(list(folder.glob("*.txt"))) == 2)  # another run writes another file
    assert path.read_text() == text


@pytest.mark.slow
def test_a_text_file_for_one_run(start: Callable[..., Signcap], tmp_path: Path) -> None:
    path = tmp_path / "talk.txt"
    home = {"XDG_CONFIG_HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path / "data")}
    signcap = start(*SLOW, "--transcript", str(path), "--transcript-times", **home)
    typist = Typist(signcap)
    assert f"A transcript is kept: {path}." in signcap.said
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert typist.ask("GET", "/api/v1/transcripts")["file"] == str(path)
    typist.type("HELLO")
    until(lambda: path.read_text().endswith(" HELLO\n"))
    typist.type("THE LAST", end=False)
    signcap.process.send_signal(signal.SIGINT)
    assert signcap.end() == 0
    lines = path.read_text().splitlines()
    assert lines[-1][8:].startswith(" THE LAST")
    assert all(line[2] == line[5] == ":" for line in lines)
    assert not (tmp_path / "data" / "signcap" / "transcripts").exists()

    again = start(*SLOW, "--transcript", str(path), **home)
    assert again.end() == 1
    assert again.err == [f"{path} is there already, and nothing is overwritten: choose another name.\n"]
    assert path.read_text().splitlines() == lines
