"""From a run to a folder that `signcap run --model` takes, with a model card that says what it is."""

import os
import shutil
import tempfile
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from models.training.config import Recipe
from models.training.data.batches.augmentation import Landmarks, resize
from models.training.data.batches.pictures import Pictures
from models.training.data.split.manifest import read_manifest
from models.training.data.tree import signer_of
from models.training.engine.checkpoint import load_weights, read_checkpoint
from models.training.engine.fabric import make_fabric
from models.training.engine.loop import BEST
from models.training.engine.metrics import per_letter
from models.training.engine.predict import fit_temperature, read_logs
from models.training.engine.tasks import make_task
from models.training.export.adapters import live_pair
from models.training.export.model_card import write_card
from models.training.export.onnx import Example, export_pair
from models.training.networks.registry import architecture
from models.training.runs.store import read_epochs, read_pictures, read_predictions
from models.training.train import prepare, recipe_of
from overlay.core.errors import SigncapError
from overlay.core.files.atomic_text import Json
from overlay.recognition.letter_model import LETTERS
from overlay.synthesis.signer import SyntheticSigner

EXAMPLES = 16  # crops that the exported model is checked with
DRAWN = 256  # side of drawn pictures, before they are resized
ENOUGH = 100  # pictures of the validation split from which on confidences are calibrated
CARD = "README.md"


def export_run(run: Path, out: Path, *, name: str | None = None, force: bool = False) -> Json:
    """Export the best weights of a run.

    Args:
        run: its folder.
        out: a new folder.
        name: of the model; the run's by default.
        force: replace a model that is in `out`.

    Returns:
        What the card says.

    Raises:
        SigncapError: the run will not do, `out` is not empty, or the disk is full; then `out` is as it was.
    """
    recipe, about = recipe_of(run.parent, run.name)
    _check_out(out, force)
    weights, _, kept = read_checkpoint(run / BEST)
    network = architecture(recipe.network).build(recipe.size)
    load_weights(network, weights, run / BEST)
    splits = _pictures(about, recipe)
    temperature = _temperature(recipe, splits, run, network)
    examples, real = _examples(splits, recipe.side)
    part: Path | None = None
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name}-"))
        pair = live_pair(network, recipe.side)
        difference = export_pair(pair, part, name=name or run.name, temperature=temperature, examples=examples)
        card = _card(run, about, name or run.name, kept["position"]["best_epoch"])
        card |= {
            "temperature": temperature,
            "difference": difference,
            "examples": len(examples),
            "real_examples": real,
            "megabytes": sum(path.stat().st_size for path in part.iterdir()) / 1e6,
            "parameters": sum(parameter.numel() for parameter in network.parameters()) / 1e6,
        }
        write_card(part / CARD, card, template="run_card.md")
        os.chmod(part, 0o755)
        _put(part, out)
    except OSError as error:
        raise SigncapError(
            f"Cannot write {out} ({error.strerror or error}): make room or choose another folder."
        ) from error
    finally:
        if part is not None:
            shutil.rmtree(part, ignore_errors=True)
    return card


def _put(part: Path, out: Path) -> None:
    """Put a finished folder into its place; what was there goes only when the new one is in."""
    if not out.exists():
        os.replace(part, out)
        return
    aside = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name}-"))
    os.replace(out, aside / "old")
    os.replace(part, out)
    shutil.rmtree(aside, ignore_errors=True)


def _check_out(out: Path, force: bool) -> None:
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return
    if not (out / "model.json").is_file():
        raise SigncapError(f"{out} is there already and holds something else: choose another folder.")
    if not force:
        raise SigncapError(f"There is a model in {out} already: choose another folder, or replace it with --force.")


def _pictures(about: Json, recipe: Recipe) -> dict[str, Pictures]:
    """The run's pictures, where they still are."""
    folder = Path(about["data"]["folder"])
    try:
        return prepare(folder, read_manifest(folder), recipe, lambda _text: None)
    except SigncapError:
        return {}


def _temperature(recipe: Recipe, splits: dict[str, Pictures], run: Path, network: nn.Module) -> float:
    validation = splits.get("validation")
    noted = read_pictures(run)
    if validation is None or len(validation) < ENOUGH or validation.paths != noted["paths"]:
        return 1.0
    task = make_task(recipe, splits["train"], network)
    logs = read_logs(make_fabric("32"), task, network, validation)
    return fit_temperature(logs, torch.from_numpy(validation.labels))


def _examples(splits: dict[str, Pictures], size: int) -> tuple[list[Example], bool]:
    """Crops to check with: of the run's pictures; drawn ones where these are gone."""
    for split in ("validation", "train"):
        pictures = splits.get(split)
        if pictures is not None and len(pictures):
            chosen = np.linspace(0, len(pictures) - 1, min(EXAMPLES, len(pictures))).astype(int)
            return [_example(*pictures.read(int(index)), size) for index in chosen], True
    signer = SyntheticSigner("SIGNCAP", size=(DRAWN, DRAWN))
    moments = [(start + end) / 2 for _, start, end in signer.letters]
    return [_example(signer.render(at)[:, :, ::-1], None, size) for at in moments], False


def _example(picture: Any, landmarks: Landmarks | None, size: int) -> Example:
    points = np.zeros((21, 3), np.float32) if landmarks is None else landmarks
    return np.ascontiguousarray(resize(picture, size)), points


def _card(run: Path, about: Json, name: str, best: int) -> Json:
    """Figures of the run and of its test, for the template."""
    epochs = {line["epoch"]: line for line in read_epochs(run)}
    test = run.with_name(f"{run.name}-test")
    tested = read_epochs(test)[-1]["test"] if read_epochs(test) else None
    predictions, pictures = read_predictions(test, 1), read_pictures(test)
    confusions: Counter[tuple[str, str]] = Counter()
    signers: dict[str, list[bool]] = defaultdict(list)
    if tested:
        for path, label, read in zip(pictures["paths"], pictures["labels"], predictions["predicted"], strict=True):
            signers[signer_of(path)].append(label == read)
            if label != read:
                confusions[LETTERS[label], LETTERS[read] if read < len(LETTERS) else "nothing"] += 1
    accuracies = {signer: float(np.mean(right)) for signer, right in sorted(signers.items())}
    matrix = np.array(predictions["confusion"], np.int64) if predictions["confusion"] else None
    return {
        "name": name,
        "about": about,
        "best": best,
        "train": epochs.get(best, {}).get("train"),
        "validation": epochs.get(best, {}).get("validation"),
        "test": tested,
        "signers": {
            signer: {"accuracy": accuracies[signer], "images": len(right)}
            for signer, right in sorted(signers.items())
        },
        "worst": min(accuracies.values(), default=None),
        "mean": float(np.mean(list(accuracies.values()))) if accuracies else None,
        "letters": {} if matrix is None else per_letter(matrix),
        "confusions": [[*pair, count] for pair, count in confusions.most_common(15)],
    }
