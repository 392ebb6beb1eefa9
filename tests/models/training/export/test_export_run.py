"""From a run to a model that the live path runs."""

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from models.training.config import Recipe
from models.training.data.batches.pictures import Pictures
from models.training.data.split.manifest import read_manifest
from models.training.data.split.splits import load_splits
from models.training.engine.checkpoint import load_weights, read_checkpoint
from models.training.engine.fabric import make_fabric
from models.training.export import export_run as module
from models.training.export import onnx as export
from models.training.export.adapters import live_pair
from models.training.export.export_run import export_run
from models.training.networks.registry import NETWORKS, architecture
from models.training.runs.store import read_epochs
from models.training.train import Options, train_run
from overlay.core.errors import SigncapError
from overlay.media.frame import Frame
from overlay.pipeline.live_captioner import LiveCaptioner
from overlay.recognition.crop import HandCrop
from overlay.recognition.feature_window import MOTION, STEPS, Step
from overlay.recognition.hands.detector_choice import open_detector
from overlay.recognition.hands.hand_detector import Hand
from overlay.recognition.letter_model import CLASSES, LetterModel
from overlay.synthesis.signer import SyntheticSigner

pytestmark = [pytest.mark.integration, pytest.mark.slow]
Exported = Callable[[str], Path]
AsExported = Callable[[str], None]
SIZES = {"cnn": 32, "enhanced-cnn": 40, "cnn-rnn": 32, "cnn-lstm": None}
CALIBRATED = "cnn"  # exported as if eighteen pictures were enough for that; all others are not calibrated
LETTERS = "ABC"
WRITE = export._write


