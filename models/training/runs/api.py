"""What the training side offers to the local pages; `server/web/training_side.py` names it."""

from pathlib import Path
from typing import Any

from models.training.runs.store import list_runs, read_epochs, read_pictures, read_predictions, read_run
from overlay.core.errors import SigncapError


class Workshop:
    """Runs, exported models and data sets, as plain values. Needs no torch."""

    def runs(self, folder: Path) -> list[dict[str, Any]]:
        """All runs, newest first: `run.json` with "epochs" (their number) and "last" (scores of the last one)."""
        return list_runs(folder)

    def run(self, folder: Path, name: str) -> dict[str, Any]:
        """One run: `run.json`, "epochs" as a list, and "pictures" with "paths" and "labels".

        Raises:
            SigncapError: there is no such run, or it cannot be read.
        """
        about = read_run(folder, name)
        pictures = read_pictures(folder / name)
        return about | {
            "epochs": read_epochs(folder / name),
            "pictures": {"paths": pictures["paths"], "labels": pictures["labels"]},
        }

    def predictions(self, folder: Path, name: str, epoch: int) -> dict[str, Any]:
        """What was read after an epoch: "predicted", "confidence" and "confusion"."""
        read_run(folder, name)
        return read_predictions(folder / name, epoch)

    def picture(self, folder: Path, name: str, index: int) -> Path:
        """File of one of the run's pictures.

        Raises:
            SigncapError: there is none, or it does not lie in the run's data folder.
        """
        read_run(folder, name)
        pictures = read_pictures(folder / name)
        if not 0 <= index < len(pictures["paths"]):
            raise SigncapError("There is no such picture in this run.")
        root = Path(pictures["root"]).resolve()
        path = root.joinpath(str(pictures["paths"][index])).resolve()
        if not path.is_relative_to(root) or not path.is_file():
            raise SigncapError(f"The picture {pictures['paths'][index]} is no longer in {root}.")
        return path

    def samples(self, folder: Path, columns: int = 10) -> bytes:
        """A JPEG picture with some pictures of each letter in a folder of pictures or crops.

        Raises:
            SigncapError: there are no pictures in it.
        """
        from models.training.data.samples import encode_grid, sample_grid

        return encode_grid(sample_grid(folder, columns=columns), ".jpg")

    def models(self, folder: Path) -> list[Path]:
        """Folders of the models that were exported under `folder`."""
        return sorted(path.parent for path in folder.glob("**/model.json"))
