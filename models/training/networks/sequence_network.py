"""Our own CNN-LSTM as it is trained: encoder and LSTM in one, from pictures to the letters of a whole sequence."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from models.training.networks.shipped import FEATURES, Encoder, Temporal
from overlay.recognition.feature_window import MOTION, STEPS
from overlay.recognition.letter_model import LETTERS


@dataclass(frozen=True)
class Sequences:
    """A batch of sequences that share one list of pictures.

    Attributes:
        crops: uint8 (P, S, S, 3), RGB.
        landmarks: float (P, 63).
        first, second: int (N, L), the pictures that a row lies between; share: float (N, L), nearer to the second.
        motion: float (N, L, MOTION); the last column is 1 where there is a hand.
    """

    crops: Tensor
    landmarks: Tensor
    first: Tensor
    second: Tensor
    share: Tensor
    motion: Tensor


class SpellingNetwork(nn.Module):
    """The encoder, the LSTM, and a classifier of single pictures that only helps the encoder to learn."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = Encoder()
        self.temporal = Temporal()
        self.head = nn.Linear(FEATURES, len(LETTERS))

    def forward(self, crops: Tensor, landmarks: Tensor, sequences: Sequences | None = None) -> tuple[Tensor, Tensor]:
        """Logits of every row (N, L, CLASSES) and of every picture (P, 26).

        Without `sequences`, each picture is a sequence of its own: held still over a whole window, (P, CLASSES).
        """
        if sequences is None:
            features = self.encoder(crops, landmarks)
            motion = features.new_zeros(len(features), STEPS, MOTION)
            motion[:, :, -1] = 1
            rows = torch.cat([features[:, None].expand(-1, STEPS, -1), motion], 2)
            return self.temporal(rows), self.head(features)
        seen, felt = (None, None) if not self.training else self._absent(len(crops), crops.device)
        features = self.encoder(crops, landmarks, seen, felt)
        share = sequences.share[..., None]
        rows = (1 - share) * features[sequences.first] + share * features[sequences.second]
        rows = torch.cat([rows * sequences.motion[..., -1:], sequences.motion], 2)
        return self.temporal.every_step(rows), self.head(features)

    @staticmethod
    def _absent(count: int, device: torch.device) -> tuple[Tensor, Tensor]:
        """Modality dropout: either branch must work alone, never both are absent."""
        draw = torch.rand(count, device=device)
        return (draw > 0.15).float(), (draw < 0.85).float()
