"""Reading one picture or one clip, and showing how: landmarks, crop, candidates. Blocks; for one thread."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np

from overlay.batch.transcription import Transcription, to_jsonl
from overlay.captions.renderer import draw_hand
from overlay.captions.subtitles import subtitles, to_srt, to_vtt
from overlay.captions.transcript import plain_text
from overlay.core.errors import SigncapError, SourceError
from overlay.core.settings import Settings
from overlay.media.frame import Frame, Pixels
from overlay.media.images import decode_picture, encode_jpeg, shrink
from overlay.media.sources.video_file import VideoFile, VideoLimits
from overlay.pipeline.live_captioner import LiveCaptioner
from overlay.pipeline.result import CaptionResult
from overlay.recognition.hands.detector_choice import open_detector
from overlay.recognition.hands.hand_detector import Hand, HandDetector
from overlay.recognition.hands.hand_model import hand_model_path
from overlay.recognition.hands.photograph import find_hand_in_picture
from overlay.recognition.letter_model import BLANK, LETTERS, LetterModel, shipped_model
from overlay.recognition.still import read_held
from server.inspector.clips import ReadClip

CLIP_LIMITS: Final = VideoLimits(seconds=60.0, side=4096)
RECOGNIZERS: Final = 2  # kept loaded
BEST: Final = 5
SMALLEST_SHOWN, LARGEST_SHOWN = 900, 1280  # longest side of a picture that is shown, in pixels
VIEW_EVERY: Final = 0.15  # seconds between the moments of a clip that can be shown
VIEW_SIDE: Final = 960
LETTER_SIDE: Final = 200

Json = dict[str, Any]


class StoppedError(SigncapError):
    """Nobody waits for the answer any more."""


@dataclass(frozen=True, slots=True)
class Tried:
    """The result of one picture or clip.

    Attributes:
        about: what was read, as plain values; names of `files` stand where pictures belong.
        files: pictures by name, JPEG or PNG; of a clip also subtitles and letters.
        clip: what was read from each frame of a clip.
    """

    about: Json
    files: dict[str, bytes] = field(default_factory=dict)
    clip: ReadClip | None = None


class TryReader:
    """Keeps the models loaded between one picture and the next.

    Args:
        hand_model: MediaPipe's bundle; the one that is fetched on first use by default.
    """

    def __init__(self, hand_model: Path | None = None) -> None:
        self._hand_model = hand_model
        self._finder: HandDetector | None = None
        self._recognizers: OrderedDict[tuple[Path, int], LetterModel] = OrderedDict()

    def read_file(self, data: bytes, name: str, model: Path | None) -> Tried:
        """Read a picture file.

        Args:
            data: what is in it.
            name: for people.
            model: folder of a model; the shipped one by default.

        Raises:
            SigncapError: the picture or the model cannot be read.
        """
        letter_model = self._letter_model(model)
        return self._read(decode_picture(data, name), name, letter_model)

    def read_pixels(self, pixels: Pixels, name: str, model: Path | None) -> Tried:
        """Read BGR uint8 (H, W, 3) as `read_file` does."""
        return self._read(pixels, name, self._letter_model(model))

    def read_clip(
        self,
        path: Path,
        name: str,
        model: Path | None,
        settings: Settings,
        progress: Callable[[float], None] = lambda _fraction: None,
    ) -> Tried:
        """Read a video as the live path does.

        Args:
            path: where it lies; never told to anyone.
            name: for people.
            model: folder of a model; the shipped one by default.
            settings: thresholds and pauses.
            progress: called with a fraction after each frame; what it raises ends the reading.

        Raises:
            SigncapError: the clip or the model cannot be read, or the clip is too large or too long.
        """
        try:
            video = VideoFile(path, realtime=False, limits=CLIP_LIMITS, own_time=True)
            try:
                return self._read_clip(video, name, model, settings, progress)
            finally:
                video.close()
        except SourceError as error:
            raise SourceError(str(error).replace(str(path), name)) from error

    def close(self) -> None:
        """Let go of the models."""
        if self._finder is not None:
            self._finder.close()
            self._finder = None
        self._recognizers.clear()

    def _letter_model(self, model: Path | None) -> LetterModel:
        folder = model or shipped_model()
        try:
            written = (folder / "model.json").stat().st_mtime_ns
        except OSError:
            written = 0  # the recogniser says what is wrong
        key = (folder, written)
        letter_model = self._recognizers.pop(key, None) or LetterModel(folder)
        self._recognizers[key] = letter_model
        while len(self._recognizers) > RECOGNIZERS:
            self._recognizers.popitem(last=False)
        return letter_model

    def _read(self, pixels: Pixels, name: str, letter_model: LetterModel) -> Tried:
        if self._finder is None:
            self._finder = open_detector(hand_model_path(self._hand_model), video=False)
        about: Json = {"kind": "picture", "name": name, "width": pixels.shape[1], "height": pixels.shape[0]}
        found = find_hand_in_picture(self._finder, pixels)
        if found is None:
            files = {"picture.jpg": encode_jpeg(_fit(pixels))}
            return Tried(about | {"picture": "picture.jpg", "hand": None}, files)
        searched, hand = found
        held = read_held(letter_model, searched, hand)
        best = np.argsort(-held.posteriors[:BLANK], kind="stable")[:BEST]
        about |= {
            "picture": "picture.jpg",
            "crop": "crop.png",
            "crop_size": letter_model.crop_size,
            "hand": {"handedness": hand.handedness, "score": round(hand.score, 4)},
            "text": held.text,
            "best": [{"letter": LETTERS[index], "confidence": _rounded(held.posteriors[index])} for index in best],
            "nothing": _rounded(held.posteriors[BLANK]),
        }
        assert held.crop.pixels is not None
        _, crop = cv2.imencode(".png", cv2.cvtColor(held.crop.pixels, cv2.COLOR_RGB2BGR))
        return Tried(about, {"picture.jpg": encode_jpeg(_with_hand(pixels, searched, hand)), "crop.png": bytes(crop)})

    def _read_clip(
        self, video: VideoFile, name: str, model: Path | None, settings: Settings, progress: Callable[[float], None]
    ) -> Tried:
        captioner = LiveCaptioner(settings, model=model, hand_model=self._hand_model)
        clip = _Clip()
        try:
            while (frame := video.read()) is not None:
                clip.note(frame, captioner.accept(frame))
                progress(min(frame.at / (video.duration or CLIP_LIMITS.seconds), 1.0))
            last = captioner.finish()
        finally:
            captioner.close()
        clip.end(last)
        about, files = clip.summary()
        about = {"kind": "clip", "name": name, "text": plain_text(last.state)} | about
        return Tried(about, files | clip.texts(), ReadClip(tuple(clip.readings)))


class _Clip:
    """What is noted while a clip is read: its letters, and a view now and then."""

    def __init__(self) -> None:
        self.readings: list[CaptionResult] = []
        self._transcription = Transcription()
        self._views: list[tuple[float, bytes]] = []
        self._first: Pixels | None = None
        self._size = (0, 0)
        self._seconds = 0.0
        self._frames = self._frames_with_hand = 0

    def note(self, frame: Frame, reading: CaptionResult) -> None:
        self._keep(reading)
        self._frames += 1
        self._seconds = frame.at
        if self._first is None:
            self._first, self._size = _fit(shrink(frame.pixels, VIEW_SIDE)), frame.size
        if reading.hand is None:
            return
        self._frames_with_hand += 1
        if not self._views or frame.at - self._views[-1][0] >= VIEW_EVERY:
            view = _drawn(_fit(shrink(frame.pixels, VIEW_SIDE)), reading.hand, frame.size[0])
            self._views.append((frame.at, encode_jpeg(view)))

    def end(self, last: CaptionResult) -> None:
        self._keep(last)

    def texts(self) -> dict[str, bytes]:
        """Files of its captions."""
        shown = subtitles(self._transcription.cues)
        lines = to_jsonl(self._transcription.letters, self._transcription.cues)
        texts = {"captions.vtt": to_vtt(shown), "captions.srt": to_srt(shown), "letters.jsonl": lines}
        return {name: text.encode() for name, text in texts.items()}

    def _keep(self, reading: CaptionResult) -> None:
        self._transcription.note(reading)
        self.readings.append(CaptionResult(reading.at, reading.state, reading.hand))  # the rest is large

    def summary(self) -> tuple[Json, dict[str, bytes]]:
        files: dict[str, bytes] = {}
        letters = []
        for index, letter in enumerate(self._transcription.letters):
            view = self._view((letter.start + letter.end) / 2)
            picture = None
            if view is not None:
                picture = f"letter-{index}.jpg"
                pixels = cv2.imdecode(np.frombuffer(view, np.uint8), cv2.IMREAD_COLOR)
                files[picture] = encode_jpeg(shrink(np.asarray(pixels, np.uint8), LETTER_SIDE))
            letters.append(
                {
                    "letter": letter.text,
                    "confidence": _rounded(letter.confidence),
                    "start": round(letter.start, 2),
                    "end": round(letter.end, 2),
                    "picture": picture,
                }
            )
        surest = max(self._transcription.letters, key=lambda letter: letter.confidence, default=None)
        moment = (surest.start + surest.end) / 2 if surest is not None else self._seconds / 2
        poster = self._view(moment)
        if poster is None and self._first is not None:
            poster = encode_jpeg(self._first)
        if poster is not None:
            files["poster.jpg"] = poster
        about = {
            "width": self._size[0],
            "height": self._size[1],
            "seconds": round(self._seconds, 2),
            "frames": self._frames,
            "frames_with_hand": self._frames_with_hand,
            "letters": letters,
            "poster": "poster.jpg",
        }
        return about, files

    def _view(self, at: float) -> bytes | None:
        return min(self._views, key=lambda view: abs(view[0] - at))[1] if self._views else None


def _rounded(share: float) -> float:
    return round(float(share), 4)


def _fit(pixels: Pixels) -> Pixels:
    """At the size at which it is shown."""
    scale = SMALLEST_SHOWN / max(pixels.shape[:2])
    if scale > 1:
        return np.asarray(cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC), np.uint8)
    return shrink(pixels, LARGEST_SHOWN)


def _drawn(shown: Pixels, hand: Hand, width: int) -> Pixels:
    """Draw the hand of a picture that was `width` pixels wide into a copy of another size."""
    drawn = shown.copy()
    draw_hand(drawn, replace(hand, landmarks=hand.landmarks * np.float32(shown.shape[1] / width)))
    return drawn


def _with_hand(pixels: Pixels, searched: Pixels, hand: Hand) -> Pixels:
    """The picture with the hand drawn in that was found in it, enlarged."""
    return _drawn(_fit(pixels), hand, searched.shape[1])
