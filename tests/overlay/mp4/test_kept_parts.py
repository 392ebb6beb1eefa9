"""What else a video has than pictures: all of it is in the captioned copy, or somebody is told that it is not."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from av.stream import Disposition

from overlay.captions.subtitles import Subtitle
from overlay.media.frame import Picture
from overlay.mp4.kept_parts import TAGS, KeptParts
from overlay.mp4.video_writer import VideoWriter

pytestmark = pytest.mark.unit

SIZE = (64, 48)
SECONDS = 8
RATE = 5
MILLISECONDS = Fraction(1, 1000)
CHAPTERS = [("Start", 0, 3000), ("Zweites Ö", 3000, 8000)]
I420 = np.full((SIZE[1] * 3 // 2, SIZE[0]), 90, np.uint8)

Make = Callable[[av.container.OutputContainer], list[Any]]


def make_video(path: Path, more: Make, *, rate: int | Fraction = RATE, **options: str) -> Path:
    """A video with what `more` adds to it: streams when it is called, and the packets that it gives."""
    with av.open(str(path), "w", options=options) as container:
        pictures = container.add_stream("libx264", rate=rate)
        pictures.width, pictures.height, pictures.pix_fmt = (*SIZE, "yuv420p")
        packets = more(container)
        for _ in range(SECONDS * RATE):
            container.mux(pictures.encode(av.VideoFrame.from_ndarray(I420, format="yuv420p")))
        container.mux(pictures.encode(None))
        for packet in packets:
            container.mux(packet)
    return path


def packet(stream: Any, data: bytes, start: int, lasts: int) -> Any:
    """A packet of a track, its times in milliseconds."""
    made: Any = av.Packet(data)
    made.stream, made.time_base, made.pts, made.dts, made.duration = stream, MILLISECONDS, start, start, lasts
    return made


def copied(source: Path, rate: float = RATE) -> tuple[Path, KeptParts]:
    """The captioned copy, with a caption of ours from the first second to the third."""
    target = source.with_name("captioned.mp4")
    kept = KeptParts(source)
    writer = VideoWriter(target, rate, start=0.0, kept=kept, subtitles=True)
    for number in range(SECONDS * RATE):
        writer.send(Picture(I420, 0, number / RATE))
    writer.add_subtitle(Subtitle(1.0, 3.0, ("HELLO",)))
    writer.close()
    return target, kept


def texts(path: Path, track: int) -> list[tuple[float, float, str]]:
    """Start, end and event of what is shown of a track of subtitles."""
    with av.open(str(path)) as container:
        return [
            (
                round(float(packet.pts * packet.time_base), 2),
                round(float((packet.pts + packet.duration) * packet.time_base), 2),
                event.ass.decode().split(",", 8)[8],
            )
            for packet in container.demux(subtitles=track)
            if packet.size > 2
            for event in packet.decode()
            if isinstance(event, av.subtitles.subtitle.AssSubtitle)
        ]


def test_title_tags_and_chapters_are_kept(tmp_path: Path) -> None:
    told = {
        "title": "My talk",
        "artist": "Ann",
        "comment": "Höre",
        "location": "+48.2000+016.4000/",
        "date": "2024-05-01",
    }

    def more(container: av.container.OutputContainer) -> list[Any]:
        container.metadata.update(told)
        container.set_chapters(
            [
                {"id": number, "start": start, "end": end, "time_base": MILLISECONDS, "metadata": {"title": title}}
                for number, (title, start, end) in enumerate(CHAPTERS)
            ]
        )
        return []

    for name in ("talk.mp4", "talk.mov", "talk.mkv"):
        target, kept = copied(make_video(tmp_path / name, more))
        with av.open(str(target)) as container:
            assert told.items() <= container.metadata.items()
            chapters = container.chapters()
        got = [(one["metadata"]["title"], one["start"], one["end"]) for one in chapters]
        assert got == CHAPTERS
        assert kept.left_out == ()
        target.unlink()


@pytest.mark.parametrize("tag", sorted(TAGS - {"timecode"}))
def test_a_tag_that_counts_as_kept_is_kept(tag: str, tmp_path: Path) -> None:
    values = {"creation_time": "2024-05-01T10:00:00.000000Z", "location": "+48.2000+016.4000/", "date": "2024"}
    value = values.get(tag, "7" if tag in {"track", "disc", "media_type"} else "1")

    def more(container: av.container.OutputContainer) -> list[Any]:
        container.metadata[tag] = value
        return []

    target, kept = copied(make_video(tmp_path / "talk.mp4", more, movflags="use_metadata_tags"))
    with av.open(str(target)) as container:
        assert container.metadata.get(tag) == value
    assert kept.left_out == ()


def test_chapters_count_from_the_beginning_that_the_copy_has(tmp_path: Path) -> None:
    def more(container: av.container.OutputContainer) -> list[Any]:
        container.set_chapters([{"id": 0, "start": 3000, "end": 8000, "time_base": MILLISECONDS, "metadata": {}}])
        return []

    source = make_video(tmp_path / "talk.mkv", more)
    kept = KeptParts(source, start=2.0)
    writer = VideoWriter(tmp_path / "captioned.mp4", RATE, start=0.0, kept=kept)
    writer.send(Picture(I420, 0, 0.0))
    writer.close()
    with av.open(str(tmp_path / "captioned.mp4")) as container:
        (chapter,) = container.chapters()
    assert float(chapter["start"] * (chapter["time_base"] or 0)) == 1.0


def test_subtitles_of_text_are_kept_with_language_name_use_and_looks(tmp_path: Path) -> None:
    def more(container: av.container.OutputContainer) -> list[Any]:
        german = container.add_mux_stream("subrip", time_base=MILLISECONDS)
        german.metadata.update({"language": "ger", "title": "Deutsch"})
        french = container.add_mux_stream("webvtt", time_base=MILLISECONDS)
        french.metadata["language"] = "fre"
        french.disposition = Disposition.hearing_impaired
        return [
            packet(german, b"<i>Hallo</i> Welt", 1000, 2000),
            packet(french, "Ça va ?".encode(), 1500, 1000),
            packet(german, b"zwei\nZeilen", 5000, 1000),
        ]

    target, kept = copied(make_video(tmp_path / "talk.mkv", more))
    with av.open(str(target)) as container:
        tracks = container.streams.subtitles
        assert [one.metadata["language"] for one in tracks] == ["ger", "fre", "und"]
        assert [one.metadata.get("name") for one in tracks] == ["Deutsch", None, "Signcap captions"]
        assert tracks[1].disposition & Disposition.hearing_impaired
    assert texts(target, 0) == [(1.0, 3.0, r"{\i1}Hallo{\r} Welt"), (5.0, 6.0, r"zwei\NZeilen")]
    assert texts(target, 1) == [(1.5, 2.5, "Ça va ?")]
    assert texts(target, 2) == [(1.0, 3.0, "HELLO")]
    assert (kept.left_out, kept.lost) == ((), 0)


def test_texts_that_overlap_are_shown_together_while_they_do(tmp_path: Path) -> None:
    def more(container: av.container.OutputContainer) -> list[Any]:
        track = container.add_mux_stream("subrip", time_base=MILLISECONDS)
        return [
            packet(track, b"LONG", 1000, 4000),
            packet(track, b"SHORT", 2000, 1000),
            packet(track, b"LAST", 7000, 500),
        ]

    target, _ = copied(make_video(tmp_path / "talk.mkv", more))
    assert texts(target, 0) == [
        (1.0, 2.0, "LONG"),
        (2.0, 3.0, r"LONG\NSHORT"),
        (3.0, 5.0, "LONG"),
        (7.0, 7.5, "LAST"),
    ]


def test_a_text_that_no_screen_holds_is_left_out_and_counted_and_the_rest_goes_on(tmp_path: Path) -> None:
    def more(container: av.container.OutputContainer) -> list[Any]:
        track = container.add_mux_stream("subrip", time_base=MILLISECONDS)
        long = [packet(track, "Ä".encode() * 9000, 2000 + number, 3000) for number in range(5)]
        return [packet(track, b"FIRST", 1000, 5000), *long, packet(track, b"LAST", 7000, 500)]

    target, kept = copied(make_video(tmp_path / "talk.mkv", more))
    shown = texts(target, 0)
    assert [shown[0], *shown[-2:]] == [(1.0, 2.0, "FIRST"), (5.0, 6.0, "FIRST"), (7.0, 7.5, "LAST")]
    assert kept.lost == 4


def test_timed_text_is_copied_and_shown_by_itself_where_it_was(tmp_path: Path) -> None:
    for shown in (True, False):

        def more(container: av.container.OutputContainer, shown: bool = shown) -> list[Any]:
            other = container.add_mux_stream("mov_text", time_base=MILLISECONDS)
            other.metadata["language"] = "spa"
            track = container.add_mux_stream("mov_text", time_base=MILLISECONDS)
            track.metadata["language"] = "deu"
            track.disposition = Disposition.default if shown else Disposition(0)
            other.disposition = Disposition(0) if shown else Disposition.default
            return [packet(other, b"\0\2Si", 1000, 500), packet(track, b"\0\2Ja", 1000, 500)]

        target, _ = copied(make_video(tmp_path / "talk.mp4", more))
        with av.open(str(target)) as container:
            tracks = container.streams.subtitles
            assert [one.metadata["language"] for one in tracks] == ["spa", "deu", "und"]
            assert [bool(one.disposition & Disposition.default) for one in tracks] == [not shown, shown, False]
        assert texts(target, 1) == [(1.0, 1.5, "Ja")]
        target.unlink()


def test_captions_that_are_burned_in_are_shown_twice_only_to_whoever_asks(tmp_path: Path) -> None:
    target, _ = copied(make_video(tmp_path / "talk.mp4", lambda _container: []))
    with av.open(str(target)) as container:
        (track,) = container.streams.subtitles
        assert not track.disposition & Disposition.default
        assert track.metadata["language"] == "und"


def test_what_mp4_cannot_hold_is_told(tmp_path: Path) -> None:
    def more(container: av.container.OutputContainer) -> list[Any]:
        container.metadata.update({"weird": "1", "Odd": "2", "title": "My talk"})
        track = container.add_mux_stream("hdmv_pgs_subtitle", time_base=MILLISECONDS)
        track.metadata["language"] = "jpn"
        second = container.add_stream("libx264", rate=RATE)
        second.width, second.height, second.pix_fmt = (*SIZE, "yuv420p")
        container.add_attachment("font.ttf", "application/x-truetype-font", b"glyphs")
        return [*second.encode(av.VideoFrame.from_ndarray(I420, format="yuv420p")), *second.encode(None)]

    _, kept = copied(make_video(tmp_path / "talk.mkv", more))
    assert sorted(kept.left_out) == [
        "a further track of pictures",
        "the attached file font.ttf",
        "the picture subtitles (jpn)",
        "the tags odd, weird",
    ]


def test_of_many_tags_the_first_are_named(tmp_path: Path) -> None:
    def more(container: av.container.OutputContainer) -> list[Any]:
        container.metadata.update({f"TAG{number:02}{'X' * 100}": "1" for number in range(20)})
        return []

    (told,) = KeptParts(make_video(tmp_path / "talk.mkv", more)).left_out
    assert told.startswith("the tags tag00xxx")
    assert told.endswith("tag07" + "x" * 55 + " and 12 more")


def test_subtitles_of_dvds_are_copied_which_mp4_can_hold(tmp_path: Path) -> None:
    def more(container: av.container.OutputContainer) -> list[Any]:
        track = container.add_mux_stream("dvd_subtitle", time_base=MILLISECONDS)
        track.metadata["language"] = "ita"
        return [packet(track, b"\0\x08" + bytes(30), 1000, 500)]

    target, kept = copied(make_video(tmp_path / "talk.mkv", more))
    with av.open(str(target)) as container:
        first = container.streams.subtitles[0]
        assert (first.codec_context.name, first.metadata["language"]) == ("dvdsub", "ita")
    assert kept.left_out == ()


def test_the_cover_and_every_track_of_sound_are_kept(tmp_path: Path) -> None:
    def more(container: av.container.OutputContainer) -> list[Any]:
        packets: list[Any] = []
        for language, title, use in (("eng", "Main", Disposition.default), ("fra", "Director", Disposition.comment)):
            sound = container.add_stream("aac", rate=48_000, layout="mono")
            sound.metadata.update({"language": language, "title": title})
            sound.disposition = use
            tone = av.AudioFrame.from_ndarray(np.zeros((1, 4096), np.float32), format="fltp", layout="mono")
            tone.sample_rate = 48_000
            packets += [*sound.encode(tone), *sound.encode(None)]
        cover = container.add_stream("mjpeg", rate=1)
        cover.width, cover.height, cover.pix_fmt = 16, 16, "yuvj420p"
        cover.disposition = Disposition.attached_pic
        picture = av.VideoFrame.from_ndarray(np.zeros((16, 16, 3), np.uint8), format="bgr24")
        return [*packets, *cover.encode(picture)]

    target, kept = copied(make_video(tmp_path / "talk.mp4", more))
    with av.open(str(target)) as container:
        first, second = container.streams.audio
        assert (first.metadata["language"], first.metadata["name"]) == ("eng", "Main")
        assert (second.metadata["language"], second.metadata["name"]) == ("fra", "Director")
        assert second.disposition & Disposition.comment
        assert [one.codec_context.name for one in container.streams.video] == ["h264", "mjpeg"]
        assert container.streams.video[1].disposition & Disposition.attached_pic
    assert (kept.left_out, kept.lost) == ((), 0)


@pytest.mark.parametrize(
    ("timecode", "rate", "kept"),
    [
        ("10:00:00:02", Fraction(25), True),
        ("10:00:00;02", Fraction(30_000, 1001), True),
        ("10:00:00:02", Fraction(24_000, 1001), True),
    ],
)
def test_the_timecode_is_kept(timecode: str, rate: Fraction, kept: bool, tmp_path: Path) -> None:
    def more(container: av.container.OutputContainer) -> list[Any]:
        container.streams.video[0].metadata["timecode"] = timecode
        return []

    target, parts = copied(make_video(tmp_path / "talk.mov", more, rate=rate), float(rate))
    with av.open(str(target)) as container:
        assert container.streams.video[0].metadata.get("timecode") == timecode
    assert parts.left_out == ()


@pytest.mark.parametrize("timecode", ["later", "10:00:00;02"])
def test_a_timecode_that_none_is_stops_nothing(timecode: str, tmp_path: Path) -> None:
    def more(container: av.container.OutputContainer) -> list[Any]:
        container.metadata["timecode"] = timecode
        return []

    target, _ = copied(make_video(tmp_path / "talk.mkv", more, rate=24), 24)
    with av.open(str(target)) as container:
        assert "timecode" not in container.streams.video[0].metadata


def test_captions_that_are_hidden_in_the_pictures_are_told(tmp_path: Path) -> None:
    """An SEI message before each picture, as broadcasters send it (ATSC A/53)."""
    message = b"\xb5\x00\x31GA94\x03\xc1\xff\xfc\x94\x2c\xff"
    before = b"\0\0\0\1\x06\x04" + bytes([len(message)]) + message + b"\x80"
    for hidden in (True, False):
        path = tmp_path / "talk.ts"
        with av.open(str(path), "w") as container:
            pictures = container.add_stream("libx264", rate=RATE)
            pictures.width, pictures.height, pictures.pix_fmt = (*SIZE, "yuv420p")
            encoded: list[Any] = []
            for _ in range(RATE):
                encoded += pictures.encode(av.VideoFrame.from_ndarray(I420, format="yuv420p"))
            for one in [*encoded, *pictures.encode(None)]:
                other: Any = av.Packet((before if hidden else b"") + bytes(one))
                other.stream, other.time_base, other.pts, other.dts = pictures, one.time_base, one.pts, one.dts
                container.mux(other)
        told = ("the captions hidden in its pictures (CEA-608 or 708)",) if hidden else ()
        assert KeptParts(path).left_out == told


def test_of_tracks_that_are_all_the_default_one_is(tmp_path: Path) -> None:
    def more(container: av.container.OutputContainer) -> list[Any]:
        packets = []
        for _ in range(2):
            sound = container.add_stream("aac", rate=48_000, layout="mono")
            sound.disposition = Disposition.default
            tone = av.AudioFrame.from_ndarray(np.zeros((1, 4096), np.float32), format="fltp", layout="mono")
            tone.sample_rate = 48_000
            packets += [*sound.encode(tone), *sound.encode(None)]
        for text in (b"Ja", b"Si"):
            track = container.add_mux_stream("subrip", time_base=MILLISECONDS)
            track.disposition = Disposition.default
            packets.append(packet(track, text, 1000, 500))
        return packets

    target, _ = copied(make_video(tmp_path / "talk.mkv", more))
    with av.open(str(target)) as container:
        for tracks in (container.streams.audio, container.streams.subtitles[:2]):
            assert [bool(one.disposition & Disposition.default) for one in tracks] == [True, False]
