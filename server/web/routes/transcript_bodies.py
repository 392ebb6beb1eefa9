"""Kept sessions as the page is told of them."""

import hashlib
import json
from typing import Any

from overlay.transcripts.export import cue_body
from overlay.transcripts.search import pieces, sought_words
from overlay.transcripts.session import KeptCue, KeptSession
from overlay.transcripts.store import TranscriptStore
from server.session.transcripts import TranscriptService

Json = dict[str, Any]


def overview(transcripts: TranscriptService, known: str) -> str:
    """Return how captions are kept, and all sessions: a JSON text. Reads files.

    Args:
        transcripts: of the run.
        known: the revision that the page has; it is told no more where nothing has changed.
    """
    use, store, current = transcripts.use, transcripts.store, transcripts.writer.session
    body: Json = {
        "keep": use.keep,
        "folder": str(store.folder),
        "days": use.days,
        "times": use.times,
        "file": str(transcripts.file) if transcripts.file is not None else None,
        "current": current,
        "trouble": transcripts.writer.trouble,
        "sessions": [session_body(session) for session in store.sessions()],
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


def whole_session(store: TranscriptStore, name: str, query: str) -> Json:
    """One session with its captions, what a query seeks marked in them. Reads files.

    Raises:
        SigncapError: there is none of that name.
    """
    session, words = store.session(name), sought_words(query)
    return session_body(session) | {"cues": [_cue(cue, pieces(cue.text, words)) for cue in session.cues]}


def search_body(store: TranscriptStore, query: str) -> Json:
    """Return what a search finds. Reads files."""
    found = store.search(query)
    return {
        "captions": sum(one.count for one in found),
        "sessions": [
            session_body(one.session) | {"count": one.count, "hits": [_cue(hit.cue, hit.pieces) for hit in one.hits]}
            for one in found
        ],
    }


def _cue(cue: KeptCue, parts: list[tuple[str, bool]]) -> Json:
    return {"index": cue.index, **cue_body(cue), "pieces": parts}
