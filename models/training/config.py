"""How a network is trained: every choice that a run notes, and that can be swept over."""

from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

from models.training.data.batches.augmentation import Augmentation
from models.training.networks.registry import architecture
from overlay.core.errors import SigncapError

Loss = Literal["auto", "frames", "ctc"]
Precision = Literal["auto", "32", "16", "bf16"]


@dataclass(frozen=True)
class Recipe:
    """The report's recipe by default: Adam, cross-entropy, 10 epochs.

    Attributes:
        network: name in `models.training.networks.registry.NETWORKS`.
        size: side of the pictures; None: the network's own.
        epochs, batch: of training; batch is the number of pictures, over all processes together.
        rate, weight_decay: Adam's.
        schedule: of the rate: as it is, or from a short rise down along a cosine.
        loss: "auto": cross-entropy for pictures; for sequences, cross-entropy on the rows and CTC together.
            "ctc": CTC alone; "frames": cross-entropy alone.
        patience: epochs without a better validation before it stops early; 0: never.
        seed: of everything that is left to chance.
        clip: following frames of a take that the CNN-RNN learns from at once; 1: single pictures, each held as it
            is when it is read. Clips make batches of few letters, which single pictures do not.
        rotation, flip, scale, colour, blur, background: see `models.training.data.batches.augmentation.Augmentation`.
        letters: that are learnt.
        precision: "auto": mixed on a GPU, 32 bits on a processor.
    """

    network: str = "enhanced-cnn"
    size: int | None = None
    epochs: int = 10
    batch: int = 32
    rate: float = 0.001
    weight_decay: float = 0.0001
    schedule: Literal["constant", "cosine"] = "constant"
    loss: Loss = "auto"
    patience: int = 5
    seed: int = 0
    clip: int = 1
    rotation: float = 15.0
    flip: bool = False
    scale: float = 0.12
    colour: bool = True
    blur: bool = True
    background: bool = True
    letters: str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    precision: Precision = "auto"

    def __post_init__(self) -> None:
        self._check(self.epochs >= 1, "--epochs must be 1 or more")
        self._check(self.batch >= 2, "--batch must be 2 or more")
        self._check(0 < self.rate < 10, "--rate must be above 0")
        self._check(0 <= self.weight_decay < 10, "--weight-decay must be between 0 and 10")
        self._check(self.patience >= 0, "--patience must be 0 or more")
        self._check(self.clip >= 1, "--clip must be 1 or more")
        self._check(0 <= self.rotation <= 180, "--rotation must be between 0 and 180 degrees")
        self._check(0 <= self.scale <= 0.5, "--scale must be between 0 and 0.5")
        self._check(
            bool(self.letters) and self.letters.isascii() and self.letters.isalpha() and self.letters.isupper(),
            "--letters must be some of A to Z",
        )
        self._check(0 <= self.seed < 2**32, "--seed must be between 0 and 4294967295")
        architecture(self.network).check(self.size)
        self._check(
            self.loss != "ctc" or self.network == "cnn-lstm", "CTC is for sequences: it needs --network cnn-lstm"
        )

    @staticmethod
    def _check(holds: bool, otherwise: str) -> None:
        if not holds:
            raise SigncapError(f"{otherwise}.")

    @property
    def side(self) -> int:
        """Side of the pictures that the network takes."""
        return self.size or architecture(self.network).size

    @property
    def augmentation(self) -> Augmentation:
        """What is changed at random."""
        return Augmentation(self.rotation, self.flip, self.scale, self.colour, self.blur, self.background)

    def as_dict(self) -> dict[str, Any]:
        """For `run.json`."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "Recipe":
        """What `as_dict` gave; unknown names are passed over."""
        known = {each.name for each in fields(cls)}
        try:
            return cls(**{name: value for name, value in values.items() if name in known})
        except TypeError as error:
            raise SigncapError("The hyperparameters of this run cannot be read: train it anew.") from error


def choice(option: str, value: str, choices: tuple[str, ...]) -> Any:
    """One of the choices.

    Raises:
        SigncapError: it is none of them.
    """
    if value not in choices:
        raise SigncapError(f"{option} must be one of {', '.join(choices)}, not {value}.")
    return value
