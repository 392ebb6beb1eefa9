"""What the commands that train have in common: nobody's account, one thread, several command lines in a process."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

MANY = """
import contextlib, io, json, sys, traceback
from server.cli import main
results = []
for line in json.load(sys.stdin):
    out, err, code = io.StringIO(), io.StringIO(), 0
    sys.argv = ["signcap", *line]
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main()
        except SystemExit as end:
            code = end.code or 0
        except BaseException:
            traceback.print_exc()
            code = 99
    results.append([code, out.getvalue(), err.getvalue()])
json.dump(results, sys.stdout)
"""


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
def alone(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of somebody who is logged in nowhere; one thread, wide lines."""
    home = tmp_path_factory.mktemp("home")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WANDB")}
    return kept | {
        "OMP_NUM_THREADS": "1",
        "NO_COLOR": "1",
        "COLUMNS": "250",
        "NETRC": str(home / "netrc"),
        "WANDB_CONFIG_DIR": str(home / "config"),
        "WANDB_CACHE_DIR": str(home / "cache"),
        "WANDB_DATA_DIR": str(home / "data"),
    }


@pytest.fixture(scope="session")
def several(alone: dict[str, str]) -> Callable[[Sequence[Sequence[str | Path]]], list[Ended]]:
    """Runs command lines one after the other in one process: each would import torch anew otherwise."""

    def run(lines: Sequence[Sequence[str | Path]]) -> list[Ended]:
        done = subprocess.run(
            [sys.executable, "-c", MANY],
            input=json.dumps([[str(argument) for argument in line] for line in lines]),
            capture_output=True,
            text=True,
            check=False,
            env=alone,
        )
        assert done.returncode == 0, done.stderr
        return [Ended(*result) for result in json.loads(done.stdout)]

    return run
