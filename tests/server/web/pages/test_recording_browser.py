"""Recording from the start page in Chromium, and the files in its player."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from overlay.captions.state import CaptionState, Cue
from overlay.captions.subtitles import Subtitle
from overlay.recording.append_file import GrowingFile
from overlay.recording.faststart import make_quick_start
from overlay.recording.fragmented_mp4 import Movie
from overlay.recording.subtitle_files import SubtitleFiles
from server.session.recording.service import Wishes
from tests.overlay.recording.conftest import make_picture, play
from tests.server.conftest import NO_PICTURE, CalmDemo, RunningServer, ScriptedCaptioner

pytestmark = pytest.mark.e2e

CAPTIONS = [Subtitle(1.5, 3.0, ("HELLO",)), Subtitle(4.5, 6.0, ("HOW ARE YOU",))]
SHOWN = [[1.4, ""], [1.6, "HELLO"], [2.9, "HELLO"], [3.1, ""]]
SHOWN += [[4.4, ""], [4.6, "HOW ARE YOU"], [5.9, "HOW ARE YOU"], [6.1, ""]]
# What Chromium makes of a movie: that it plays to its end, and which captions it shows at times.
FACTS = """async (wanted) => {
    const video = document.querySelector("video");
    await new Promise((resolve, reject) => {
        video.onloadeddata = resolve;
        video.onerror = () => reject(video.error.message);
        video.load();
    });
    const track = document.querySelector("track").track;
    track.mode = "hidden";
    video.playbackRate = 4;
    const ended = new Promise((resolve) => (video.onended = resolve));
    await video.play();
    await ended;
    const facts = {time: video.currentTime, width: video.videoWidth, shown: []};
    const shown = () => [...track.activeCues].map((cue) => cue.text).join();
    for (const [at, text] of wanted) {
        const there = new Promise((resolve) => (video.onseeked = resolve));
        video.currentTime = at;
        await there;
        // Chromium finds out a little later which captions these are.
        for (let look = 0; look < 200 && shown() !== text; look++) {
            await new Promise((resolve) => setTimeout(resolve, 20));
        }
        facts.shown.push([at, shown()]);
    }
    return facts;
}"""


@pytest.fixture
def videos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "videos"
    folder.mkdir()
    monkeypatch.setenv("XDG_VIDEOS_DIR", str(folder))
    return folder


@pytest.fixture
def lively(serve: Any) -> Iterator[RunningServer]:
    """A server over pictures that do not become as small as a still one's."""
    reader = ScriptedCaptioner()
    with serve(CalmDemo("HELLO"), lambda: reader) as server:
        server.reader = reader
        yield server


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder, and its address on a web server."""
    folder = tmp_path / "site"
    folder.mkdir()
    track = '<track default src="Captions%20of%20talk.vtt">'
    (folder / "page.html").write_text(f'<video src="talk.mp4" muted>{track}</video>')
    loop, address = asyncio.new_event_loop(), ["", ""]
    up = threading.Event()

    async def begin() -> None:
        app = web.Application()
        app.router.add_static("/", folder)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        address[0] = f"http://127.0.0.1:{runner.addresses[0][1]}"
        up.set()

    def run() -> None:
        loop.run_until_complete(begin())
        loop.run_forever()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert up.wait(10)
    yield folder, address[0]
    loop.call_soon_threadsafe(loop.stop)
    thread.join(5)


def write(path: Path, seconds: float, *, ended: bool) -> None:
    """A recording with captions; not ended, what there is of it on the disk after that long."""
    file, beside = GrowingFile(path), SubtitleFiles(path)
    movie = Movie(file, (320, 180), 0.0)
    for number in range(round(seconds * 10)):
        movie.add_picture(make_picture(0.0, 60 + number % 100).i420, number / 10)
    beside.add(CAPTIONS)
    beside.close()
    left = path.read_bytes()
    movie.close()
    file.close()
    if ended:
        make_quick_start(path, CAPTIONS, shown=False)
    else:
        path.write_bytes(left)


@pytest.mark.slow
@pytest.mark.parametrize("ended", [True, False])
def test_chromium_plays_it_with_captions_at_their_times(
    tab: Callable[..., Any], site: tuple[Path, str], ended: bool
) -> None:
    folder, address = site
    write(folder / "talk.mp4", 8.0, ended=ended)
    facts = tab(f"{address}/page.html").look(FACTS, SHOWN)
    assert facts["width"] == 320
    assert facts["time"] == pytest.approx(8.0, abs=0.1 if ended else 1.0)
    assert facts["shown"] == SHOWN


def recorded(page: Any) -> int:
    """Seconds that the page says."""
    minutes, seconds = page.text("#recording-time").split(":")
    return int(minutes) * 60 + int(seconds)


@pytest.mark.slow
def test_its_button_and_alt_r_record(enter: Callable[..., Any], lively: RunningServer, videos: Path) -> None:
    assert lively.access is not None
    page = enter(lively, "/")
    assert lively.app is not None
    recordings = lively.session.recording
    page.until(lambda: page.plays)
    assert page.page.get_attribute("#record", "title") == "Start recording (Alt+R)"
    assert not page.page.is_visible("#recording-facts")
    page.page.click("#record")
    page.until(lambda: page.page.is_visible("#recording-facts"))
    lively.say(CaptionState(1, (Cue(0, "HELLO", 0.0, 1.0),)))
    page.until(lambda: recorded(page) >= 2)
    page.until(lambda: recordings.state()["seconds"] > 1.6)  # a busy server may lag behind the page's clock
    page.until(lambda: page.text("#recording-size") != "0.0 MB")
    assert page.page.get_attribute("#record", "aria-pressed") == "true"
    (path,) = videos.glob("*.mp4")
    assert str(path) in page.text("#recording-facts")
    assert page.faint_text() == []
    page.page.keyboard.press("Alt+r")
    page.until(lambda: page.text("#recording-said").startswith("Recorded "))
    assert str(path) in page.text("#recording-said")
    assert not page.page.is_visible("#recording-facts")
    page.until(lambda: page.page.is_enabled("#record"))  # while the answer is on its way, keys are ignored
    assert play(path).pictures[-1] > 1.5
    page.page.keyboard.press("Alt+r")
    page.until(lambda: recordings.state()["seconds"] > 0)  # of one without a picture nothing is left
    page.until(lambda: page.page.is_visible("#recording-facts"))
    page.page.click("#record")
    page.until(lambda: len(list(videos.glob("*.mp4"))) == 2 and page.text("#record") == "Record")


@pytest.mark.slow
def test_a_recording_that_is_done_can_be_opened_and_shown_in_its_folder(
    enter: Callable[..., Any], running: RunningServer, videos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[tuple[Path, bool]] = []
    recordings = running.session.recording
    monkeypatch.setattr(recordings, "_open_file", lambda path, in_folder: opened.append((path, in_folder)))
    page = enter(running, "/", picture=False)
    page.page.click("#record")
    page.until(lambda: recordings.state()["seconds"] > 0 and page.page.is_enabled("#record"))
    assert not page.page.is_visible("#recorded")
    page.page.click("#record")
    page.page.get_by_role("button", name="Open", exact=True).click()
    page.page.get_by_role("button", name="Show in folder").press("Enter")
    page.until(lambda: len(opened) == 2)
    (path,) = videos.glob("*.mp4")
    assert opened == [(path, False), (path, True)]
    assert page.faint_text() == []
    path.unlink()
    page.page.get_by_role("button", name="Open", exact=True).click()
    page.until(lambda: "is no longer there" in page.text("#recording-said"))


STALE = """async (status) => {
    const {Recording} = await import("/static/js/start/recording.js");
    const recording = new Recording();
    const label = () => document.querySelector("#record .label").textContent;
    const heard = [];
    for (const [revision, on] of [[3, true], [4, false], [3, true], [4, false], [5, true]]) {
        recording.show({notices: [], recording: {...status, revision, on}});
        heard.push(label());
    }
    recording.begin();
    recording.show({notices: [], recording: {...status, revision: 0, on: false}});
    return [...heard, label()];
}"""


@pytest.mark.slow
def test_what_was_sent_earlier_and_comes_later_turns_nothing_back(
    enter: Callable[..., Any], running: RunningServer, videos: Path
) -> None:
    page = enter(running, "/", picture=False)
    assert running.app is not None
    stop, record = "Stop recording", "Record"
    heard = page.look(STALE, running.session.recording.state())
    assert heard == [stop, record, record, record, stop, record]


@pytest.mark.slow
def test_its_options_are_kept(enter: Callable[..., Any], running: RunningServer, videos: Path) -> None:
    assert running.access is not None
    page = enter(running, "/settings/devices", NO_PICTURE)
    page.until(lambda: str(videos) in page.text("#recording-folder"))
    page.page.check("#recording-clean")
    page.page.goto(f"{running.url}/")
    page.until(lambda: page.page.is_enabled("#outline"))
    page.page.keyboard.press("Alt+r")
    page.until(lambda: page.page.is_visible("#recording-facts"))
    page.until(lambda: recorded(page) >= 1 and page.page.is_enabled("#record"))
    page.page.keyboard.press("Alt+r")
    page.until(lambda: page.text("#recording-said").startswith("Recorded "))
    assert len(list(videos.glob("*-clean.mp4"))) == 1


@pytest.mark.slow
def test_what_is_refused_is_said(enter: Callable[..., Any], running: RunningServer, videos: Path) -> None:
    assert running.access is not None
    page = enter(running, "/")
    page.until(lambda: page.plays)
    videos.rmdir()
    assert running.app is not None
    running.session.recording.wishes = Wishes(target=videos)  # it has gone since the start
    page.page.click("#record")
    page.until(lambda: "give a folder that exists" in page.text("#recording-said"))
    assert page.page.get_attribute("#record", "aria-pressed") == "false"
