"""Kept sessions as the page is told of them."""

import hashlib
import json
from typing import Any

from overlay.transcripts.export import cue_body
from overlay.transcripts.search import pieces, sought_words
from overlay.transcripts.session import KeptCue, KeptSession
from overlay.transcripts.store import Archive
from server.session.transcripts import Keeping

Json = dict[str, Any]


def overview(keeping: Keeping, known: str) -> str:
    """How captions are kept, and all sessions: a JSON text. Reads files.

    Args:
        keeping: of the run.
        known: the revision that the page has; it is told no more where nothing has changed.
    """
    use, archive, current = keeping.use, keeping.archive, keeping.keeper.session
    body: Json = {
        "keep": use.keep,
        "folder": str(archive.folder),
        "days": use.days,
        "times": use.times,
        "file": str(keeping.file) if keeping.file is not None else None,
        "current": current,
        "trouble": keeping.keeper.trouble,
        "sessions": [session_body(session) for session in archive.sessions()],
    }
    text = json.dumps(body)
    revision = hashlib.sha256(text.encode()).hexdigest()[:16]
    if revision == known:
        return json.dumps({"revision": revision})
    return f'{{"revision": "{revision}", {text[1:]}'


def session_body(session: KeptSession) -> Json:
    """One session, without its captions."""
    return {
        "name": session.name,
        "began": session.began.isoformat(timespec="milliseconds"),
        "seconds": round(session.seconds, 3),
        "captions": len(session.cues),
        "words": session.words,
        "first_words": session.first_words,
        "whole": session.whole,
    }


def whole_session(archive: Archive, name: str, query: str) -> Json:
    """One session with its captions, what a query seeks marked in them. Reads files.

    Raises:
        SigncapError: there is none of that name.
    """
    session, words = archive.session(name), sought_words(query)
    return session_body(session) | {"cues": [_cue(cue, pieces(cue.text, words)) for cue in session.cues]}


def search_body(archive: Archive, query: str) -> Json:
    """What a search finds. Reads files."""
    found = archive.search(query)
    return {
        "captions": sum(one.count for one in found),
        "sessions": [
            session_body(one.session) | {"count": one.count, "hits": [_cue(hit.cue, hit.pieces) for hit in one.hits]}
            for one in found
        ],
    }


def _cue(cue: KeptCue, parts: list[tuple[str, bool]]) -> Json:
    return {"index": cue.index, **cue_body(cue), "pieces": parts}
