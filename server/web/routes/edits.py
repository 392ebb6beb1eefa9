"""The user's edits of the captions, over HTTP."""

import asyncio
from typing import Annotated, Final, Literal

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from overlay.captions.edits import Edit
from overlay.captions.state import CaptionState
from overlay.captions.transcript import Transcript
from overlay.core.errors import SigncapError
from server.web.auth.access import Role
from server.web.auth.security import RefusedError, requires_role, time_limit
from server.web.json_body import json_object
from server.web.keys import SESSION
from server.web.openapi import operation

LONGEST: Final = 500  # characters typed at once
WHILE_LOADING: Final = 60.0  # seconds: what is typed at the start waits until the models are loaded


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Choose(_Body):
    """Put a suggested word in the place of the one that was read; all as in the caption events."""

    edit: Literal["choose"]
    caption: Annotated[int, Field(ge=0)]
    word: Annotated[int, Field(ge=0)]
    read: str
    chosen: str

    def made(self) -> Edit:
        """The edit of the transcript."""
        return lambda transcript: transcript.choose(self.caption, self.word, self.read, self.chosen)


class Undo(_Body):
    """Take back the last edit."""

    edit: Literal["undo"]

    def made(self) -> Edit:
        """The edit of the transcript."""
        return Transcript.undo


class Key(_Body):
    """Take back a character, end the word, empty the current caption, or end it."""

    edit: Literal["backspace", "space", "clear", "end"]

    def made(self) -> Edit:
        """The edit of the transcript."""
        return _KEYS[self.edit]


class Type(_Body):
    """Add typed text to the current caption; `end` makes it a finished one at once.

    With `alone` the caption that is being signed is finished first, so that the text does not become a part of it.
    """

    edit: Literal["type"]
    text: Annotated[str, Field(min_length=1, max_length=LONGEST, pattern=r"^[^\x00-\x1f\x7f]+$")]
    end: bool = False
    alone: bool = False

    def made(self) -> Edit:
        """The edit of the transcript."""

        def type_text(transcript: Transcript) -> CaptionState:
            if self.alone:
                transcript.finish()
            state = transcript.type_text(self.text)
            return transcript.finish() if self.end else state

        return type_text


_KEYS: Final[dict[str, Edit]] = {
    "backspace": Transcript.backspace,
    "space": Transcript.space,
    "clear": Transcript.clear,
    "end": Transcript.finish,
}
_EDIT: Final[TypeAdapter[Choose | Undo | Key | Type]] = TypeAdapter(
    Annotated[Choose | Undo | Key | Type, Field(discriminator="edit")]
)


@requires_role(Role.EXTENSION)
@time_limit(WHILE_LOADING)
@operation(
    "Edits the captions: takes a suggested word, types, takes back.",
    body=_EDIT,
    answers={
        200: "The revision of the text after it.",
        409: "The edit does not fit the text, which has changed.",
    },
)
async def edit_captions(request: web.Request) -> web.Response:
    """`POST /api/v1/captions/edits {"edit": "undo", ...}`: the revision of the text after it.

    409 where the text has changed meanwhile so that the edit does not fit it.
    """
    try:
        asked = _EDIT.validate_python(await json_object(request))
    except ValidationError:
        raise RefusedError(
            400,
            'Send {"edit": "undo"}, "backspace", "space", "clear" or "end"; {"edit": "type", "text": TEXT} with at '
            f'most {LONGEST} characters; or {{"edit": "choose"}} with caption, word, read and chosen.',
        ) from None
    try:
        state = await asyncio.wrap_future(request.app[SESSION].pipeline.edit(asked.made()))
    except SigncapError as error:
        raise RefusedError(409, str(error)) from None
    return web.json_response({"revision": state.revision})
