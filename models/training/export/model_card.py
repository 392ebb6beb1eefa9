"""The model card: its figures are written by the commands that measured them, never by hand."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from overlay.core.files.atomic_text import write_text


def write_card(path: Path, figures: dict[str, Any], template: str = "card.md") -> None:
    """Write the card of one of `models/templates`, for figures as the command gives them, whole or not at all.

    Raises:
        SigncapError: it cannot be written.
    """
    write_text(path, render_card(figures, template))


def render_card(figures: dict[str, Any], template: str) -> str:
    """Markdown from one of `models/templates`."""
    environment = Environment(
        loader=PackageLoader("models", "templates"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # Markdown, from our own figures
    )
    return environment.get_template(template).render(figures)
