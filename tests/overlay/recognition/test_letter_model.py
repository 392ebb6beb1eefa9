"""The shipped network itself, run by ONNX Runtime."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from overlay.core.errors import SigncapError
from overlay.recognition.crop import CROP_SIZE, HandCrop
from overlay.recognition.feature_window import MOTION, STEPS, Step
from overlay.recognition.letter_model import BLANK, CLASSES, LetterModel, read_model_info, shipped_model

pytestmark = pytest.mark.unit


@pytest.fixture(scope="module")
def letter_model() -> LetterModel:
    return LetterModel()


def some_crop(seed: int = 0) -> HandCrop:
    rng = np.random.default_rng(seed)
    return HandCrop(
        rng.integers(0, 256, (CROP_SIZE, CROP_SIZE, 3), np.uint8),
        rng.uniform(-0.7, 0.7, (21, 3)).astype(np.float32),
        np.zeros((3, 2), np.float32),
        50.0,
    )


def some_rows(letter_model: LetterModel) -> np.ndarray:
    rows = np.random.default_rng(1).normal(0, 1, (STEPS, letter_model.info.features + MOTION))
    rows[:, -1] = 1
    return rows.astype(np.float32)


@pytest.mark.integration
def test_a_feature_depends_on_the_pixels_and_on_the_landmarks(letter_model: LetterModel) -> None:
    first, second = some_crop(0), some_crop(1)
    feature = letter_model.encode(first)
    assert feature.shape == (letter_model.info.features,)
    np.testing.assert_array_equal(feature, letter_model.encode(first))
    for other in (
        HandCrop(second.pixels, first.landmarks, first.traced, first.palm),
        HandCrop(first.pixels, second.landmarks, first.traced, first.palm),
    ):
        assert np.abs(letter_model.encode(other) - feature).max() > 0.01


@pytest.mark.integration
def test_posteriors_are_probabilities(letter_model: LetterModel) -> None:
    posteriors = letter_model.posteriors(Step(0.0, some_rows(letter_model), STEPS))
    assert posteriors.shape == (CLASSES,)
    assert posteriors.sum() == pytest.approx(1, abs=1e-5)
    assert posteriors.min() >= 0


@pytest.mark.integration
def test_the_lstm_is_in_the_path(letter_model: LetterModel) -> None:
    """The answer depends on earlier rows, and on their order."""
    rows = some_rows(letter_model)
    answer = letter_model.posteriors(Step(0.0, rows, STEPS))
    earlier = rows.copy()
    earlier[STEPS // 2 : -1] *= -1
    assert np.abs(letter_model.posteriors(Step(0.0, earlier, STEPS)) - answer).max() > 1e-4
    reordered = np.concatenate([rows[-2::-1], rows[-1:]])
    assert np.abs(letter_model.posteriors(Step(0.0, reordered, STEPS)) - answer).max() > 1e-4


@pytest.mark.integration
def test_without_a_hand_there_is_only_blank(letter_model: LetterModel) -> None:
    empty = np.zeros((STEPS, letter_model.info.features + MOTION), np.float32)
    assert letter_model.posteriors(Step(0.0, empty, 0))[BLANK] == 1


def test_the_shipped_model_is_small() -> None:
    assert sum(path.stat().st_size for path in shipped_model().iterdir()) < 5_000_000


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SigncapError, match="does not hold a Signcap model"):
        LetterModel(tmp_path)
    with pytest.raises(SigncapError, match="does not hold a Signcap model"):
        LetterModel(tmp_path / "absent")


def test_damaged_and_foreign_models_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(shipped_model(), folder)
    (folder / "encoder.onnx").write_bytes(b"no network")
    with pytest.raises(SigncapError, match="cannot be loaded"):
        LetterModel(folder)
    shutil.copy(shipped_model() / "temporal.onnx", folder / "encoder.onnx")
    with pytest.raises(SigncapError, match="of another kind"):
        LetterModel(folder)
    shutil.copy(shipped_model() / "encoder.onnx", folder / "encoder.onnx")
    info = json.loads((folder / "model.json").read_text())
    (folder / "model.json").write_text(json.dumps({**info, "delay": STEPS}))
    with pytest.raises(SigncapError, match="impossible values"):
        LetterModel(folder)


@pytest.mark.parametrize(
    ("temperature", "said"),
    [
        ("1e999", "does not hold a Signcap model"),
        ("Infinity", "does not hold a Signcap model"),
        ("NaN", "does not hold a Signcap model"),
        ("[" * 100_000, "does not hold a Signcap model"),
        ("1" + "0" * 400, "does not hold a Signcap model"),
        ("1e30", "impossible values"),
        ("0", "impossible values"),
        ("-1", "impossible values"),
    ],
    ids=lambda value: value[:12],
)
def test_a_description_beyond_all_bounds_is_one_sentence(tmp_path: Path, temperature: str, said: str) -> None:
    about = f'{{"name": "x", "features": 4, "delay": 1, "temperature": {temperature}}}'
    (tmp_path / "model.json").write_text(about)
    with pytest.raises(SigncapError, match=said):
        read_model_info(tmp_path)


def test_a_models_name_is_short_and_holds_no_control_characters(tmp_path: Path) -> None:
    about = {"name": "\x1b[2Jmine" + "x" * 1000, "features": 4, "delay": 1, "temperature": 1.0}
    (tmp_path / "model.json").write_text(json.dumps(about))
    name = read_model_info(tmp_path).name
    assert name.startswith("[2Jmine")
    assert len(name) == 80


@pytest.mark.e2e
def test_onnx_runtime_reports_to_nobody(tmp_path: Path) -> None:
    """Its wheel leaves a device id and a store of events in the user's cache before it sends them."""
    code = "from overlay.recognition.letter_model import LetterModel; LetterModel()"
    silent = {"CI", "GITHUB_ACTIONS", "TF_BUILD", "ORT_DISABLE_TELEMETRY", "ORT_TELEMETRY_DISABLED"}
    environment = {name: value for name, value in os.environ.items() if name not in silent}
    environment |= {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / ".cache")}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
