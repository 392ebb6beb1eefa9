"""Every network as the pair that the live path runs: an encoder for one crop, a reader of the window's rows."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from models.training.data.rows import DELAY
from models.training.networks.baselines import HELD_STEPS, HIDDEN, CnnRnn, FrameNetwork
from models.training.networks.sequence_network import SpellingNetwork
from models.training.networks.shipped import FEATURES, Encoder, Temporal
from overlay.recognition.crop import CROP_SIZE
from overlay.recognition.letter_model import LETTERS

AVERAGED = 6  # rows over which a network without memory is averaged: 0.2 seconds
LEAST = 1e-6  # probability


@dataclass(frozen=True)
class LivePair:
    """What is exported.

    Attributes:
        encoder: crop uint8 (1, S, S, 3), landmarks float (1, 63) and, if `needs_no_pixels`, seen float (1,), 0 where
            the pixels are to be passed over → feature (1, F).
        temporal: rows float (1, STEPS, F + MOTION) → logits (1, CLASSES).
        size: side S of the crops.
        features: length F.
        delay: steps of the grid that the answer lies behind the newest row.
        upright: the encoder wants crops in which the hand is upright.
    """

    encoder: nn.Module
    temporal: nn.Module
    size: int
    features: int
    delay: int
    needs_no_pixels: bool = False
    upright: bool = False


class _OwnEncoder(nn.Module):
    """Ours, with or without pixels."""

    def __init__(self, encoder: nn.Module) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, crop: Tensor, landmarks: Tensor, seen: Tensor | None = None) -> Tensor:
        result: Tensor = self.encoder(crop, landmarks, seen)
        return result


class _PixelEncoder(nn.Module):
    """One that does not look at the landmarks."""

    def __init__(self, *layers: nn.Module) -> None:
        super().__init__()
        self.layers = nn.Sequential(*layers)

    def forward(self, crop: Tensor, landmarks: Tensor) -> Tensor:
        # The live path gives landmarks to every model; an input that is not used would be left out of the file.
        result: Tensor = self.layers(crop) + 0 * landmarks.sum()
        return result


class _Averaged(nn.Module):
    """The letters that single frames show, averaged; what is left is blank: frames that differ, or have no hand."""

    def forward(self, rows: Tensor) -> Tensor:
        newest = rows[:, -AVERAGED:]
        there = newest[..., -1:]
        letters = (newest[..., : len(LETTERS)].softmax(2) * there).mean(1)
        return _with_blank(letters)


class _Remembered(nn.Module):
    """The LSTM over the newest rows; blank where there is no hand."""

    def __init__(self, rnn: nn.LSTM, leave: nn.Linear) -> None:
        super().__init__()
        self.rnn = rnn
        self.leave = leave

    def forward(self, rows: Tensor) -> Tensor:
        newest = rows[:, -HELD_STEPS:]
        states, _ = self.rnn(newest[..., :HIDDEN])
        letters = self.leave(states[:, -1]).softmax(1) * newest[:, :, -1].mean(1, keepdim=True)
        return _with_blank(letters)


def _with_blank(letters: Tensor) -> Tensor:
    blank = 1 - letters.sum(1, keepdim=True)
    return torch.cat([letters, blank], 1).clamp(min=LEAST).log()


def own_pair(encoder: Encoder, temporal: Temporal) -> LivePair:
    """The CNN-LSTM that ships."""
    return LivePair(
        _OwnEncoder(encoder).eval(), temporal.eval(), CROP_SIZE, FEATURES, DELAY, needs_no_pixels=True, upright=True
    )


def live_pair(network: nn.Module, size: int) -> LivePair:
    """The two halves of a network of the registry, in evaluation mode."""
    network.eval()
    if isinstance(network, SpellingNetwork):
        return own_pair(network.encoder, network.temporal)
    if isinstance(network, CnnRnn):
        encoder = _PixelEncoder(network.encoder)
        return LivePair(encoder.eval(), _Remembered(network.rnn, network.leave).eval(), size, HIDDEN, 0)
    assert isinstance(network, FrameNetwork)
    encoder = _PixelEncoder(network.encoder, network.leave)
    return LivePair(encoder.eval(), _Averaged().eval(), size, len(LETTERS), AVERAGED // 2)
