"""The model card: its figures are written by the evaluation command, never by hand."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from models.training.runs import write_text


def write_card(path: Path, figures: dict[str, Any]) -> None:
    """Write the card for figures as `models.evaluation.figures_of` gives them, whole or not at all.

    Raises:
        SigncapError: it cannot be written.
    """
    environment = Environment(
        loader=PackageLoader("models", "templates"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # Markdown, from our own figures
    )
    write_text(path, environment.get_template("card.md").render(figures))
