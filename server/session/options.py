"""Options of `signcap run`."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from server.call_captions.links import CaptionLink

DEMO: Final = "demo"


@dataclass(frozen=True, slots=True)
class RunOptions:
    """The options of the command line.

    Attributes:
        source: "demo", a camera's number, path or "pipewire:NAME", or a video file; None for the first camera, else
            the demo.
        text: what the demo spells; None for its own text.
        port: where to listen; None for the first free one.
        open_browser: open the start page.
        virtual_camera: "auto", "off", "pipewire", or the name of one.
        model: folder of a model; None for the shipped one.
        hand_model: MediaPipe's bundle; None for the one that is fetched on first use.
        hand_outline: draw the hand into the picture.
        flip: exchange left and right in what the source gives, or not; None: as the settings say.
        profile: name of the profile to use; None for the one that was enrolled or switched on last.
        no_profile: use none.
        new_viewer_link: make links for second screens and OBS anew; those of before end.
        hot_words: names and other words to expect, besides those in the settings.
        assisted: read words with a language, or not; None: as the settings say.
        data: folder of collected pictures.
        runs: folder of trainings.
        record: record from the beginning to this new file or into this folder; None for when it is asked for.
        record_clean: record the picture without captions too.
        microphone: of recordings: its name, "default" or "none".
        transcript: new text file for what is captioned, or the folder for one; None for none.
        transcript_times: put the time of day before each of its lines.
        call_captions: the meeting that finished captions go to; None for none.
    """

    source: str | None = None
    text: str | None = None
    port: int | None = None
    open_browser: bool = True
    virtual_camera: str = "auto"
    model: Path | None = None
    hand_model: Path | None = None
    hand_outline: bool = False
    flip: bool | None = None
    profile: str | None = None
    no_profile: bool = False
    new_viewer_link: bool = False
    hot_words: tuple[str, ...] = ()
    assisted: bool | None = None
    data: Path = Path("data")
    runs: Path = Path("runs")
    record: Path | None = None
    record_clean: bool = False
    microphone: str = "none"
    transcript: Path | None = None
    transcript_times: bool = False
    call_captions: "CaptionLink | None" = None
