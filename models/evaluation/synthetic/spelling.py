"""Running spelling by synthetic people: how much of it is read, by speed and by the camera's rate."""

from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import Any, Final

import numpy as np

from models.evaluation.live import Eyes, Scene, Seen
from models.evaluation.synthetic.unseen import SIZE, UNSEEN, text
from overlay.core.edit_distance import Edits, edits, total
from overlay.synthesis.signer import SignerLook, SyntheticSigner

SPEEDS: Final = (2.0, 4.0, 6.0)  # letters a second
FLUENT_SPEED: Final = 4.0  # at which letters are coarticulated too
RATES: Final = (15.0, 24.0, 30.0, 60.0)  # frames a second
SPELLED: Final = 3  # words that each signer spells
TOP: Final = 20  # errors that are listed
NOTHING: Final = "nothing"
SPACE: Final = "space"

Json = dict[str, Any]


def spell(spelled: str, speed: float, seed: int, look: SignerLook, coarticulation: float = 0.0) -> SyntheticSigner:
    """Somebody who spells."""
    return SyntheticSigner(
        spelled, letters_per_second=speed, seed=seed, look=look, size=SIZE, coarticulation=coarticulation
    )


def spelling_figures(
    eyes: Eyes,
    words: int,
    *,
    speeds: Sequence[float] = SPEEDS,
    rates: Sequence[float] = RATES,
    coarticulated: bool = False,
) -> Json:
    """Let people spell so many words at each speed, each of them before a camera of one of the rates in turn.

    The same people spell the same words at every speed, letter by letter, and where asked for once more as fluent
    people do: these figures are apart, and None where not asked for.
    """
    texts = [text(k, min(SPELLED, words - first)) for k, first in enumerate(range(0, words, SPELLED))]
    cells = [(speed, rates[k % len(rates)], k) for speed in speeds for k in range(len(texts))]
    scenes = [
        Scene(partial(spell, texts[k], speed, UNSEEN + k, SignerLook.random(UNSEEN + k)), rate)
        for speed, rate, k in cells
    ]
    seen = eyes.read(scenes, "running spelling")
    pairs = [(texts[k], one) for (_, _, k), one in zip(cells, seen, strict=True)]

    def those(speed: float | None = None, rate: float | None = None) -> list[tuple[str, Seen]]:
        return [
            pair
            for pair, (own_speed, own_rate, _) in zip(pairs, cells, strict=True)
            if speed in (None, own_speed) and rate in (None, own_rate)
        ]

    whole = total(edits(wanted, one.text) for wanted, one in pairs)
    by_signer = [
        total(edits(texts[k], one.text) for (_, _, number), one in zip(cells, seen, strict=True) if number == k)
        for k in range(len(texts))
    ]
    return {
        "words": words,
        "signers": len(texts),
        "all": rates_of(pairs),
        "speeds": {
            f"{speed:g}": rates_of(those(speed))
            | {"rates": {f"{rate:g}": rates_of(those(speed, rate)) for rate in rates if those(speed, rate)}}
            for speed in speeds
        },
        "rates": {f"{rate:g}": rates_of(those(rate=rate)) for rate in rates if those(rate=rate)},
        "hand_found": hand_found(seen),
        "worst_signers": sorted((one.error_rate for one in by_signer), reverse=True)[:5],
        "median_signer": float(np.median([one.error_rate for one in by_signer])),
        "errors": [[*pair, count] for pair, count in Counter(map(_named, whole.pairs)).most_common(TOP)],
        "coarticulated": coarticulated_figures(eyes, texts, rates=rates) if coarticulated else None,
    }


def coarticulated_figures(
    eyes: Eyes, texts: Sequence[str], *, speed: float = FLUENT_SPEED, rates: Sequence[float] = RATES
) -> Json:
    """Let each of the people spell one of the texts with letters that run into each other, as fluent people do."""
    scenes = [
        Scene(partial(spell, spelled, speed, UNSEEN + k, SignerLook.random(UNSEEN + k), 1.0), rates[k % len(rates)])
        for k, spelled in enumerate(texts)
    ]
    seen = eyes.read(scenes, "coarticulated spelling")
    pairs = list(zip(texts, seen, strict=True))
    by_rate = {f"{rate:g}": pairs[k :: len(rates)] for k, rate in enumerate(rates)}
    errors = Counter(map(_named, total(edits(wanted, one.text) for wanted, one in pairs).pairs))
    return {
        "speed": speed,
        **rates_of(pairs),
        "rates": {rate: rates_of(some) for rate, some in by_rate.items() if some},
        "hand_found": hand_found(seen),
        "errors": [[*pair, count] for pair, count in errors.most_common(TOP)],
    }


def rates_of(pairs: Sequence[tuple[str, Seen]]) -> Json:
    """Error rates of (what was spelled, what was read), spaces counted as characters and, apart, letters only."""
    whole = total(edits(wanted, one.text) for wanted, one in pairs)
    letters = total(edits(wanted.replace(" ", ""), one.letters) for wanted, one in pairs)
    return {
        "characters": whole.wanted,
        "error_rate": whole.error_rate,
        "letters": letters.wanted,
        "letter_error_rate": letters.error_rate,
        **_shares(whole),
    }


def hand_found(seen: Sequence[Seen]) -> float:
    """Share of the frames with the hand in view in which it was found."""
    return sum(one.found_in_view for one in seen) / max(sum(one.in_view for one in seen), 1)


def _shares(of: Edits) -> Json:
    return {kind: getattr(of, kind) / max(of.wanted, 1) for kind in ("substitutions", "deletions", "insertions")}


def _named(pair: tuple[str, str]) -> tuple[str, str]:
    meant, read = ((SPACE if one == " " else one or NOTHING) for one in pair)
    return meant, read
