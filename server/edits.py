"""The user's edits of the captions, over HTTP."""

import asyncio
from typing import Annotated, Final, Literal

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from overlay.edits import Edit
from overlay.errors import SigncapError
from overlay.transcript import Transcript
from server.access import Role
from server.json_body import json_object
from server.openapi import describes
from server.security import RefusedError, needs
from server.status import PIPELINE


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


_EDIT: Final[TypeAdapter[Choose | Undo]] = TypeAdapter(Annotated[Choose | Undo, Field(discriminator="edit")])


@needs(Role.OWNER)
@describes(
    "Edits the captions: takes a suggested word, or takes an edit back.",
    body=_EDIT,
    answers={
        200: "The revision of the text after it.",
        409: "The edit does not fit the text, which has changed.",
    },
)
async def edit_captions(request: web.Request) -> web.Response:
    """`POST /api/v1/captions/edits {"edit": "choose" or "undo", ...}`: the revision of the text after it.

    409 where the text has changed meanwhile so that the edit does not fit it.
    """
    try:
        asked = _EDIT.validate_python(await json_object(request))
    except ValidationError:
        raise RefusedError(
            400, 'Send {"edit": "undo"}, or {"edit": "choose"} with caption, word, read and chosen.'
        ) from None
    try:
        state = await asyncio.wrap_future(request.app[PIPELINE].edit(asked.made()))
    except SigncapError as error:
        raise RefusedError(409, str(error)) from None
    return web.json_response({"revision": state.revision})
