"""How good a model is on people it has not seen, with the live recogniser itself."""

import contextlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np

from models.console import all_in_parallel
from models.training.data.tree import MOVING, PICTURES, VIDEOS, Entry, read_tree
from overlay.captions.transcript import plain_text
from overlay.core.errors import SigncapError, SourceError
from overlay.core.process.native_output import silence_opencv
from overlay.media.images import read_picture
from overlay.media.sources.video_file import VideoFile
from overlay.pipeline.live_captioner import LiveCaptioner
from overlay.recognition.hands.detector_choice import open_detector
from overlay.recognition.hands.photograph import find_hand_in_picture
from overlay.recognition.letter_model import LetterModel
from overlay.recognition.still import read_held

BINS: Final = 10
NOTHING: Final = "nothing"  # where no letter was read

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """What was read from one picture or video.

    Attributes:
        found: a hand was found in it.
        text: the letters that were read; empty where none was sure enough.
        confidence: of the first of them; None where there is none, and for videos.
    """

    found: bool
    text: str = ""
    confidence: float | None = None


@dataclass(frozen=True)
class Answers:
    """What was read from all pictures and videos of a tree, but for those left out.

    Attributes:
        by_entry: in the order of the tree.
        left_out: how many pictures of J and Z were not looked at.
    """

    by_entry: dict[Entry, Answer]
    left_out: int = 0


def read_all(
    folder: Path, *, model: Path | None, hand_model: Path, moving_pictures: bool = False, jobs: int = 1
) -> Answers:
    """Read every picture as a sign held for a second, and every video from end to end.

    Args:
        folder: the tree.
        model: folder of a model; the shipped one by default.
        hand_model: MediaPipe's bundle.
        moving_pictures: look at pictures of J and Z too.
        jobs: how many processes; the answers do not depend on it.

    Raises:
        SigncapError: there is nothing to read, or the model cannot be run.
    """
    everything = read_tree(folder, PICTURES | VIDEOS)
    entries = [entry for entry in everything if moving_pictures or entry.letter not in MOVING or _is_video(entry)]
    if not entries:
        raise SigncapError(
            f"{folder} holds only pictures of J and Z, which are motion: add videos of them, or --moving-pictures."
        )
    answers = all_in_parallel(partial(_Reader, folder, model, hand_model), entries, jobs, "reading")
    return Answers(dict(zip(entries, answers, strict=True)), len(everything) - len(entries))


class _Reader:
    """Reads one picture or video after the other, in a process of its own."""

    def __init__(self, folder: Path, model: Path | None, hand_model: Path) -> None:
        silence_opencv()
        self._folder, self._model, self._hand_model = folder, model, hand_model
        self._letter_model = LetterModel(model)
        self._finder = open_detector(hand_model, video=False)

    def __call__(self, entry: Entry) -> Answer:
        path = self._folder / entry.path
        return self._video(path) if _is_video(entry) else self._picture(path)

    def _picture(self, path: Path) -> Answer:
        pixels = read_picture(path)
        found = None if pixels is None else find_hand_in_picture(self._finder, pixels)
        if found is None:
            return Answer(found=False)
        held = read_held(self._letter_model, *found)
        return Answer(True, held.text, held.letters[0].confidence if held.letters else None)

    def _video(self, path: Path) -> Answer:
        captioner = LiveCaptioner(model=self._model, hand_model=self._hand_model)
        with contextlib.ExitStack() as stack:
            stack.callback(captioner.close)
            try:
                video = VideoFile(path, realtime=False)
                stack.callback(video.close)
                while (frame := video.read()) is not None:
                    captioner.accept(frame)
            except SourceError:  # damaged, or no video
                return Answer(found=False)
            text = "".join(plain_text(captioner.finish().state).split())
            return Answer(captioner.frames_with_hand > 0, text)


