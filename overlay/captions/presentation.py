"""The text as people asked to see it: in sentence case, and without letters that may still change."""

import functools
import re
from dataclasses import replace
from typing import Final

from overlay.captions.state import CaptionState
from overlay.core.settings import Settings

_WORD: Final = re.compile(r"\S+")
_SENTENCE_ENDS: Final = tuple(".!?…")
_FIRST_PERSON: Final = re.compile(r"i(?:$|['’])")
_INITIAL: Final = re.compile(r"(?:^|[-'’.])\w")
_OPENING: Final = re.compile(r"^\W*\w")


def as_shown(state: CaptionState, settings: Settings) -> CaptionState:
    """Return the text as it is shown: the same words in the same order, whatever the settings ask for."""
    style, names = settings.caption, frozenset(settings.suggesting.hot_words)
    if style.settled_only:
        cues = tuple(replace(cue, assisted=()) if cue.assisted else cue for cue in state.cues)
        state = replace(state, cues=cues, partial="", suggestions=(), assisted=())
    if style.case == "sentence":
        cues = tuple(replace(cue, text=sentence_case(cue.text, names)) for cue in state.cues)
        state = replace(
            state,
            cues=cues,
            committed=sentence_case(state.committed, names, ended=False),
            partial=_tail(state.committed, state.partial),
        )
    return state


@functools.lru_cache(1024)
def sentence_case(text: str, names: frozenset[str] = frozenset(), *, ended: bool = True) -> str:
    """Return a text that is in capitals as a sentence; one that has small letters is left as it was written.

    Args:
        text: one caption.
        names: in capitals; where they stand alone they begin with a capital.
        ended: no letter follows. Else the last word is not looked up yet: IN may come of I, and ANNABEL of ANNA.
    """
    if text != text.upper():
        return text
    begins = True
    cased: list[str] = []
    place = 0
    for found in _WORD.finditer(text):
        whole = ended or found.end() < len(text)
        cased += (text[place : found.start()], _cased(found[0], names if whole else frozenset(), begins, whole))
        begins = found[0].endswith(_SENTENCE_ENDS)
        place = found.end()
    return "".join((*cased, text[place:]))


def _cased(word: str, names: frozenset[str], begins: bool, whole: bool) -> str:
    small = word.lower()
    if word.strip('.,;:!?…"“”()') in names:
        return _INITIAL.sub(lambda found: found[0].upper(), small)
    if begins or (whole and _FIRST_PERSON.match(small)):
        return _OPENING.sub(lambda found: found[0].upper(), small)
    return small


def _tail(committed: str, partial: str) -> str:
    """The tail that may still change, cased as it will be when it is final."""
    if committed != committed.upper():
        return partial
    begins = not committed.strip() or (committed[-1].isspace() and committed.rstrip().endswith(_SENTENCE_ENDS))
    return _cased(partial, frozenset(), begins, whole=False)
