"""The loop within every training."""

from collections.abc import Callable, Iterator

import pytest
import torch
from torch import Tensor, nn

from models.training.engine.average import WeightAverage
from models.training.engine.fabric import processor_fabric
from models.training.engine.steps import Answer, OutOfBoundsError, take_steps, train_one_cycle

pytestmark = pytest.mark.unit


def answer_of(network: nn.Linear) -> Callable[[Tensor], Answer]:
    """How far the network is from giving nothing but zeros; half of what is counted is right."""

    def answer(batch: Tensor) -> Answer:
        return Answer(network(batch).pow(2).mean(), torch.tensor([1, 2]), torch.tensor([1, 0]))

    return answer


@pytest.fixture
def network() -> nn.Linear:
    torch.manual_seed(0)
    return nn.Linear(3, 2)


def endless() -> Iterator[Tensor]:
    generator = torch.Generator().manual_seed(1)
    while True:
        yield torch.randn(16, 3, generator=generator)


def test_a_step_is_pytorchs_own_and_gradients_are_cut(network: nn.Linear) -> None:
    batch = 100 * next(endless())
    wanted = nn.Linear(3, 2)
    wanted.load_state_dict(network.state_dict())
    wanted(batch).pow(2).mean().backward()
    nn.utils.clip_grad_norm_(wanted.parameters(), 0.5)
    torch.optim.SGD(wanted.parameters(), 0.1).step()
    optimiser = torch.optim.SGD(network.parameters(), 0.1)
    (given,) = take_steps(processor_fabric(), network, optimiser, [batch], answer_of(network), clip_norm=0.5)
    assert float(given.loss.detach()) > 0
    assert all(torch.equal(*pair) for pair in zip(network.parameters(), wanted.parameters(), strict=True))


def test_a_loss_that_is_no_number_ends_the_training_before_the_step(network: nn.Linear) -> None:
    before = [parameter.detach().clone() for parameter in network.parameters()]
    optimiser = torch.optim.SGD(network.parameters(), 0.1)
    batches = [torch.full((1, 3), torch.inf)]
    steps = take_steps(
        processor_fabric(), network, optimiser, batches, answer_of(network), clip_norm=None, first=7, advice="rest."
    )
    with pytest.raises(OutOfBoundsError, match=r"at step 7: rest\."):
        next(steps)
    assert all(torch.equal(*pair) for pair in zip(network.parameters(), before, strict=True))


def test_one_cycle_takes_so_many_steps_and_no_batch_more(
    network: nn.Linear, capsys: pytest.CaptureFixture[str]
) -> None:
    batches, seen, losses = endless(), list[int](), list[float]()

    def answer(batch: Tensor) -> Answer:
        given = answer_of(network)(batch)
        losses.append(float(given.loss.detach()))
        return given

    train_one_cycle(
        "zeros",
        network,
        batches,
        answer,
        steps=40,
        rate=0.05,
        weight_decay=0.0,
        rise=0.2,
        clip_norm=1.0,
        report=20,
        after_step=seen.append,
    )
    assert seen == list(range(40))
    assert losses[-1] < 0.2 * losses[0]
    twin = endless()
    for _ in seen:
        next(twin)
    assert torch.equal(next(batches), next(twin))
    printed = capsys.readouterr().err
    assert "zeros, step 20: loss" in printed
    assert "zeros, step 40: loss" in printed
    assert "right 50.0%" in printed


def test_the_average_begins_with_the_first_weights_and_follows_slower_and_slower() -> None:
    network = nn.BatchNorm1d(1)
    average = WeightAverage(network, most=0.25)
    given = []
    for number in (1.0, 2.0, 10.0, 10.0):
        nn.init.constant_(network.weight, number)
        network(torch.zeros(2, 1))  # counts a batch
        average.update()
        given.append(float(average.weights["weight"]))
    second = 1 + (2 - 1) * (1 - 2 / 11)
    third = second + (10 - second) * (1 - 0.25)  # three of twelve: as much as there may be
    assert given == pytest.approx([1, second, third, third + (10 - third) * 0.75])
    assert average.weights["num_batches_tracked"] == 4  # a number that is counted, not averaged
    average.apply()
    assert network.weight.item() == pytest.approx(given[-1])
