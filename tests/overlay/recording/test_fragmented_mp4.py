"""Files that grow, read back by PyAV."""

from pathlib import Path

import av
import numpy as np
import pytest
from av.stream import Disposition

from overlay.captions.subtitles import Subtitle
from overlay.recording.append_file import GrowingFile, cut_to_whole
from overlay.recording.faststart import make_quick_start
from overlay.recording.fragmented_mp4 import Movie
from tests.overlay.recording.conftest import SIZE, make_picture, play

pytestmark = pytest.mark.unit

BEGAN = 500.0
CAPTIONS = [Subtitle(1.5, 4.0, ("HELLO",)), Subtitle(6.2, 7.5, ("HOW ARE YOU",))]


def begin(path: Path, times: list[float]) -> tuple[Movie, GrowingFile]:
    """A movie with a picture at each time, and a click in each whole second, that goes on."""
    file = GrowingFile(path)
    movie = Movie(file, SIZE, BEGAN, sound=48_000)
    heard = 0.0
    for at in times:
        movie.add_picture(make_picture(0.0, int(60 + at * 10)).i420, BEGAN + at)
        while heard < at:
            block = np.zeros(480, np.float32)
            if heard > 0.5 and round(heard, 2) == round(heard):
                block[0] = 0.9
            movie.add_sound(block, BEGAN + heard)
            heard += 0.01
    return movie, file


def write(path: Path, times: list[float]) -> None:
    """The same, ended."""
    for one in begin(path, times):
        one.close()


def uneven(seconds: float) -> list[float]:
    """Times such as cameras give: about thirty a second, a few missing, one long pause."""
    generator = np.random.default_rng(3)
    times = [number / 30 + generator.uniform(-0.01, 0.01) for number in range(int(seconds * 30))]
    times = [at for number, at in enumerate(times) if number % 17 != 5 and not 3.0 < at < 5.0]
    return [0.0, *times[1:]]


def test_every_picture_sound_and_caption_is_at_its_own_time(tmp_path: Path) -> None:
    path = tmp_path / "talk.mp4"
    times = uneven(9.0)
    write(path, times)
    for captions in ([], [(one.start, one.end, one.lines[0]) for one in CAPTIONS]):
        played = play(path)
        assert played.pictures == pytest.approx(times, abs=0.0001)
        assert played.clicks() == pytest.approx(list(range(1, 9)), abs=0.003)
        assert [text for *_, text in played.captions] == [text for *_, text in captions]
        assert [start for start, *_ in played.captions] == pytest.approx([start for start, *_ in captions], abs=0.002)
        make_quick_start(path, CAPTIONS, shown=False)


def test_what_was_put_in_can_be_played_a_second_later_though_it_was_never_ended(tmp_path: Path) -> None:
    path = tmp_path / "talk.mp4"
    movie, file = begin(path, [number / 30 for number in range(180)])
    left = tmp_path / "left.mp4"
    left.write_bytes(path.read_bytes())
    played = play(left)
    assert played.pictures[-1] >= 5.0
    assert played.clicks() == pytest.approx(list(range(1, len(played.clicks()) + 1)), abs=0.003)
    assert len(played.clicks()) >= 4
    movie.close()
    file.close()


def test_players_can_begin_in_every_second_however_slow_pictures_come(tmp_path: Path) -> None:
    path = tmp_path / "talk.mp4"
    write(path, [number / 2 for number in range(20)])
    with av.open(str(path)) as container:
        keys = [float(packet.pts * packet.time_base) for packet in container.demux(video=0) if packet.is_keyframe]
    assert keys == pytest.approx(list(range(10)), abs=0.001)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A file of eight seconds."""
    path = tmp_path_factory.mktemp("whole") / "talk.mp4"
    write(path, [number / 30 for number in range(240)])
    return path.read_bytes()


@pytest.mark.parametrize("share", [0.35, 0.6, 0.85])
def test_a_file_that_was_cut_off_anywhere_is_cut_to_what_can_be_played(
    tmp_path: Path, whole: bytes, share: float
) -> None:
    path = tmp_path / "talk.mp4"
    path.write_bytes(whole[: int(len(whole) * share)])
    kept = cut_to_whole(path)
    assert kept == path.stat().st_size <= int(len(whole) * share)
    assert whole.startswith(path.read_bytes())
    played = play(path)
    assert 1.5 < played.pictures[-1] < 8.0
    assert played.pictures == pytest.approx([number / 30 for number in range(len(played.pictures))], abs=0.001)


def test_a_plain_file_has_its_index_in_front_and_is_nobody_elses(tmp_path: Path) -> None:
    path = tmp_path / "talk.mp4"
    write(path, [number / 30 for number in range(60)])
    assert make_quick_start(path, CAPTIONS, shown=False)
    data = path.read_bytes()
    assert b"moof" not in data
    assert data.index(b"moov") < data.index(b"mdat")
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("shown", [True, False])
def test_players_show_the_track_by_themselves_only_where_the_pictures_have_no_captions(
    tmp_path: Path, shown: bool
) -> None:
    path = tmp_path / "talk.mp4"
    write(path, [number / 30 for number in range(60)])
    make_quick_start(path, CAPTIONS, shown=shown)
    with av.open(str(path)) as container:
        video, _, track = container.streams
        assert track.type == "subtitle"
        assert bool(track.disposition & Disposition.default) is shown
        assert (track.metadata["language"], track.metadata["name"]) == ("und", "Signcap captions")
        assert video.disposition & Disposition.default


@pytest.mark.e2e
def test_where_there_is_no_room_for_it_the_file_stays_as_it_is(small_disk: Path) -> None:
    path = small_disk / "talk.mp4"
    write(path, [number / 30 for number in range(60)])
    before = path.read_bytes()
    assert not make_quick_start(path, CAPTIONS, shown=False)
    assert path.read_bytes() == before
    assert list(small_disk.iterdir()) == [path]


def test_a_growing_file_takes_no_others_place(tmp_path: Path) -> None:
    path = tmp_path / "talk.mp4"
    path.write_text("somebody's")
    with pytest.raises(Exception, match="exists already"):
        GrowingFile(path)
    assert path.read_text() == "somebody's"
