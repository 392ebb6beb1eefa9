"""Weights & Biases beside the local run, for who is logged in there. Figures alone: no picture, no file, no code."""

import contextlib
import netrc
import os
from collections.abc import Sequence
from typing import Any

from overlay.core.errors import SigncapError
from overlay.core.files.atomic_text import Json
from overlay.recognition.letter_model import LETTERS

PROJECT = "sign-language"
HOST = "api.wandb.ai"


def is_wanted() -> bool:
    """The package is there, and the user is logged in or asked for offline runs."""
    mode = os.environ.get("WANDB_MODE", "").lower()
    if mode in ("disabled", "dryrun", "shared") or os.environ.get("WANDB_DISABLED", "").lower() in ("true", "1"):
        return mode == "dryrun" and _is_installed()
    return _is_installed() and (mode == "offline" or _is_logged_in())


def _is_installed() -> bool:
    from importlib.util import find_spec

    return find_spec("wandb") is not None


def _is_logged_in() -> bool:
    if os.environ.get("WANDB_API_KEY"):
        return True
    host = os.environ.get("WANDB_BASE_URL", f"https://{HOST}").split("//")[-1].strip("/")
    with contextlib.suppress(OSError, netrc.NetrcParseError):
        return netrc.netrc(os.environ.get("NETRC") or os.path.expanduser("~/.netrc")).authenticators(host) is not None
    return False


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def _config(about: Json) -> Json:
    """What is told of a run: neither the folder of the pictures, which the command line names, nor who is in them."""
    environment = {name: value for name, value in about.get("environment", {}).items() if name != "command"}
    told = {name: about.get(name) for name in ("network", "hyperparameters", "git")}
    return told | {"environment": environment, "split": (about.get("data") or {}).get("by")}


class WandbMirror:
    """One run there.

    Args:
        about: what `run.json` says.
        folder: where it keeps its own files.

    Raises:
        SigncapError: it cannot be reached.
    """

    def __init__(self, about: Json, folder: str) -> None:
        os.environ.setdefault("WANDB_ERROR_REPORTING", "false")
        os.environ.setdefault("WANDB_SILENT", "true")
        import wandb

        self._wandb: Any = wandb
        try:
            self._run: Any = wandb.init(
                project=os.environ.get("WANDB_PROJECT", PROJECT),
                name=about["name"],
                job_type=about["kind"],
                group=about.get("of") or about["name"],
                config=_config(about),
                dir=folder,
                save_code=False,
                settings=wandb.Settings(
                    disable_git=True,
                    disable_code=True,
                    x_disable_machine_info=True,
                    console="off",
                    x_disable_stats=True,
                ),
            )
        except Exception as error:  # of many kinds, its own and the network's
            raise SigncapError(
                f"Weights & Biases cannot be reached ({_first_line(error)}): set WANDB_MODE=offline, or leave "
                "it out with --no-wandb."
            ) from error

    def epoch(self, number: int, scores: dict[str, Json], confusion: Sequence[Sequence[int]] | None) -> None:
        """Log the figures and the confusion matrix of an epoch."""
        values: Json = {
            f"{split}/{name}": value for split, figures in scores.items() for name, value in figures.items()
        }
        if confusion is not None:
            names = [*LETTERS, "nothing"]
            rows = [
                [LETTERS[true], names[read], int(count)]
                for true, row in enumerate(confusion)
                for read, count in enumerate(row)
            ]
            values["confusion"] = self._wandb.Table(columns=["letter", "read", "count"], data=rows)
        self._run.log({"epoch": number, **values})

    def end(self, status: str) -> None:
        """Close it."""
        self._run.summary["status"] = status
        self._run.finish(exit_code=0 if status in ("finished", "stopped early") else 1)
