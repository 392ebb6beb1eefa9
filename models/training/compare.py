"""The report's table, with the two columns that it lacked: test by frame, and on people never seen."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from lightning_fabric import Fabric

from models.training.config import Recipe
from models.training.data.batches.pictures import Pictures
from models.training.data.split.manifest import SPLITS, Manifest
from models.training.data.split.splitting import make_split
from models.training.data.tree import Entry, read_tree, signer_of
from models.training.export.model_card import render_card
from models.training.networks.registry import NETWORKS
from models.training.runs.store import read_epochs, read_pictures, read_predictions, read_run
from models.training.train import Options, run_test, train_run
from overlay.core.errors import SigncapError
from overlay.core.files.atomic_text import Json, write_text

STATIC = "ABCDEFGHIKLMNOPQRSTUVWXY"
BEGIN, END = "<!-- signcap compare: begin -->", "<!-- signcap compare: end -->"
UNSEEN = "unseen"  # suffix of the runs that read other people's pictures
ENDED = ("finished", "stopped early")


@dataclass(frozen=True)
class Row:
    """One network of the table; accuracies are shares of 1.

    Attributes:
        title: of the network.
        first, last: scores of the first and the last epoch on the frame split, by split.
        by_frame: test accuracy where frames of one burst are in training and test.
        unseen: test accuracy on signers that training never saw, mean of the signers; worst: of the worst one.
        seconds: of an epoch, mean.
    """

    title: str
    first: Json
    last: Json
    by_frame: float
    unseen: float
    worst: float
    seconds: float


def thin(entries: Sequence[Entry], most: int | None) -> list[Entry]:
    """At most so many pictures of each letter by each signer, spread evenly over them."""
    if most is None:
        return list(entries)
    groups: dict[tuple[str, str], list[Entry]] = {}
    for entry in entries:
        groups.setdefault((entry.signer, entry.letter), []).append(entry)
    kept = []
    for group in groups.values():
        chosen = np.linspace(0, len(group) - 1, min(most, len(group))).round().astype(int)
        kept += [group[index] for index in chosen]
    return sorted(kept)


def splits_to_compare(folder: Path, letters: str, most: int | None, seed: int, unseen: bool) -> dict[str, Manifest]:
    """The same pictures split by frame, as in the report, and by signer.

    Args:
        folder: of the pictures.
        letters: these only.
        most: pictures of a letter by a signer.
        seed: of the splits.
        unseen: other people's pictures are at hand, so the split by signer is not needed.

    Raises:
        SigncapError: there are not three signers.
    """
    entries = thin([entry for entry in read_tree(folder) if entry.letter in letters], most)
    signers = {entry.signer for entry in entries}
    if unseen:
        return {"frame": make_split(entries, "frame", seed=seed)}
    if len(signers) < 3:
        raise SigncapError(
            f"{folder} has {len(signers)} signers, and a test on unseen people needs three: collect others, or name "
            "a folder of other people's crops with --unseen."
        )
    return {"frame": make_split(entries, "frame", seed=seed), "signer": make_split(entries, "signer", seed=seed)}


def compare(
    fabric: Fabric,
    folder: Path,
    manifests: dict[str, Manifest],
    recipes: Sequence[Recipe],
    options: Options,
    prefix: str,
    *,
    unseen: Pictures | None = None,
    say: Callable[[str], None],
) -> list[Row]:
    """Train and test every network; runs that have ended before are not done again.

    Args:
        fabric: launched.
        folder: of the pictures.
        manifests: from `splits_to_compare`.
        recipes: one for each network.
        options: where to, and what to show.
        prefix: begins the runs' names.
        unseen: pictures of other people, to read with the networks that were trained on the frame split.
        say: shows a line.
    """
    for recipe in recipes:
        for by, manifest in manifests.items():
            name = f"{prefix}-{by}-{recipe.network}"
            there = (options.runs / name / "run.json").exists()
            about = read_run(options.runs, name) if there else {}
            if there:
                _check_same(about, recipe, manifest, folder, name)
            if about.get("status") in ENDED and (options.runs / f"{name}-test" / "run.json").exists():
                say(f"{name} is there already.")
                continue
            train_run(
                fabric,
                folder,
                manifest,
                recipe,
                replace(options, title=f"[bold]{recipe.network} by {by}[/] "),
                name=name,
                resume=there,
                about={"comparison": prefix, "compared": _counts(manifest)},
            )
        if unseen is not None:
            read = run_test(
                fabric, manifests["frame"], recipe, options, f"{prefix}-frame-{recipe.network}", unseen, UNSEEN
            )
            say(f"{recipe.network}: {read['accuracy']:.1%} of the pictures of unseen people")
    return [_row(options.runs, prefix, recipe.network, unseen is not None) for recipe in recipes]


def _counts(manifest: Manifest) -> list[int]:
    return [len(manifest.train), len(manifest.validation), len(manifest.test)]


def _check_same(about: Json, recipe: Recipe, manifest: Manifest, folder: Path, name: str) -> None:
    wanted = recipe.as_dict() | {"size": recipe.side}
    if recipe.network != "cnn-rnn":
        wanted["clip"] = about["hyperparameters"].get("clip")  # the others know no clips
    same = (
        about["hyperparameters"] == wanted
        and about["data"]["folder"] == str(folder.resolve())
        and about.get("compared") == _counts(manifest)
        and about["data"]["split_seed"] == manifest.seed
    )
    if not same:
        raise SigncapError(f"The run {name} is of another comparison: choose another --name.")


def _row(runs: Path, prefix: str, network: str, unseen: bool) -> Row:
    frame = runs / f"{prefix}-frame-{network}"
    epochs = read_epochs(frame)
    other = f"{prefix}-frame-{network}-{UNSEEN}" if unseen else f"{prefix}-signer-{network}-test"
    accuracies = unseen_accuracies(runs / other)
    return Row(
        NETWORKS[network].title,
        epochs[0],
        epochs[-1],
        read_epochs(frame.with_name(f"{frame.name}-test"))[-1]["test"]["accuracy"],
        float(np.mean(accuracies)),
        min(accuracies),
        float(np.mean([line["seconds"] for line in epochs])),
    )


def unseen_accuracies(test: Path) -> list[float]:
    """Accuracy of each signer of a test run."""
    pictures, read = read_pictures(test), read_predictions(test, 1)["predicted"]
    signers: dict[str, list[bool]] = {}
    for path, label, predicted in zip(pictures["paths"], pictures["labels"], read, strict=True):
        signers.setdefault(signer_of(path), []).append(label == predicted)
    return [float(np.mean(right)) for right in signers.values()]


def put_into(path: Path, table: str) -> None:
    """Put the table between its marks in a Markdown file, or at its end where it has none."""
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        text = ""
    except (OSError, UnicodeDecodeError) as error:
        raise SigncapError(f"{path} cannot be read ({error}): choose another file.") from error
    block = f"{BEGIN}\n{table}{END}"
    if BEGIN in text and END in text:
        before, rest = text.split(BEGIN, 1)
        text = before + block + rest.split(END, 1)[1]
    else:
        text = f"{text.rstrip()}\n\n{block}\n".lstrip()
    write_text(path, text)


def as_markdown(
    rows: Sequence[Row],
    manifests: dict[str, Manifest],
    recipes: Sequence[Recipe],
    unseen: Pictures | None,
    device: Any,
) -> str:
    """The table, with what it was measured on below it."""
    frame, signer = manifests["frame"], manifests.get("signer")
    everything = [*frame.train, *frame.validation, *frame.test]
    by_signer = None if signer is None else {name: len(_signers(getattr(signer, name))) for name in SPLITS}
    return render_card(
        {
            "rows": rows,
            "percent": "{:.1%}".format,
            "pictures": len(everything),
            "people": len(_signers(everything)),
            "letters": recipes[0].letters,
            "parts": [len(frame.train), len(frame.validation), len(frame.test)],
            "unseen": None if unseen is None else {"pictures": len(unseen), "people": len(_signers(unseen.paths))},
            "by_signer": by_signer if signer is None else {**(by_signer or {}), "pictures": len(signer.test)},
            "sizes": {NETWORKS[recipe.network].title: recipe.side for recipe in recipes},
            "epochs": recipes[0].epochs,
            "device": "a GPU" if "cuda" in str(device) else "a processor without a GPU",
        },
        template="comparison.md",
    )


def _signers(paths: Sequence[str]) -> set[str]:
    return {signer_of(path) for path in paths}
