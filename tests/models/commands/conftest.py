"""What the commands that train have in common: nobody's account, one thread, command lines in this process."""

import contextlib
import io
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

from tests.models.commands import forking
from tests.models.commands.forking import Forked


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str

    @property
    def sentence(self) -> str:
        """What is said of a failure: one line, nothing else."""
        assert self.returncode == 1, self
        assert self.stderr.count("\n") == 1, self.stderr
        return self.stderr.strip()


@pytest.fixture(scope="session")
def nobody(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What the environment of somebody who is logged in nowhere says; one thread, wide lines."""
    home = tmp_path_factory.mktemp("home")
    return {
        "OMP_NUM_THREADS": "1",
        "NO_COLOR": "1",
        "COLUMNS": "250",
        "NETRC": str(home / "netrc"),
        "WANDB_CONFIG_DIR": str(home / "config"),
        "WANDB_CACHE_DIR": str(home / "cache"),
        "WANDB_DATA_DIR": str(home / "data"),
    }


@pytest.fixture(scope="session")
def alone(nobody: dict[str, str]) -> dict[str, str]:
    """The whole environment of such a person, for a process."""
    return {name: value for name, value in os.environ.items() if not name.startswith("WANDB")} | nobody


@pytest.fixture(scope="session")
def several(nobody: dict[str, str]) -> Callable[[Sequence[Sequence[str | Path]]], list[Ended]]:
    """Runs command lines one after the other in this process: each of its own would import torch anew."""
    from server.cli.main import main

    def run(lines: Sequence[Sequence[str | Path]]) -> list[Ended]:
        return [_run(main, ["signcap", *map(str, line)], nobody) for line in lines]

    return run


@pytest.fixture(scope="session")
def forks(alone: dict[str, str]) -> Iterator[str]:
    """The socket of a process that has loaded all that trains and forks, see `tests.models.commands.forking`.

    That nothing is said while all of it is loaded is tested by this.
    """
    if not hasattr(os, "fork"):
        pytest.skip("this system forks no processes")
    with tempfile.TemporaryDirectory() as folder:  # whose path is short enough for a socket
        path = str(Path(folder) / "forks")
        process = subprocess.Popen(
            [sys.executable, "-m", forking.__name__, path],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=alone,
        )
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            yield path
            with socket.socket(socket.AF_UNIX) as connection:
                connection.connect(path)
            process.wait(60)
        finally:
            process.kill()
            process.communicate()


@pytest.fixture(scope="session")
def begin(
    forks: str, alone: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[Sequence[str]], Forked]:
    """Begins a command line of Signcap, or of another module, in a process of its own."""
    folder, numbers = tmp_path_factory.mktemp("said"), count()

    def begin(line: Sequence[str], module: str = "server.cli.main") -> Forked:
        said = (folder / f"{next(numbers)}.out", folder / f"{next(numbers)}.err")
        return Forked(forks, module, line, alone, said)

    return begin


def _run(main: Callable[[], None], line: list[str], environment: dict[str, str]) -> Ended:
    out, err = io.StringIO(), io.StringIO()
    code: object = 0
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        for name in [name for name in os.environ if name.startswith("WANDB")]:
            patch.delenv(name)
        for name, value in environment.items():
            patch.setenv(name, value)
        patch.setattr(sys, "argv", line)
        try:
            main()
        except SystemExit as end:
            code = end.code
    return Ended(code if isinstance(code, int) else 0, out.getvalue(), err.getvalue())
