"""Posteriors kept for decoders to be compared on."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.evaluation.posteriors import hear, load_heard, photographed, save_heard
from overlay.core.errors import SigncapError
from overlay.recognition.decoder import Decoder
from overlay.synthesis.signer import SyntheticSigner

pytestmark = pytest.mark.integration


def test_what_is_heard_decodes_to_what_was_signed_and_is_kept(
    collection: Path, tmp_path: Path, hand_model: Path
) -> None:
    synthetic = hear(SyntheticSigner("LB", size=(320, 240)), 15.0, model=None, hand_model=hand_model)
    held = [
        signer.spell(np.random.default_rng(0), 1, 3.0)
        for signer in photographed(collection, model=None, hand_model=hand_model)
    ]
    assert [one.kind for one in (synthetic, *held)] == ["synthetic", "photographs", "photographs"]
    assert set("".join(one.text for one in held)) <= set("ABL")
    assert all(a != b for one in held for a, b in zip(one.text, one.text[1:], strict=False))
    for one in (synthetic, *held):
        decoder = Decoder()
        letters = [
            letter.text
            for answer, at, moved in zip(one.posteriors, one.at, one.moved.tolist(), strict=True)
            for letter in decoder.accept(answer, float(at), (moved[0], moved[1]))
        ]
        assert "".join(letters) == one.text
        assert (one.known >= one.at).all()
    save_heard([synthetic, *held], tmp_path / "heard.npz")
    for kept, one in zip(load_heard(tmp_path / "heard.npz"), [synthetic, *held], strict=True):
        assert np.array_equal(kept.posteriors, one.posteriors)
        assert replace(kept, posteriors=0, at=0, known=0, moved=0) == replace(  # type: ignore[arg-type]
            one, posteriors=0, at=0, known=0, moved=0
        )


def test_pictures_of_one_letter_cannot_be_strung_together(tmp_path: Path, hand_model: Path) -> None:
    (tmp_path / "ann" / "A").mkdir(parents=True)
    (tmp_path / "ann" / "A" / "0.jpg").write_bytes(b"no picture")
    with pytest.raises(SigncapError, match=r"No signer in .* shows two letters"):
        list(photographed(tmp_path, model=None, hand_model=hand_model))
