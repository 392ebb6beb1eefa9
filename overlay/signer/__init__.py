"""The synthetic signer: fingerspells any text before a camera that does not exist."""

from overlay.signer.look import SignerLook
from overlay.signer.motion import Span
from overlay.signer.synthetic_signer import SyntheticSigner

__all__ = ["SignerLook", "Span", "SyntheticSigner"]
