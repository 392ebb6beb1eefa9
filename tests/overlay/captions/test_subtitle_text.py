"""Typed text that looks like markup, through the decoders of players: FFmpeg's, which give Advanced SubStation."""

import re
from pathlib import Path

import av
import pytest

from overlay.captions.subtitle_text import unmarked_text
from overlay.captions.subtitles import Subtitle, to_srt, to_vtt
from overlay.mp4.subtitle_track import SubtitleTrack

pytestmark = pytest.mark.unit

TEXT_OF_EVENT = 8  # commas before it, in what the decoder gives
LOOK_ALIKES = str.maketrans("‹›❴❵", "<>{}", "\u2060")
MARKUP = (
    "<b>bold</b>",
    "<i>a",
    "< b >",
    "</b>",
    "<br/>",
    "<Anna> says",
    "<font color=red>x</font>",
    "<3>",
    "1 < 2 > 0",
    "<<b>>",
    "<c.red>x",
    "<00:00:01.000>x",
    "{note}",
    "{",
    "{a",
    r"{\an8}TOP",
    r"{\i1}x",
    "{Y:i}it",
    "{c:$0000ff}x",
    r"\{x\}",
    r"C:\New",
    r"C:\\New\h\n.",
    "&lt;b&gt; &amp; &nbsp;",
    "I <3 YOU",
    "42",
)


def shown(event: str) -> str:
    """The text that a renderer of Advanced SubStation, such as libass, shows of an event."""
    text = event.split(",", TEXT_OF_EVENT)[TEXT_OF_EVENT]
    text = re.sub(r"(?<!\\)\{[^}]*\}", "", text)  # overrides and comments
    for sign, meaning in ((r"\N", "\n"), (r"\n", "\n"), (r"\h", "\xa0"), (r"\{", "{"), (r"\}", "}")):
        text = text.replace(sign, meaning)
    return text


def written(kind: str, text: str, path: Path) -> Path:
    path = path / f"a.{kind}"
    subtitle = Subtitle(1.0, 3.0, (text,))
    if kind == "mp4":
        with av.open(str(path), "w") as container:
            SubtitleTrack(container, shown=True).add(subtitle)
    else:
        path.write_text({"srt": to_srt, "vtt": to_vtt}[kind]([subtitle]), "utf-8")
    return path


def decoded(path: Path) -> list[str]:
    with av.open(str(path)) as container:
        rects = [rect for packet in container.demux(subtitles=0) for rect in packet.decode()]
    events = [rect.ass.decode() for rect in rects if isinstance(rect, av.subtitles.subtitle.AssSubtitle)]
    return [text for text in map(shown, events) if text]


@pytest.mark.parametrize("kind", ["srt", "vtt", "mp4"])
@pytest.mark.parametrize("text", MARKUP)
def test_what_looks_like_markup_is_shown_as_text(text: str, kind: str, tmp_path: Path) -> None:
    assert [one.translate(LOOK_ALIKES) for one in decoded(written(kind, text, tmp_path))] == [text]


@pytest.mark.parametrize(
    "text", ["I <3 YOU", "1 < 2", r"C:\Users", "AT&T", "R & D;", "A -> B", "(note)", "É 你好 🙂"]
)
def test_other_text_stays_as_it_is(text: str) -> None:
    assert unmarked_text(text) == text


@pytest.mark.parametrize(
    ("text", "is_written"),
    [
        ("<b>", "‹b›"),
        ("{x}", "❴x❵"),
        (r"\New", "\\\u2060New"),
        ("&lt;", "&\u2060lt;"),
        ("A --> B", "A → B"),
    ],
)
def test_only_what_would_be_taken_for_markup_is_written_otherwise(text: str, is_written: str) -> None:
    assert unmarked_text(text) == is_written


def test_text_in_webvtt_is_the_same_text_for_browsers() -> None:
    (block,) = to_vtt([Subtitle(0.0, 1.0, ("<b>{x}&lt;",))]).split("\n\n")[1:]
    assert block.split("\n")[2] == "&lt;b&gt;{x}&amp;lt;"
