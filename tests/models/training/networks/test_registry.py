"""Networks by name."""

import pytest
import torch

from models.training.networks.registry import NETWORKS, architecture
from overlay.core.errors import SigncapError
from overlay.recognition.crop import CROP_SIZE

pytestmark = pytest.mark.unit


def test_four_networks_are_known() -> None:
    assert list(NETWORKS) == ["cnn", "enhanced-cnn", "cnn-rnn", "cnn-lstm"]
    assert all(architecture(name).name == name for name in NETWORKS)


@pytest.mark.parametrize(("name", "size"), [("cnn", 224), ("enhanced-cnn", 224), ("cnn-rnn", 224), ("cnn-lstm", 96)])
def test_each_has_its_own_size(name: str, size: int) -> None:
    assert architecture(name).size == size


@pytest.mark.parametrize("name", ["cnn", "enhanced-cnn", "cnn-rnn"])
def test_the_reports_networks_can_be_built_for_another_size(name: str) -> None:
    network = architecture(name).build(48).eval()
    assert network(torch.zeros(2, 48, 48, 3, dtype=torch.uint8)).shape == (2, 26)


@pytest.mark.parametrize("size", [0, 24, 33, 100, 520])
def test_other_sizes_are_refused(size: int) -> None:
    with pytest.raises(SigncapError, match="multiple of 8 between 32 and 512"):
        architecture("cnn").build(size)


def test_ours_has_one_size() -> None:
    with pytest.raises(SigncapError, match="leave --size out"):
        architecture("cnn-lstm").build(CROP_SIZE - 8)


def test_an_unknown_network_is_named_with_those_there_are() -> None:
    with pytest.raises(SigncapError, match=r"no network vgg: choose one of cnn, enhanced-cnn, cnn-rnn, cnn-lstm\."):
        architecture("vgg")
