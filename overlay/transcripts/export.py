"""A session as JSON: see docs/transcripts.md."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from overlay.captions.state import Cue
from overlay.transcripts.session import KeptCue

VERSION: Final = 1


def to_json(began: datetime, cues: Iterable[KeptCue]) -> str:
    """A JSON file.

    Args:
        began: when the session began, with the zone.
        cues: their times from then on, in seconds.
    """
    body = {
        "version": VERSION,
        "start": began.isoformat(timespec="milliseconds"),
        "cues": [cue_body(cue) for cue in cues],
    }
    return json.dumps(body, ensure_ascii=False, indent=1) + "\n"


def cue_body(cue: KeptCue) -> dict[str, Any]:
    """One caption."""
    return {
        "start": round(cue.start, 3),
        "end": round(cue.end, 3),
        "text": cue.text,
        "typed": cue.typed,
        "edited": cue.edited,
    }


def plain_cues(cues: Iterable[KeptCue]) -> list[Cue]:
    """The same for subtitle and text files."""
    return [Cue(cue.index, cue.text, cue.start, cue.end) for cue in cues]
