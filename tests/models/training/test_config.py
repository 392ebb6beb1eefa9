"""Choices that cannot be: told before anything is written."""

import pytest

from models.training.config import Recipe, choice
from overlay.core.errors import SigncapError

pytestmark = pytest.mark.unit


def test_what_was_noted_can_be_read_again() -> None:
    recipe = Recipe(network="cnn-rnn", size=64, rate=0.0003, flip=True, letters="ABC", loss="frames")
    assert Recipe.from_dict(recipe.as_dict() | {"unknown": 1}) == recipe
    assert Recipe().side == 224
    assert Recipe(network="cnn-lstm").side == 96
    assert (recipe.augmentation.rotation, recipe.augmentation.flip) == (15, True)
    with pytest.raises(SigncapError, match="hyperparameters of this run cannot be read"):
        Recipe.from_dict({"rate": "fast"})


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"epochs": 0}, "--epochs must be"),
        ({"batch": 1}, "--batch must be"),
        ({"rate": 0}, "--rate must be"),
        ({"rate": float("nan")}, "--rate must be"),
        ({"weight_decay": -1}, "--weight-decay must be"),
        ({"weight_decay": 1e60}, "--weight-decay must be"),
        ({"patience": -1}, "--patience must be"),
        ({"clip": 0}, "--clip must be"),
        ({"rotation": 200}, "--rotation must be"),
        ({"scale": 0.9}, "--scale must be"),
        ({"letters": ""}, "--letters must be"),
        ({"letters": "A1"}, "--letters must be"),
        ({"seed": -1}, "--seed must be"),
        ({"seed": 2**40}, "--seed must be"),
        ({"network": "vgg"}, "There is no network vgg"),
        ({"size": 33}, "--size must be a multiple of 8"),
        ({"network": "cnn-lstm", "size": 64}, "leave --size out"),
        ({"loss": "ctc"}, "needs --network cnn-lstm"),
    ],
)
def test_impossible_choices(values: dict[str, object], sentence: str) -> None:
    with pytest.raises(SigncapError, match=sentence):
        Recipe(**values)  # type: ignore[arg-type]


def test_one_of_the_choices() -> None:
    assert choice("--loss", "ctc", ("auto", "ctc")) == "ctc"
    with pytest.raises(SigncapError, match="--loss must be one of auto, ctc, not best"):
        choice("--loss", "best", ("auto", "ctc"))
