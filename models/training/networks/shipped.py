"""The CNN-LSTM that ships: an encoder for one frame, an LSTM over the window."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from overlay.recognition.crop import PALM
from overlay.recognition.feature_window import MOTION
from overlay.recognition.letter_model import CLASSES

FEATURES = 128
LANDMARKS = 63
MEMBERS = 4  # of the committee on the landmarks
WAYS = 8  # of edges
CELL = 8  # pixels
CELLS = 12  # along a side of a crop
SEEN = 64 * (CELLS // 2) ** 2


class Edges(nn.Module):
    """Crop (N, S, S, 3) → how strong edges of each way are in each cell, (N, WAYS, S / CELL, S / CELL).

    Histograms of oriented gradients (Dalal and Triggs, 2005), with soft bins and one normalisation by the cells
    around. It is not learnt: it leaves out the light, the room's and the skin's colour, which a network that sees few
    people learns by heart instead of hands.
    """

    STRENGTH = 255 / 3  # what 1 is as a byte, see `store`
    QUIET = 4.0  # edges weaker than this, in grey levels, are not made stronger

    def __init__(self) -> None:
        super().__init__()
        angles = torch.arange(WAYS) * math.pi / WAYS
        self.across: Tensor
        self.down: Tensor
        self.grey: Tensor
        self.register_buffer("across", torch.cos(angles).view(1, WAYS, 1, 1), persistent=False)
        self.register_buffer("down", torch.sin(angles).view(1, WAYS, 1, 1), persistent=False)
        self.register_buffer("grey", torch.tensor([0.299, 0.587, 0.114]), persistent=False)

    def forward(self, crop: Tensor) -> Tensor:
        """RGB, 0 to 255, byte or float."""
        grey = (crop.float() * self.grey).sum(3)[:, None]
        wide = functional.pad(grey, (1, 1, 1, 1), mode="replicate")
        right = wide[:, :, 1:-1, 2:] - wide[:, :, 1:-1, :-2]
        down = wide[:, :, 2:, 1:-1] - wide[:, :, :-2, 1:-1]
        squared = right * right + down * down + 1.0
        along = right * self.across + down * self.down
        share = along * along / squared  # squared cosine of the angle between an edge and a way
        cells = functional.avg_pool2d(squared.sqrt() * share * share, CELL)
        energy = (cells * cells).sum(1, keepdim=True)
        around = functional.avg_pool2d(energy, 3, 1, 1, count_include_pad=False)
        strengths: Tensor = (cells / (around + self.QUIET**2).sqrt()).clamp(max=3)
        return strengths

    @staticmethod
    def mirrored(cells: Tensor) -> Tensor:
        """The cells of the mirrored crop."""
        return cells.flip(3)[:, [-way % WAYS for way in range(WAYS)]]


def _convolution(inputs: int, outputs: int, stride: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(),
        nn.Dropout2d(0.15),
    )


class Committee(nn.Module):
    """Several small networks on the landmarks (N, 63), the mean of what they say, (N, FEATURES).

    Each also learns by itself (`each`), so that the mean is that of networks which went wrong in different ways
    (Hansen and Salamon, 1990: Neural network ensembles); they share what reads their answers, so that these can be
    added.
    """

    def __init__(self, members: int) -> None:
        super().__init__()
        self.members = nn.ModuleList(
            nn.Sequential(
                nn.Linear(LANDMARKS, 256),
                nn.ReLU(),
                nn.Dropout(0.15),
                nn.Linear(256, 256),
                nn.ReLU(),
                nn.Dropout(0.15),
                nn.Linear(256, FEATURES),
            )
            for _ in range(members)
        )

    def forward(self, landmarks: Tensor) -> Tensor:
        """What they say together."""
        return torch.stack(self.each(landmarks)).mean(0)

    def each(self, landmarks: Tensor) -> list[Tensor]:
        """What each says, (N, FEATURES)."""
        return [member(landmarks) for member in self.members]

    def silence(self) -> None:
        """Let them say nothing, from now on."""
        for member in self.members:
            assert isinstance(member, nn.Sequential)
            last = member[-1]
            assert isinstance(last, nn.Linear)
            nn.init.zeros_(last.weight)
            nn.init.zeros_(last.bias)


class Encoder(nn.Module):
    """A hand in one frame → a feature vector.

    The two branches are added, not chained, and each can be absent: most landmark data has no pixels. The pixels
    show the hand upright (`overlay.recognition.crop.upright_view`), so that they tell fingers apart wherever they
    point; where they point, the landmarks say.
    """

    def __init__(self) -> None:
        super().__init__()
        self.edges = Edges()
        self.pixels = nn.Sequential(
            _convolution(WAYS, 64, 1),
            _convolution(64, 64, 1),
            _convolution(64, 128, 2),
            nn.Conv2d(128, 64, 1),
            nn.ReLU(),
            nn.Flatten(),  # 6 x 6 places are kept: where a finger lies is what tells M from N
            nn.Dropout(0.5),
        )
        self.see = nn.Linear(SEEN + 2, FEATURES)
        self.landmarks = Committee(MEMBERS)
        self.norm = nn.LayerNorm(FEATURES)

    def forward(
        self, crop: Tensor, landmarks: Tensor, has_pixels: Tensor | None = None, has_landmarks: Tensor | None = None
    ) -> Tensor:
        """Features (N, FEATURES).

        Args:
            crop: uint8 or float (N, S, S, 3), RGB, 0 to 255, the hand upright.
            landmarks: float (N, 63).
            has_pixels, has_landmarks: (N,), 0 where that branch is absent; None: all there.
        """
        return self.join(self.look(self.edges(crop), landmarks), landmarks, has_pixels, has_landmarks)

    def look(self, cells: Tensor, landmarks: Tensor) -> Tensor:
        """What the edges (N, WAYS, CELLS, CELLS) say, (N, FEATURES), given how the upright hand was turned."""
        points = landmarks.reshape(-1, LANDMARKS // 3, 3)[..., :2]
        palm = points[:, PALM[1:]].mean(1) - points[:, 0]
        up = palm / (palm.norm(dim=1, keepdim=True) + 1e-3)
        result: Tensor = self.see(torch.cat([self.pixels(cells), up], 1))
        return result

    def join(
        self, seen: Tensor, landmarks: Tensor, has_pixels: Tensor | None = None, has_landmarks: Tensor | None = None
    ) -> Tensor:
        """Features (N, FEATURES) of what `look` gives and of landmarks (N, 63)."""
        felt = self.landmarks(landmarks)
        if has_pixels is not None:
            seen = seen * has_pixels[:, None]
        if has_landmarks is not None:
            felt = felt * has_landmarks[:, None]
        features: Tensor = self.norm(seen + felt)
        return features

    @torch.no_grad()
    def trust_pixels(self, share: float) -> None:
        """Let what the pixels say count for that share of what it did, beside the landmarks, from now on."""
        self.see.weight.mul_(share)
        self.see.bias.mul_(share)

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
