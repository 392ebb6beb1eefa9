"""Names of what `server` offers of the training side, each imported when it is first asked for.

Arrows point `server → overlay ← models`: nothing of `server` may import `models`. A name is therefore a string here,
which neither import-linter nor a start takes for an import, and what it names is handed on without a look inside:
to typer, or as a protocol that `server` declares itself.
"""

from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final

PACKAGE: Final = "models"
COMMANDS: Final = {
    "compare": "models.commands.compare:compare",
    "crop": "models.commands.crop:crop",
    "evaluate": "models.commands.evaluate:evaluate",
    "export": "models.commands.export:export",
    "import": "models.commands.importing:import_data",
    "samples": "models.commands.samples:samples",
    "split": "models.commands.split:split",
    "sweep": "models.commands.sweep:sweep",
    "train": "models.commands.train:train",
}  # functions that typer makes commands of, in the order of the help
WORKSHOP: Final = "models.training.runs.api:Workshop"


def installed() -> bool:
    """Return whether there is a training side; imports nothing of it."""
    return find_spec(PACKAGE) is not None


def load(name: str) -> Any:
    """Import and return what one of the names above, `module:function` or `module:class`, stands for."""
    module, _, attribute = name.partition(":")
    return getattr(import_module(module), attribute)
