"""A session without any page: captions and settings come to every service, and it ends once."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from overlay.captions.state import CaptionState, Cue
from overlay.core.settings_store import SettingsStore
from overlay.enrolment.profile import InUse
from overlay.pipeline.final_captions import FinalCaptionUpdate
from overlay.pipeline.pipeline import Pipeline
from overlay.pipeline.run_captions import CaptionRecord
from overlay.speech.service import SpeechService
from overlay.transcripts.writer import TranscriptWriter
from server.call_captions.service import CallCaptions
from server.session.folders import Folders
from server.session.notices import Notices
from server.session.session import Session
from server.session.source_control import Sources
from server.session.startup import Opened
from tests.server.conftest import MovingPattern, ScriptedCaptioner
from tests.waiting import LONGEST

pytestmark = pytest.mark.integration

SAID = CaptionState(1, (Cue(0, "HELLO", 0.0, 1.0),))


class Scene:
    """A session over a reader that says what a test wants."""

    def __init__(self, folder: Path) -> None:
        kept = {"folder": str(folder / "transcripts"), "keep": True}
        self.store = SettingsStore(folder / "settings.json", for_this_run={"transcript": kept})
        self.reader = ScriptedCaptioner()
        self.pipeline = Pipeline(MovingPattern(), lambda: self.reader)
        notices = Notices()
        sources = Sources(self.pipeline, notices)
        folders = Folders(folder / "data", folder / "runs")
        self.session = Session(Opened(self.pipeline, notices, InUse(), self.store, sources, folders=folders))
        self.folder = folder


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(LONGEST):
        while not condition():
            await asyncio.sleep(0.02)


def play(folder: Path, act: Callable[[Scene], Coroutine[Any, Any, None]]) -> None:
    async def play_to_the_end() -> None:
        scene = Scene(folder)
        try:
            await act(scene)
        finally:
            assert await scene.session.close(limit=LONGEST)

    asyncio.run(play_to_the_end())


def test_captions_reach_every_service(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        session = scene.session
        session.start()
        scene.reader.states.put(SAID)
        await until(lambda: session.viewers.captions.state.cues)
        assert [cue.text for cue in session.captions.cues()] == ["HELLO"]

    play(tmp_path, act)
    (path,) = (tmp_path / "transcripts").glob("*.txt")
    assert "HELLO" in path.read_text()


def test_a_final_caption_is_found_once_and_told_to_services_in_their_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[type, FinalCaptionUpdate]] = []
    services: tuple[type[Any], ...] = (CaptionRecord, TranscriptWriter, CallCaptions, SpeechService)

    def accept(self: object, update: FinalCaptionUpdate) -> None:
        told.append((type(self), update))

    for service in services:
        monkeypatch.setattr(service, "accept", accept)

    async def act(scene: Scene) -> None:
        scene.session.start()
        scene.reader.states.put(SAID)
        await until(lambda: scene.session.viewers.captions.state.cues)

    play(tmp_path, act)
    assert [service for service, _ in told] == list(services)
    assert all(update is told[0][1] for _, update in told)


def test_settings_reach_decoder_voice_and_transcripts(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        session = scene.session
        scene.store.change({"decoding": {"letter_confidence": 0.7}, "transcript": {"keep": False}})
        assert scene.pipeline.settings is scene.store.current
        assert scene.pipeline.settings.decoding.letter_confidence == 0.7
        assert not session.notices.transcript
        assert not session.speech.state.on
        scene.store.change({"voice": {"speak": True}})
        assert session.speech.state.on

    play(tmp_path, act)


def test_a_change_by_hand_in_the_file_of_settings_is_seen(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        scene.session.start()
        scene.store.path.write_text(json.dumps({"decoding": {"letter_confidence": 0.65}}))
        await until(lambda: scene.pipeline.settings.decoding.letter_confidence == 0.65)

    play(tmp_path, act)


def test_after_its_end_nothing_is_heard_and_to_end_it_again_does_nothing(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        session, before = scene.session, scene.pipeline.settings
        await session.end_services()
        scene.store.change({"decoding": {"letter_confidence": 0.7}})
        assert scene.pipeline.settings is before
        scene.pipeline.start()
        scene.reader.states.put(SAID)
        await until(lambda: scene.pipeline.reading.state.cues)
        assert session.captions.cues() == []
        assert session.viewers.captions.closing
        await session.end_services()

    play(tmp_path, act)
    assert not (tmp_path / "transcripts").exists()


def test_who_stops_serving_ends_the_services_while_pages_listen(tmp_path: Path) -> None:
    """`close` leaves it to the server to end them, which knows when requests come no more, and ends what it left."""
    order: list[str] = []

    async def act(scene: Scene) -> None:
        session, close = scene.session, scene.session.transcripts.close

        def close_and_note() -> None:
            order.append("transcripts end")
            close()

        session.transcripts.close = close_and_note  # type: ignore[method-assign]

        async def stop_serving() -> None:
            order.append("no more requests")
            await session.end_services()
            order.append("nobody is answered any more")

        assert await session.close(stop_serving, limit=LONGEST)

    play(tmp_path, act)
    assert order == ["no more requests", "transcripts end", "nobody is answered any more"]