@pytest.fixture(scope="module")
def runs(crops_of_four: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A short training of each network."""
    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("to_export") / "runs"
    fabric = make_fabric("32")
    for name, size in SIZES.items():
        recipe = Recipe(network=name, size=size, epochs=1, precision="32", letters=LETTERS)
        options = Options(folder, wandb=False, quiet=True)
        train_run(fabric, crops_of_four, read_manifest(crops_of_four), recipe, options, name=name)
    return folder


@pytest.fixture(scope="module")
def exported(runs: Path) -> Exported:
    """The folder of a network's exported model."""

    def model(network: str) -> Path:
        out = runs.parent / "models" / network
        if not out.exists():
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(export, "_write", WRITE)
                if network == CALIBRATED:
                    patch.setattr(module, "ENOUGH", 18)
                export_run(runs / network, out)
        return out

    return model


@pytest.fixture
def as_exported(exported: Exported, monkeypatch: pytest.MonkeyPatch) -> AsExported:
    """From now on the run of this network becomes the files that it has become before: to trace it takes seconds."""

    def use(network: str) -> None:
        made = exported(network)
        monkeypatch.setattr(export, "_write", lambda _module, _inputs, path, *_: shutil.copy(made / path.name, path))

    return use


@pytest.fixture(scope="module")
def pictures(crops_of_four: Path) -> Pictures:
    return load_splits(crops_of_four, read_manifest(crops_of_four))["test"]


@pytest.mark.e2e
@pytest.mark.parametrize("network", NETWORKS)
def test_the_live_path_runs_it_and_says_what_pytorch_says(
    network: str, exported: Exported, runs: Path, pictures: Pictures
) -> None:
    model = exported(network)
    live = LetterModel(model)
    assert live.info.name == network
    recipe = Recipe(network=network, size=SIZES[network])
    assert live.crop_size == recipe.side
    built = architecture(network).build(recipe.size)
    weights, _, _ = read_checkpoint(runs / network / "best.safetensors")
    load_weights(built, weights, runs)
    pair = live_pair(built, recipe.side)
    rng = np.random.default_rng(0)
    for index in (0, 11, 29):
        _, landmarks = pictures.read(index)
        assert landmarks is not None
        crop = rng.integers(0, 256, (recipe.side, recipe.side, 3), np.uint8)
        feature = live.encode(HandCrop(crop, landmarks, np.zeros((3, 2), np.float32), 1.0))
        rows = np.zeros((STEPS, len(feature) + MOTION), np.float32)
        rows[-9:, : len(feature)], rows[-9:, -1] = feature, 1
        posteriors = live.posteriors(Step(0.0, rows, 9))
        assert posteriors.shape == (CLASSES,)
        with torch.no_grad():
            wanted = pair.encoder(torch.from_numpy(crop[None]), torch.from_numpy(landmarks.reshape(1, -1)))
            np.testing.assert_allclose(feature, wanted[0].numpy(), atol=2e-3 * max(1.0, float(wanted.abs().max())))
            logits = pair.temporal(torch.from_numpy(rows[None]))[0]
        wanted = (logits / live.info.temperature).softmax(0).numpy()
        np.testing.assert_allclose(posteriors, wanted, atol=2e-3)


@pytest.fixture(scope="module")
def signing(hand_model: Path) -> list[tuple[Frame, Hand | None]]:
    """Two letters, 15 frames a second, and the hand that MediaPipe finds in each."""
    signer = SyntheticSigner("AB", letters_per_second=2.0, size=(320, 240), lead=0.4, tail=0.4)
    frames = [Frame(signer.render(k / 15), k, k / 15) for k in range(int(signer.duration * 15))]
    with open_detector(hand_model) as finder:
        return [(frame, finder.find(frame.pixels, frame.at)) for frame in frames]


@pytest.mark.parametrize("network", NETWORKS)
def test_the_captioner_takes_it(
    network: str,
    exported: Exported,
    hand_model: Path,
    signing: list[tuple[Frame, Hand | None]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    captioner = LiveCaptioner(model=exported(network), hand_model=hand_model)
    found = {frame.at: hand for frame, hand in signing}
    monkeypatch.setattr(captioner.finder, "find", lambda _pixels, at: found[at])
    read = [captioner.accept(frame) for frame, _ in signing]
    captioner.finish()
    assert captioner.frames_with_hand > 10
    posteriors = [reading.posteriors for reading in read if reading.posteriors is not None]
    assert len(posteriors) > 10
    assert all(abs(float(each.sum()) - 1) < 1e-4 for each in posteriors)
    captioner.close()


@pytest.mark.parametrize("network", NETWORKS)
def test_the_card_names_who_and_how_good(network: str, exported: Exported, runs: Path) -> None:
    card = (exported(network) / "README.md").read_text("utf-8")
    assert f"# Model card: {network}" in card
    assert "| train | 36 | ann, bob |" in card
    assert "| validation | 18 | cid |" in card
    assert "| test | 18 | dot |" in card
    test = read_epochs(runs / f"{network}-test")[0]["test"]
    accuracy = f"{100 * test['accuracy']:.1f} %"
    assert f"| test | {test['loss']:.3f} | {accuracy} |" in card
    assert f"| dot | 18 | {accuracy} |" in card
    assert "On 16 real crops it differs from PyTorch" in card
    if network != CALIBRATED:
        assert "not calibrated" in card  # eighteen pictures are too few for that
    assert all(f"| {letter} |" in card for letter in LETTERS)


def test_the_command_says_what_it_made_and_what_it_cannot(
    here: Callable[..., "subprocess.CompletedProcess[str]"], exported: Exported, runs: Path, tmp_path: Path
) -> None:
    model = Path(shutil.copytree(exported("enhanced-cnn"), tmp_path / "model"))
    for run, sentence in {
        "cnn": f"There is a model in {model} already",
        "two": f"There is no run two in {runs}.\n",
        "cnn-test": "cnn-test is a test: choose the run that it tested, cnn.\n",
    }.items():
        refused = here("export", runs / run, model if run == "cnn" else tmp_path / "other")
        assert refused.returncode == 1
        assert refused.stderr.startswith(sentence)
        assert refused.stderr.count("\n") == 1
    made = here("export", runs / "cnn", model, "--force", "--name", "Mine")
    assert (made.returncode, made.stderr) == (0, "")
    assert re.match(r".*model: \d\.\d MB, differs from PyTorch by \S+ on real crops\.\n", made.stdout)
    assert f"signcap run --model {model}" in made.stdout
    names = ["README.md", "encoder.onnx", "model.json", "temporal.onnx"]
    assert sorted(path.name for path in model.iterdir()) == names
    assert LetterModel(model).info.name == "Mine"
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_no_path_of_this_machine_is_in_the_files(exported: Exported, runs: Path, crops_of_four: Path) -> None:
    for path in exported("cnn-lstm").iterdir():
        data = path.read_bytes()
        for secret in (str(crops_of_four.parent), str(runs), str(Path(__file__).parent), "site-packages"):
            assert secret.encode() not in data, (path.name, secret)
    assert (exported("cnn-lstm").stat().st_mode & 0o777) == 0o755


def test_where_the_pictures_are_gone_drawn_hands_check_it(
    as_exported: AsExported, runs: Path, tmp_path: Path
) -> None:
    as_exported("cnn")
    run = Path(shutil.copytree(runs / "cnn", tmp_path / "runs" / "cnn"))
    about = json.loads((run / "run.json").read_text())
    about["data"]["folder"] = str(tmp_path / "gone")
    (run / "run.json").write_text(json.dumps(about))
    card = export_run(run, tmp_path / "model", name="Mine")
    assert not card["real_examples"]
    assert card["difference"] < 2e-3
    assert LetterModel(tmp_path / "model").info.name == "Mine"
    text = (tmp_path / "model" / "README.md").read_text("utf-8")
    assert "drawn hands it differs" in text
    assert "| test | not measured |" in text


def test_with_enough_pictures_confidences_are_calibrated(exported: Exported) -> None:
    temperature = LetterModel(exported(CALIBRATED)).info.temperature
    assert temperature != 1
    text = (exported(CALIBRATED) / "README.md").read_text("utf-8")
    assert "fitted on the validation split" in text
    assert f"{temperature:.2f}" in text
    assert "not calibrated" not in text


def test_what_is_in_the_way_stays(exported: Exported, as_exported: AsExported, runs: Path, tmp_path: Path) -> None:
    as_exported("enhanced-cnn")
    out = Path(shutil.copytree(exported("cnn"), tmp_path / "model"))
    (out / "note.txt").write_text("mine")
    with pytest.raises(SigncapError, match=r"There is a model in .* already: .*--force"):
        export_run(runs / "enhanced-cnn", out)
    assert LetterModel(out).info.name == "cnn"
    assert (out / "note.txt").read_text() == "mine"
    export_run(runs / "enhanced-cnn", out, force=True)
    assert LetterModel(out).info.name == "enhanced-cnn"

    other = tmp_path / "pictures"
    other.mkdir()
    (other / "a.jpg").write_bytes(b"a")
    for force in (False, True):
        with pytest.raises(SigncapError, match="holds something else: choose another folder"):
            export_run(runs / "cnn", other, force=force)
        with pytest.raises(SigncapError, match="holds something else"):
            export_run(runs / "cnn", other / "a.jpg", force=force)
    assert [path.name for path in other.iterdir()] == ["a.jpg"]
    empty = tmp_path / "empty"
    empty.mkdir()
    as_exported("cnn")
    export_run(runs / "cnn", empty)
    assert LetterModel(empty).info.name == "cnn"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty", "model", "pictures"]


def test_a_failure_leaves_the_model_that_was_there(
    exported: Exported, runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> float:
        raise SigncapError("The exported model differs from PyTorch by 1 and is not to be used: please report this.")

    out = Path(shutil.copytree(exported("cnn"), tmp_path / "model"))
    monkeypatch.setattr(module, "export_pair", fail)
    with pytest.raises(SigncapError, match="not to be used"):
        export_run(runs / "cnn", out, force=True)
    assert LetterModel(out).info.name == "cnn"
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_runs_that_will_not_do_are_told_in_a_sentence(runs: Path, tmp_path: Path) -> None:
    run = Path(shutil.copytree(runs / "cnn", tmp_path / "runs" / "cnn"))
    out = tmp_path / "model"
    shutil.copy(runs / "enhanced-cnn" / "best.safetensors", run / "best.safetensors")
    with pytest.raises(SigncapError, match=r"weights in .* are those of another network or picture size"):
        export_run(run, out)
    (run / "best.safetensors").write_bytes(b"\x80\x04 no safetensors")
    with pytest.raises(SigncapError, match="does not hold weights that Signcap wrote"):
        export_run(run, out)
    (run / "best.safetensors").unlink()
    with pytest.raises(SigncapError, match="There is no file"):
        export_run(run, out)
    with pytest.raises(SigncapError, match="There is no run absent"):
        export_run(run.with_name("absent"), out)
    with pytest.raises(SigncapError, match="is a test: choose the run that it tested, cnn"):
        export_run(runs / "cnn-test", out)
    (run / "run.json").write_text(json.dumps({"format": 1, "kind": "train"}))
    with pytest.raises(SigncapError, match=r"The run cnn in .* is damaged: train it anew"):
        export_run(run, out)
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(SigncapError, match=r"Cannot write .*choose another folder"):
        export_run(runs / "cnn", tmp_path / "file" / "model")
    assert not out.exists()


@pytest.fixture
def small_disk(disk_of: Callable[[str], Path]) -> Path:
    """A disk with less room than a model needs."""
    return disk_of("2m")


@pytest.mark.e2e
def test_a_full_disk_is_told_in_a_sentence(as_exported: AsExported, runs: Path, small_disk: Path) -> None:
    as_exported("cnn")
    with pytest.raises(SigncapError, match=r"Cannot write .*: make room or choose another folder"):
        export_run(runs / "cnn", small_disk / "model")
    assert list(small_disk.iterdir()) == []
    subprocess.run(["mount", "-o", "remount,size=60m", str(small_disk)], check=True)
    export_run(runs / "cnn", small_disk / "model")
    assert LetterModel(small_disk / "model").info.name == "cnn"
