"""Networks as the live path runs them: what the pair says is what the network says of the same frames."""

import pytest
import torch
from torch import Tensor, nn

from models.training.export.adapters import AVERAGED, LivePair, live_pair
from models.training.networks.registry import NETWORKS, architecture
from overlay.recognition.feature_window import MOTION, STEPS
from overlay.recognition.letter_model import BLANK, CLASSES

pytestmark = pytest.mark.unit

SIDES = {"cnn": 32, "enhanced-cnn": 32, "cnn-rnn": 40, "cnn-lstm": 96}


@pytest.fixture(params=NETWORKS)
def network(request: pytest.FixtureRequest) -> tuple[nn.Module, LivePair]:
    torch.manual_seed(3)
    side = SIDES[request.param]
    built = architecture(request.param).build(side)
    with torch.no_grad():
        for module in built.modules():  # not the constants that it begins with
            if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
                module.running_mean.uniform_(-0.2, 0.2)  # type: ignore[union-attr]
                module.running_var.uniform_(0.5, 2)  # type: ignore[union-attr]
    return built, live_pair(built, side)


def rows_of(pair: LivePair, held: int, seed: int = 0) -> tuple[Tensor, Tensor, Tensor]:
    """A picture, its landmarks, and the window in which it has been held for so many steps."""
    generator = torch.Generator().manual_seed(seed)
    crop = torch.randint(0, 256, (1, pair.size, pair.size, 3), dtype=torch.uint8, generator=generator)
    landmarks = torch.randn(1, 63, generator=generator) / 2
    rows = torch.zeros(1, STEPS, pair.features + MOTION)
    if held:
        rows[:, -held:, : pair.features] = pair.encoder(crop, landmarks)
        rows[:, -held:, -1] = 1
    return crop, landmarks, rows


@torch.no_grad()
def test_a_held_picture_reads_as_the_network_reads_it(network: tuple[nn.Module, LivePair]) -> None:
    built, pair = network
    crop, landmarks, rows = rows_of(pair, STEPS)
    logits = pair.temporal(rows)
    assert logits.shape == (1, CLASSES)
    if pair.size == SIDES["cnn-lstm"]:
        wanted = built(crop, landmarks)[0].softmax(1)
    else:
        wanted = torch.cat([built(crop).softmax(1), torch.zeros(1, 1)], 1)
    torch.testing.assert_close(logits.softmax(1), wanted, atol=1e-4, rtol=0)


@pytest.mark.parametrize("network", ["cnn", "enhanced-cnn", "cnn-rnn"], indirect=True)  # ours learns that
@torch.no_grad()
def test_without_a_hand_the_reports_networks_read_nothing(network: tuple[nn.Module, LivePair]) -> None:
    _, pair = network
    posteriors = pair.temporal(rows_of(pair, 0)[2]).softmax(1)[0]
    assert posteriors.argmax() == BLANK
    assert posteriors[BLANK] > 0.99
    half = pair.temporal(rows_of(pair, AVERAGED // 2)[2]).softmax(1)[0]
    assert 0.3 < half[BLANK] < 0.7  # a hand that has just come up is no letter yet


@torch.no_grad()
def test_only_ours_looks_at_landmarks_but_all_take_them(network: tuple[nn.Module, LivePair]) -> None:
    built, pair = network
    crop, landmarks, _ = rows_of(pair, 1)
    same = torch.equal(pair.encoder(crop, landmarks), pair.encoder(crop, landmarks + 1))
    assert same == (not hasattr(built, "temporal"))


def test_both_halves_are_in_evaluation_mode(network: tuple[nn.Module, LivePair]) -> None:
    _, pair = network
    assert not any(module.training for half in (pair.encoder, pair.temporal) for module in half.modules())
    assert 0 <= pair.delay < STEPS
