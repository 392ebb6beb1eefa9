"""Our network as it is trained: rows between pictures, and pictures that are held."""

import pytest
import torch
from torch import Tensor

from models.training.networks.sequence_network import Sequences, SpellingNetwork
from models.training.networks.shipped import FEATURES
from overlay.recognition.crop import CROP_SIZE
from overlay.recognition.feature_window import MOTION, STEPS
from overlay.recognition.letter_model import CLASSES

pytestmark = pytest.mark.unit


@pytest.fixture
def network() -> SpellingNetwork:
    torch.manual_seed(0)
    return SpellingNetwork().eval()


@pytest.fixture
def pictures() -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(1)
    crops = torch.randint(0, 256, (3, CROP_SIZE, CROP_SIZE, 3), dtype=torch.uint8, generator=generator)
    return crops, torch.randn(3, 63, generator=generator) / 2


def sequences(pictures: tuple[Tensor, Tensor], first: Tensor, second: Tensor, share: Tensor) -> Sequences:
    motion = torch.zeros(*first.shape, MOTION)
    motion[..., -1] = 1
    return Sequences(*pictures, first, second, share, motion)


@torch.no_grad()
def test_a_sequence_of_one_picture_is_that_picture_held(
    network: SpellingNetwork, pictures: tuple[Tensor, Tensor]
) -> None:
    which = torch.arange(3)[:, None].expand(-1, STEPS)
    rows, heads = network(*pictures, sequences(pictures, which, which, torch.zeros(3, STEPS)))
    held, again = network(*pictures)
    assert rows.shape == (3, STEPS, CLASSES)
    assert heads.shape == (3, 26)
    torch.testing.assert_close(rows[:, -1], held)
    torch.testing.assert_close(heads, again)


@torch.no_grad()
def test_a_row_lies_between_two_pictures(network: SpellingNetwork, pictures: tuple[Tensor, Tensor]) -> None:
    ones = torch.ones(1, 4, dtype=torch.long)
    given = sequences(pictures, 0 * ones, 2 * ones, torch.tensor([[0.0, 0.25, 1.0, 0.5]]))
    given.motion[0, 3] = 0  # a row without a hand
    seen: list[Tensor] = []
    network.temporal.enter.register_forward_pre_hook(lambda _module, inputs: seen.append(inputs[0]))
    network(*pictures, given)
    features = network.encoder(*pictures)
    rows = seen[0][0]
    assert rows.shape == (4, FEATURES + MOTION)
    torch.testing.assert_close(rows[0, :FEATURES], features[0])
    torch.testing.assert_close(rows[1, :FEATURES], 0.75 * features[0] + 0.25 * features[2])
    torch.testing.assert_close(rows[2, :FEATURES], features[2])
    assert not rows[3].any()


def test_while_it_learns_one_branch_or_the_other_is_sometimes_absent_never_both(
    network: SpellingNetwork, pictures: tuple[Tensor, Tensor]
) -> None:
    network.train()
    given: list[tuple[Tensor, Tensor]] = []
    network.encoder.register_forward_pre_hook(lambda _module, inputs: given.append(inputs[2:]))
    which = torch.zeros(1, 4, dtype=torch.long)
    for _ in range(60):
        network(*pictures, sequences(pictures, which, which, torch.zeros(1, 4)))
    seen, felt = (torch.cat([pair[k] for pair in given]) for k in (0, 1))
    assert 0.05 < float((seen == 0).float().mean()) < 0.3
    assert 0.05 < float((felt == 0).float().mean()) < 0.3
    assert (seen + felt >= 1).all()
    network(*pictures, sequences(pictures, which, which, torch.zeros(1, 4)))[0].sum().backward()
    assert all(p.grad is not None and p.grad.any() for p in network.temporal.lstm.parameters())
