"""The synthetic signer: fingerspells any text, or only gestures, before a camera that does not exist."""

from overlay.synthesis.signer.gesturing.gestures import Gesturing
from overlay.synthesis.signer.look import SignerLook
from overlay.synthesis.signer.movement.motion import Span
from overlay.synthesis.signer.synthetic_signer import SyntheticSigner

__all__ = ["Gesturing", "SignerLook", "Span", "SyntheticSigner"]
