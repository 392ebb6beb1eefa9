"""The report's three networks: their layers, their sizes, and an LSTM that is really called."""

import pytest
import torch
from torch import nn

from models.training.data.batches.augmentation import Augmentation
from models.training.networks.baselines import DROPOUT, HIDDEN, LSTM_HIDDEN, CnnRnn, FrameNetwork, Normalise

pytestmark = pytest.mark.unit


def clips(count: int = 2, steps: int = 4, side: int = 32) -> torch.Tensor:
    return torch.randint(
        0, 256, (count, steps, side, side, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(1)
    )


def layers(network: nn.Module, kind: type[nn.Module]) -> list[nn.Module]:
    return [layer for layer in network.modules() if isinstance(layer, kind)]


def parameters(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def test_the_baseline_at_the_reports_size_has_the_reports_layers() -> None:
    with torch.device("meta"):  # a hundred million parameters need no memory to be counted
        network = FrameNetwork(224, enhanced=False)
    convolutions = [(c.in_channels, c.out_channels, c.kernel_size, c.stride) for c in layers(network, nn.Conv2d)]
    assert convolutions == [(i, o, (3, 3), (1, 1)) for i, o in ((3, 64), (64, 128), (128, 256))]
    assert [(pool.kernel_size, pool.stride) for pool in layers(network, nn.MaxPool2d)] == [(2, 2)] * 3
    assert [(line.in_features, line.out_features) for line in layers(network, nn.Linear)] == [
        (256 * 28 * 28, 512),
        (512, 26),
    ]
    wanted = sum(i * o * 9 + o for i, o in ((3, 64), (64, 128), (128, 256))) + (256 * 28**2 + 1) * 512 + 513 * 26
    assert parameters(network) == wanted == 103_145_114
    assert not layers(network, nn.BatchNorm1d)
    assert not layers(network, nn.Dropout)


def test_the_enhanced_one_has_normalisation_and_dropout_besides() -> None:
    plain, enhanced = FrameNetwork(32, enhanced=False), FrameNetwork(32, enhanced=True)
    assert [layer.num_features for layer in layers(enhanced, nn.BatchNorm1d)] == [HIDDEN]
    assert [layer.p for layer in layers(enhanced, nn.Dropout)] == [DROPOUT] == [0.2]
    assert parameters(enhanced) - parameters(plain) == 2 * HIDDEN


@pytest.mark.parametrize("enhanced", [False, True])
@pytest.mark.parametrize("side", [32, 64])
def test_a_picture_gives_a_logit_for_each_letter(side: int, enhanced: bool) -> None:
    logits = FrameNetwork(side, enhanced=enhanced).eval()(clips(3, 1, side)[:, 0])
    assert logits.shape == (3, 26)
    assert torch.isfinite(logits).all()


def test_pictures_are_normalised_as_those_of_imagenet() -> None:
    grey = torch.full((1, 8, 8, 3), 128, dtype=torch.uint8)
    wanted = (torch.tensor(128 / 255) - torch.tensor([0.485, 0.456, 0.406])) / torch.tensor([0.229, 0.224, 0.225])
    torch.testing.assert_close(Normalise()(grey)[0, :, 3, 5], wanted, atol=1e-5, rtol=0)


def test_the_lstm_is_in_the_path() -> None:
    torch.manual_seed(0)
    network = CnnRnn(32).eval()
    assert (network.rnn.input_size, network.rnn.hidden_size) == (HIDDEN, LSTM_HIDDEN) == (512, 128)
    pictures = clips()
    before = network(pictures)
    assert before.shape == (2, 4, 26)
    with torch.no_grad():
        network.rnn.weight_hh_l0 += 0.5
    assert (network(pictures) - before)[:, 1:].abs().max() > 1e-3
    network.train()
    network(pictures).sum().backward()
    for name, parameter in network.rnn.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.abs().max() > 0, name


def test_earlier_frames_change_the_answer_at_the_last_one_and_later_ones_do_not() -> None:
    torch.manual_seed(0)
    network = CnnRnn(32).eval()
    pictures = clips()
    other = pictures.clone()
    other[:, 0] = 255 - other[:, 0]
    assert (network(pictures) - network(other))[:, -1].abs().max() > 1e-4
    other = pictures.clone()
    other[:, -1] = 255 - other[:, -1]
    torch.testing.assert_close(network(pictures)[:, :-1], network(other)[:, :-1])


def test_a_single_picture_is_read_as_one_that_is_held() -> None:
    torch.manual_seed(0)
    network = CnnRnn(32).eval()
    picture = clips(1, 1)[:, 0]
    held = network(picture[:, None].expand(-1, 8, -1, -1, -1))[:, -1]
    torch.testing.assert_close(network(picture), held, atol=1e-5, rtol=0)


def test_the_reports_rotation_is_the_default_and_its_flip_is_not() -> None:
    assert Augmentation().rotation == 15
    assert not Augmentation().flip