def figures_of(answers: Answers) -> Json:
    """All figures of pictures and videos, as plain values."""
    pairs = list(answers.by_entry.items())
    signers = _by_signer(pairs)
    of_all = {name: float(score["accuracy"]) for name, score in signers.items()}
    of_found = {name: float(score["found_accuracy"]) for name, score in signers.items()}
    worst = min(of_all, key=lambda name: of_all[name])
    confusions = Counter(
        (entry.letter, answer.text or NOTHING)
        for entry, answer in pairs
        if answer.found and not _right(entry, answer)
    )
    letters = _by_letter(pairs)
    return {
        "signers": signers,
        "mean": float(np.mean(list(of_all.values()))),
        "worst": of_all[worst],
        "worst_signer": worst,
        "found_mean": float(np.mean(list(of_found.values()))),
        "found_worst": min(of_found.values()),
        "pictures": sum(not _is_video(entry) for entry, _ in pairs),
        "videos": sum(_is_video(entry) for entry, _ in pairs),
        "left_out": answers.left_out,
        "letters": letters,
        "macro": {
            key: float(np.mean([score[key] for score in letters.values()])) for key in ("precision", "recall", "f1")
        },
        "confusions": [[*pair, count] for pair, count in confusions.most_common()],
        "calibration": _calibration(pairs),
        "missed": [entry.path for entry, answer in pairs if not answer.found],
    }


def _is_video(entry: Entry) -> bool:
    return Path(entry.path).suffix.lower() in VIDEOS


def _right(entry: Entry, answer: Answer) -> bool:
    """Just the letter was read, once."""
    return answer.text == entry.letter


def _by_signer(pairs: Sequence[tuple[Entry, Answer]]) -> Json:
    scores: Json = {}
    for name in sorted({entry.signer for entry, _ in pairs}):
        mine = [(entry, answer) for entry, answer in pairs if entry.signer == name]
        found, right = sum(answer.found for _, answer in mine), sum(_right(*pair) for pair in mine)
        scores[name] = {
            "accuracy": right / len(mine),
            "found_accuracy": right / max(found, 1),
            "images": len(mine),
            "found": found,
        }
    return scores


def _by_letter(pairs: Sequence[tuple[Entry, Answer]]) -> Json:
    """A picture that was missed, and one from which nothing or several letters were read, is a miss of its letter
    and no hit of another."""
    support = Counter(entry.letter for entry, _ in pairs)
    right = Counter(entry.letter for entry, answer in pairs if _right(entry, answer))
    read = Counter(answer.text for _, answer in pairs)
    scores: Json = {}
    for letter in sorted(support):
        precision, recall = right[letter] / max(read[letter], 1), right[letter] / support[letter]
        f1 = 2 * precision * recall / (precision + recall) if right[letter] else 0.0
        scores[letter] = {"precision": precision, "recall": recall, "f1": f1, "support": support[letter]}
    return scores


def _calibration(pairs: Sequence[tuple[Entry, Answer]]) -> Json:
    """Of pictures from which something was read; the confidence is that of the first letter."""
    return calibration_of(
        [(answer.confidence, _right(entry, answer)) for entry, answer in pairs if answer.confidence is not None]
    )


def calibration_of(sure: Sequence[tuple[float, bool]]) -> Json:
    """Whether a confidence of 0.8 is right in 80 % of the cases: the expected calibration error (Guo et al., 2017).

    Args:
        sure: of each answer its confidence, and whether it is right.
    """
    bins, error = [], 0.0
    for number in range(BINS):
        inside = [(value, right) for value, right in sure if min(int(value * BINS), BINS - 1) == number]
        confidence = float(np.mean([value for value, _ in inside])) if inside else None
        accuracy = float(np.mean([right for _, right in inside])) if inside else None
        if confidence is not None and accuracy is not None:
            error += len(inside) / len(sure) * abs(confidence - accuracy)
        bins.append(
            {
                "from": number / BINS,
                "to": (number + 1) / BINS,
                "count": len(inside),
                "confidence": confidence,
                "accuracy": accuracy,
            }
        )
    return {"error": error if sure else None, "counted": len(sure), "bins": bins}
