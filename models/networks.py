"""The CNN-LSTM that ships: an encoder for one frame, an LSTM over the window."""

from torch import Tensor, nn

from overlay.recognizer import CLASSES
from overlay.window import MOTION

FEATURES = 128
LANDMARKS = 63


def _separable(inputs: int, outputs: int, stride: int) -> nn.Sequential:
    """Depthwise-separable convolution (MobileNet: Howard et al., 2017)."""
    return nn.Sequential(
        nn.Conv2d(inputs, inputs, 3, stride, 1, groups=inputs, bias=False),
        nn.BatchNorm2d(inputs),
        nn.ReLU(),
        nn.Conv2d(inputs, outputs, 1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(),
    )


class Encoder(nn.Module):
    """A hand in one frame → a feature vector.

    The two branches are added, not chained, and each can be absent: most landmark data has no pixels.
    """

    def __init__(self) -> None:
        super().__init__()
        self.pixels = nn.Sequential(
            nn.Conv2d(3, 24, 3, 2, 1, bias=False),
            nn.BatchNorm2d(24),
            nn.ReLU(),
            _separable(24, 48, 2),
            _separable(48, 64, 2),
            _separable(64, 64, 1),
            _separable(64, 96, 2),
            _separable(96, 96, 1),
            nn.Conv2d(96, 48, 1),
            nn.ReLU(),
            nn.Flatten(),  # 6 x 6 places are kept: where a finger lies is what tells M from N
            nn.Dropout(0.2),
            nn.Linear(48 * 6 * 6, FEATURES),
        )
        self.landmarks = nn.Sequential(
            nn.Linear(LANDMARKS, 256),
            nn.ReLU(),
            nn.Dropout(0.1),
            nn.Linear(256, 256),
            nn.ReLU(),
            nn.Dropout(0.1),
            nn.Linear(256, FEATURES),
        )
        self.norm = nn.LayerNorm(FEATURES)

    def forward(
        self, crop: Tensor, landmarks: Tensor, has_pixels: Tensor | None = None, has_landmarks: Tensor | None = None
    ) -> Tensor:
        """Features (N, FEATURES).

        Args:
            crop: uint8 or float (N, S, S, 3), RGB, 0 to 255.
            landmarks: float (N, 63).
            has_pixels, has_landmarks: (N,), 0 where that branch is absent; None: all there.
        """
        image = (crop.permute(0, 3, 1, 2).float() - 127.5) / 64.0
        seen = self.pixels(image)
        felt = self.landmarks(landmarks)
        if has_pixels is not None:
            seen = seen * has_pixels[:, None]
        if has_landmarks is not None:
            felt = felt * has_landmarks[:, None]
        features: Tensor = self.norm(seen + felt)
        return features

    def felt(self, landmarks: Tensor) -> Tensor:
        """Features (N, FEATURES) of landmarks (N, 63) alone."""
        features: Tensor = self.norm(self.landmarks(landmarks))
        return features


class Temporal(nn.Module):
    """Features over the window → logits of the classes, about the moment `delay` steps before the newest row."""

    def __init__(self, hidden: int = 128) -> None:
        super().__init__()
        self.enter = nn.Sequential(nn.Linear(FEATURES + MOTION, hidden), nn.ReLU(), nn.Dropout(0.1))
        self.lstm = nn.LSTM(hidden, hidden, batch_first=True)
        self.leave = nn.Sequential(nn.Dropout(0.2), nn.Linear(hidden, CLASSES))

    def forward(self, rows: Tensor) -> Tensor:
        """Logits (N, CLASSES) of the newest row of (N, T, FEATURES + MOTION)."""
        logits: Tensor = self.every_step(rows)[:, -1]
        return logits

    def every_step(self, rows: Tensor) -> Tensor:
        """Logits (N, T, CLASSES) of every row, for training."""
        states, _ = self.lstm(self.enter(rows))
        logits: Tensor = self.leave(states)
        return logits
