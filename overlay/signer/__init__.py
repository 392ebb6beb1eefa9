"""The synthetic signer: fingerspells any text, or only gestures, before a camera that does not exist."""

from overlay.signer.gestures import Gesturing
from overlay.signer.look import SignerLook
from overlay.signer.motion import Span
from overlay.signer.synthetic_signer import SyntheticSigner

__all__ = ["Gesturing", "SignerLook", "Span", "SyntheticSigner"]
