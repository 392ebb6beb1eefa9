"""A first run without a network: the page stays, says why, and tries again."""

import threading
from pathlib import Path

import pytest

from overlay.core.errors import SigncapError
from overlay.recognition.hands import hand_model
from server.session.notices import Notices
from server.session.options import RunOptions
from server.session.reader_start import ReaderStart
from server.session.startup import StoppedError, _hand_model

pytestmark = pytest.mark.unit

NO_NETWORK = "There is no connection: connect to the network and try again."


def test_nothing_is_tried_again_that_does_not_wait() -> None:
    assert not ReaderStart().again()


def test_it_waits_with_its_reason_until_somebody_tries_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    notices, said, tries = Notices(), list[str](), list[str | None]()

    def fetch(_override: Path | None, progress: object) -> Path:
        tries.append(notices.reader.problem)
        if len(tries) < 3:
            raise hand_model.NotFetchedError(NO_NETWORK)
        return tmp_path

    def say(sentence: str) -> None:
        said.append(sentence)
        # Asked for as soon as it waits, by another thread, as a page does.
        threading.Thread(target=ask, daemon=True).start()

    def ask() -> None:
        while not notices.reader.again():
            pass

    monkeypatch.setattr(hand_model, "hand_model_path", fetch)
    assert _hand_model(RunOptions(), notices, lambda: False, say) == tmp_path
    assert len(tries) == 3
    assert len(said) == 2
    assert all(sentence.startswith(NO_NETWORK) for sentence in said)
    assert notices.reader.problem is None


def test_who_quits_meanwhile_is_not_kept_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    notices = Notices()

    def fetch(_override: Path | None, progress: object) -> Path:
        raise hand_model.NotFetchedError(NO_NETWORK)

    monkeypatch.setattr(hand_model, "hand_model_path", fetch)
    monkeypatch.setattr("server.session.reader_start.LOOK_EVERY", 0.0)
    with pytest.raises(StoppedError):
        _hand_model(RunOptions(), notices, lambda: True, lambda _sentence: None)


def test_what_no_network_would_mend_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def fetch(_override: Path | None, progress: object) -> Path:
        raise SigncapError("PATH is not a hand model.")

    monkeypatch.setattr(hand_model, "hand_model_path", fetch)
    with pytest.raises(SigncapError, match="not a hand model"):
        _hand_model(RunOptions(), Notices(), lambda: False, lambda _sentence: None)
