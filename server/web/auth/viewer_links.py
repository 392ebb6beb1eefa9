"""The secrets of links for second screens and OBS, which outlive a run: see docs/second-screen.md."""

import json
import re
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

import platformdirs

from overlay.core.files.private import read_private, write_private
from overlay.core.files.strict_json import parse_json

_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")  # 256 bits, as `token_urlsafe(32)` writes them
_LARGEST = 4096  # bytes


@dataclass(frozen=True, slots=True)
class ViewerSecrets:
    """Secrets that show that somebody may read captions, and nothing else.

    Attributes:
        token: stands in links.
        cookie: what a link is exchanged for.
    """

    token: str
    cookie: str

    @classmethod
    def new(cls) -> "ViewerSecrets":
        """Two that nobody knows."""
        return cls(secrets.token_urlsafe(32), secrets.token_urlsafe(32))


def viewer_secrets_path() -> Path:
    """Return the path of the user's secrets."""
    return Path(platformdirs.user_state_dir("signcap", appauthor=False)) / "viewers.json"


def kept_viewer_secrets(path: Path | None = None, *, renew: bool = False) -> tuple[ViewerSecrets, str | None]:
    """Return the secrets of the runs before, or new ones that later runs find.

    A file that others could read or have written is not trusted: new ones take its place.

    Args:
        path: of the file; the user's own by default.
        renew: make new ones, so that all links and cookies given away before are worth nothing.

    Returns:
        The secrets, and a sentence for the person at the terminal where they could not be kept.
    """
    path = path or viewer_secrets_path()
    found = None if renew else _read(path)
    if found is not None:
        return found, None
    made = ViewerSecrets.new()
    try:
        write_private(path, json.dumps(asdict(made)))
    except OSError as error:
        return made, (
            f"Links for second screens and OBS end with this run: {path.parent} cannot be written "
            f"({error.strerror}). Make room or mend the folder."
        )
    return made, None


def _read(path: Path) -> ViewerSecrets | None:
    try:
        stored = parse_json(read_private(path, _LARGEST) or b"null")
        found = ViewerSecrets(stored["token"], stored["cookie"])
        good = all(_SECRET.fullmatch(one) for one in (found.token, found.cookie))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return found if good else None
