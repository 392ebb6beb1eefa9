"""Letters that are read where nobody signs."""

from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any, Final

from models.evaluation.live import Eyes, Scene, Seen
from models.evaluation.silence.panned import PannedView, views_without_hand
from models.evaluation.silence.resting import Stillness, gesture, rest
from models.evaluation.synthetic.unseen import UNSEEN

SCENE: Final = 20.0  # seconds
SHOT: Final = 6.0  # seconds of each real picture

Json = dict[str, Any]


def silence_figures(eyes: Eyes, minutes: float, pictures: Path | None = None) -> Json:
    """Watch for so many minutes in all, a like share of each situation.

    Args:
        eyes: who reads.
        minutes: in all.
        pictures: folder of real pictures, of which the parts without the hand are shown; left out by default.

    Raises:
        SigncapError: the folder holds none that can be used.
    """
    share = 60 * minutes / (3 if pictures is None else 4)
    people = _parts(share, SCENE)
    scenes = {
        "gestures": [Scene(partial(gesture, seconds, UNSEEN + 1000 + k)) for k, seconds in enumerate(people)],
        "a hand at rest, or lowered": [
            Scene(partial(rest, seconds, UNSEEN + 2000 + k)) for k, seconds in enumerate(people)
        ],
        "nobody, or a person with hands down": [
            Scene(partial(Stillness, seconds, UNSEEN + 3000 + k, person=k % 4 != 3))
            for k, seconds in enumerate(people)
        ],
    }
    if pictures is not None:
        shots = _parts(share, SHOT)
        views = views_without_hand(pictures, eyes.hand_model, len(shots))
        scenes["real pictures without their hand"] = [
            Scene(partial(PannedView, views[k % len(views)], seconds, k)) for k, seconds in enumerate(shots)
        ]
    seen = iter(eyes.read([scene for several in scenes.values() for scene in several], "nobody signs"))
    by_situation = {name: [next(seen) for _ in several] for name, several in scenes.items()}
    return {
        "situations": {name: _figures(several) for name, several in by_situation.items()},
        "all": _figures([one for several in by_situation.values() for one in several]),
    }


def _figures(seen: list[Seen]) -> Json:
    minutes = sum(one.seconds for one in seen) / 60
    letters = Counter("".join(one.letters for one in seen))
    return {
        "minutes": minutes,
        "letters": letters.total(),
        "a_minute": letters.total() / minutes,
        "which": dict(letters.most_common()),
        "hand_found": sum(one.with_hand for one in seen) / max(sum(one.frames for one in seen), 1),
    }


def _parts(seconds: float, most: float) -> list[float]:
    """Scenes of equal length that take so long in all, none longer than `most`."""
    count = max(round(seconds / most + 0.49), 1)
    return [seconds / count] * count
