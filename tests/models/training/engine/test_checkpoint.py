"""Weights on disk."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from models.training.engine.checkpoint import load_optimiser, load_weights, read_checkpoint, save_checkpoint
from models.training.networks.registry import architecture
from overlay.core.errors import SigncapError

pytestmark = pytest.mark.unit


def test_weights_and_the_optimisers_state_come_back(tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = architecture("enhanced-cnn").build(32)
    optimiser = torch.optim.Adam(network.parameters(), lr=0.01)
    crops = torch.randint(0, 256, (4, 32, 32, 3), dtype=torch.uint8)
    for _ in range(2):
        optimiser.zero_grad()
        network(crops).logsumexp(1).sum().backward()
        optimiser.step()
    path = tmp_path / "deep" / "last.safetensors"
    save_checkpoint(path, network.state_dict(), {"position": {"epoch": 3}}, optimiser)
    weights, state, about = read_checkpoint(path)
    assert about == {"position": {"epoch": 3}}
    other = architecture("enhanced-cnn").build(32)
    load_weights(other, weights, path)
    assert all(torch.equal(a, b) for a, b in zip(network.state_dict().values(), other.state_dict().values()))  # noqa: B905
    again = torch.optim.Adam(other.parameters(), lr=0.01)
    load_optimiser(again, state)
    for one, module in ((optimiser, network), (again, other)):
        module.eval()
        one.zero_grad()
        module(crops).logsumexp(1).sum().backward()
        one.step()
    assert all(torch.equal(a, b) for a, b in zip(network.parameters(), other.parameters(), strict=True))
    assert [file.name for file in path.parent.iterdir()] == ["last.safetensors"]


def test_weights_of_another_network_or_size_are_refused(tmp_path: Path) -> None:
    weights = architecture("cnn").build(32).state_dict()
    for other in (architecture("enhanced-cnn").build(32), architecture("cnn").build(40)):
        with pytest.raises(SigncapError, match="those of another network or picture size"):
            load_weights(other, weights, tmp_path / "best.safetensors")


def test_what_is_no_checkpoint_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "best.safetensors"
    with pytest.raises(SigncapError, match=r"There is no file .*best\.safetensors"):
        read_checkpoint(path)
    for data in (b"", b"no weights at all", b"\x80\x04\x95pickled"):
        path.write_bytes(data)
        with pytest.raises(SigncapError, match="does not hold weights that Signcap wrote"):
            read_checkpoint(path)
    save_file({"weights.a": torch.zeros(2)}, path)  # somebody else's
    with pytest.raises(SigncapError, match="does not hold weights that Signcap wrote"):
        read_checkpoint(path)
    save_checkpoint(path, {"a": torch.zeros(1000)}, {})
    path.write_bytes(path.read_bytes()[:-400])  # cut off
    with pytest.raises(SigncapError, match="does not hold weights that Signcap wrote"):
        read_checkpoint(path)
