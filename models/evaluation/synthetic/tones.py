"""The same synthetic people with every skin tone: does the tone alone change what is read?"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final

from models.evaluation.live import Eyes, Scene
from models.evaluation.synthetic.spelling import SPELLED, hand_found, rates_of, spell
from models.evaluation.synthetic.unseen import UNSEEN, text
from overlay.synthesis.signer import SignerLook
from overlay.synthesis.signer.look import SKIN_TONES, Colour

SPEED: Final = 4.0  # letters a second
FIRST: Final = 5000  # of the seeds

Json = dict[str, Any]


def tone_figures(eyes: Eyes, words: int, skins: Sequence[Colour] = SKIN_TONES) -> Json:
    """Let the same people spell the same so many words with each of the tones, from very dark to very light."""
    texts = [text(FIRST + k, min(SPELLED, words - first)) for k, first in enumerate(range(0, words, SPELLED))]
    scenes = [
        Scene(
            partial(
                spell, spelled, SPEED, UNSEEN + FIRST + k, replace(SignerLook.random(UNSEEN + FIRST + k), skin=skin)
            )
        )
        for skin in skins
        for k, spelled in enumerate(texts)
    ]
    seen = iter(eyes.read(scenes, "skin tones"))
    tones = []
    for blue, green, red in skins:
        pairs = [(spelled, next(seen)) for spelled in texts]
        found = hand_found([one for _, one in pairs])
        tones.append({"skin": f"#{red:02x}{green:02x}{blue:02x}", "hand_found": found} | rates_of(pairs))
    return {"words": words, "signers": len(texts), "speed": SPEED, "tones": tones}
