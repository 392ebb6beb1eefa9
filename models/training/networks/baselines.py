"""The three networks of the student report that Signcap carries on (Erzhanov and Mussabek, Astana, 2024).

Three 3×3 convolutions (64, 128, 256 channels), each with ReLU and 2×2 max-pooling, a layer of 512 units, 26 outputs.
"""

import torch
from torch import Tensor, nn

from overlay.recognition.letter_model import LETTERS

HIDDEN = 512
LSTM_HIDDEN = 128
HELD_STEPS = 8  # steps that a picture is held for when a recurrent network reads it alone
DROPOUT = 0.2
IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)


class Normalise(nn.Module):
    """RGB bytes (N, S, S, 3) → float (N, 3, S, S) with ImageNet's mean and spread, as the report has it.

    A part of the network, so that the exported one takes bytes as the live path has them.
    """

    mean: Tensor
    std: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", 255 * torch.tensor(IMAGENET_MEAN).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("std", 255 * torch.tensor(IMAGENET_STD).view(1, 3, 1, 1), persistent=False)

    def forward(self, crops: Tensor) -> Tensor:
        """Normalise crops of any number type, 0 to 255."""
        result: Tensor = (crops.permute(0, 3, 1, 2).float() - self.mean) / self.std
        return result


def _convolutions() -> nn.Sequential:
    layers: list[nn.Module] = [Normalise()]
    for inputs, outputs in ((3, 64), (64, 128), (128, 256)):
        layers += [nn.Conv2d(inputs, outputs, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
    return nn.Sequential(*layers, nn.Flatten())


class FrameNetwork(nn.Module):
    """A network that reads single pictures: an encoder, then one linear layer.

    Args:
        size: side S of the pictures; a multiple of 8.
        enhanced: with batch normalisation and dropout, as the report's second network.
    """

    def __init__(self, size: int, *, enhanced: bool) -> None:
        super().__init__()
        side = size // 8
        layers: list[nn.Module] = [_convolutions(), nn.Linear(256 * side * side, HIDDEN), nn.ReLU()]
        if enhanced:
            layers += [nn.BatchNorm1d(HIDDEN), nn.Dropout(DROPOUT)]
        self.encoder = nn.Sequential(*layers)
        self.leave = nn.Linear(HIDDEN, len(LETTERS))

    def forward(self, crops: Tensor) -> Tensor:
        """Logits (N, 26) of crops (N, S, S, 3)."""
        logits: Tensor = self.leave(self.encoder(crops))
        return logits


class CnnRnn(nn.Module):
    """The report's CNN-RNN, with its LSTM(128) in the path: there it was made but never called.

    The report gives the LSTM 256 inputs and keeps 512 → 26 for the output; here it reads the 512 units of each
    frame, and the output layer reads the LSTM.
    """

    def __init__(self, size: int) -> None:
        super().__init__()
        self.encoder = FrameNetwork(size, enhanced=True).encoder
        self.rnn = nn.LSTM(HIDDEN, LSTM_HIDDEN, batch_first=True)
        self.leave = nn.Linear(LSTM_HIDDEN, len(LETTERS))

    def forward(self, crops: Tensor) -> Tensor:
        """Logits (N, T, 26) of every frame of clips (N, T, S, S, 3); or (N, 26) of pictures (N, S, S, 3), held."""
        if crops.ndim == 4:
            features = self.encoder(crops)
            return self.read(features[:, None].expand(-1, HELD_STEPS, -1))[:, -1]
        count, steps = crops.shape[:2]
        return self.read(self.encoder(crops.flatten(0, 1)).unflatten(0, (count, steps)))

    def read(self, features: Tensor) -> Tensor:
        """Logits (N, T, 26) of features (N, T, 512)."""
        states, _ = self.rnn(features)
        logits: Tensor = self.leave(states)
        return logits
