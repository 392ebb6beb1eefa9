"""What several test modules share."""

from pathlib import Path

import pytest

from overlay.hand_model import hand_model_path


@pytest.fixture(scope="session")
def hand_model() -> Path:
    """The real hand model, from the user's cache: fetched only where it never was before."""
    return hand_model_path()
