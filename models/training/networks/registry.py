"""Every network that can be trained, by name."""

from collections.abc import Callable
from dataclasses import dataclass

from torch import nn

from models.training.networks.baselines import CnnRnn, FrameNetwork
from models.training.networks.sequence_network import SpellingNetwork
from overlay.core.errors import SigncapError
from overlay.recognition.crop import CROP_SIZE
from overlay.recognition.letter_model import LARGEST_CROP, SMALLEST_CROP

REPORT_SIZE = 224


@dataclass(frozen=True)
class Architecture:
    """A network of the registry.

    Attributes:
        name: on the command line and in files.
        title: for people.
        make: builds it for pictures of a size.
        size: of its pictures, unless another is asked for.
        fixed: it takes no other size.
    """

    name: str
    title: str
    make: Callable[[int], nn.Module]
    size: int = REPORT_SIZE
    fixed: bool = False

    def build(self, size: int | None = None) -> nn.Module:
        """A new network for pictures of that size.

        Raises:
            SigncapError: it cannot take pictures of that size.
        """
        return self.make(self.check(size))

    def check(self, size: int | None = None) -> int:
        """The side of the pictures that it takes: that one, or its own.

        Raises:
            SigncapError: it cannot take pictures of that size.
        """
        size = self.size if size is None else size
        if self.fixed and size != self.size:
            raise SigncapError(f"{self.title} takes pictures of {self.size}×{self.size}: leave --size out.")
        if size % 8 or not SMALLEST_CROP <= size <= LARGEST_CROP:
            raise SigncapError(f"--size must be a multiple of 8 between {SMALLEST_CROP} and {LARGEST_CROP}.")
        return size


NETWORKS: dict[str, Architecture] = {
    architecture.name: architecture
    for architecture in (
        Architecture("cnn", "Baseline CNN", lambda size: FrameNetwork(size, enhanced=False)),
        Architecture("enhanced-cnn", "Enhanced CNN", lambda size: FrameNetwork(size, enhanced=True)),
        Architecture("cnn-rnn", "CNN-RNN", CnnRnn),
        Architecture("cnn-lstm", "Our CNN-LSTM", lambda _size: SpellingNetwork(), CROP_SIZE, fixed=True),
    )
}


def architecture(name: str) -> Architecture:
    """The network of that name.

    Raises:
        SigncapError: there is none.
    """
    try:
        return NETWORKS[name]
    except KeyError:
        raise SigncapError(f"There is no network {name}: choose one of {', '.join(NETWORKS)}.") from None
