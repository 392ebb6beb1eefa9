"""What is named of the training side is there: the names are strings, which no tool checks."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

import models.commands
from server.cli.main import app
from server.web import training_side

pytestmark = pytest.mark.unit

COMMANDS = Path(models.commands.__file__).parent
NO_COMMANDS = {"__init__", "options"}


@pytest.mark.parametrize("name", [*training_side.COMMANDS.values(), training_side.WORKSHOP])
def test_each_name_stands_for_something(name: str) -> None:
    assert callable(training_side.load(name))


def test_each_module_of_commands_is_named() -> None:
    named = {name.partition(":")[0] for name in training_side.COMMANDS.values()}
    there = {path.stem for path in COMMANDS.glob("*.py")} - NO_COMMANDS
    assert named == {f"models.commands.{stem}" for stem in there}


def test_commands_of_the_training_side_run_beside_the_others() -> None:
    done = CliRunner().invoke(app, ["export", "--help"])
    assert done.exit_code == 0
    assert "signcap export" in done.output


def test_without_the_training_side_there_are_none_of_its_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training_side, "PACKAGE", "no_such_package")
    runner = CliRunner()
    assert "sweep" not in runner.invoke(app, ["--help"]).output
    done = runner.invoke(app, ["sweep", "--help"])
    assert done.exit_code == 2
    assert "No such command" in done.output
