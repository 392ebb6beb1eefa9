"""What the real recogniser reads of phrases that the synthetic signer spells when they are shown."""

from pathlib import Path

import numpy as np
import pytest

from overlay.core.settings import Settings
from overlay.media.frame import Frame
from overlay.pipeline.live_captioner import LiveCaptioner
from overlay.prompted.plan import ShownPlan
from overlay.prompted.session import ShownSession
from overlay.prompted.state import Phase
from overlay.synthesis.signer import SyntheticSigner

pytestmark = [pytest.mark.integration, pytest.mark.slow]

RATE = 20  # frames a second of the camera; what is kept has 30
SIZE = (480, 360)


def test_what_the_signer_spells_is_read_and_becomes_running_spelling(hand_model: Path) -> None:
    session = ShownSession(Settings, start_work=lambda work: work())
    captioner = LiveCaptioner(hand_model=hand_model)
    session.start(ShownPlan(seed=4, count=1, countdown=0.2, signer="synthetic"))
    at, resting = 10.0, SyntheticSigner("A", size=SIZE).render(0.0)
    try:
        while session.state.phase is not Phase.DONE:
            assert at < 60
            if session.state.phase is Phase.WAITING:
                signer = SyntheticSigner(session.state.prompt, letters_per_second=2.5, size=SIZE, seed=3)
                began = at
                while at - began < signer.duration:
                    at += 1 / RATE
                    frame = Frame(signer.render(at - began), 0, at)
                    session.accept(frame, captioner.accept(frame))
            else:
                at += 1 / RATE
                frame = Frame(resting, 0, at)
                session.accept(frame, captioner.accept(frame))
    finally:
        captioner.close()
    literal = session.state.view()["literal"]
    assert literal["error_rate"] < 0.2
    for phrase in session.phrases():
        take = phrase.running_take("synthetic")
        assert take.rate == 30
        assert len(take.landmarks) / 30 == pytest.approx(phrase.seconds, abs=0.1)
        seen = ~np.isnan(take.landmarks[:, 0, 0])
        assert seen.mean() > 0.5
        assert ((take.landmarks[seen][:, 9, :2] > 0) & (take.landmarks[seen][:, 9, :2] < 1)).all()
        assert take.landmarks[seen][:, 0, 0].mean() < 0.5, "a right hand is on the left of the picture"
