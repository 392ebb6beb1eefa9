"""Parameters of the page, checked."""

from collections.abc import Mapping
from typing import Annotated, Any, Final, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from overlay.core.errors import SigncapError
from overlay.synthesis.signed_text import FASTEST, LAST_SEED, SLOWEST, SignedText, Signing
from server.web.auth.security import RefusedError

LONGEST: Final = 200  # characters
MOST_LETTERS: Final = 300  # digits become words
TINY: Final = (96, 96)  # a picture of which nothing is needed but its times


class Text(BaseModel):
    """A text, and how it is signed."""

    model_config = ConfigDict(extra="forbid", strict=True)

    text: Annotated[str, Field(max_length=LONGEST)]
    speed: Annotated[float, Field(ge=SLOWEST, le=FASTEST, description="Letters a second within words.")] = 2.0
    signer: Annotated[int | None, Field(ge=0, le=LAST_SEED, description="A person; the usual signer by default.")] = (
        None
    )
    left_handed: bool = False

    @property
    def signing(self) -> Signing:
        """How."""
        return Signing(self.speed, self.signer, self.left_handed)


class Stream(Text):
    """A text to be seen."""

    first: Annotated[int, Field(ge=0, description="Number of the letter to begin with.")] = 0


class Video(Text):
    """A text to be kept as a video."""

    captions: bool = True


Asked = TypeVar("Asked", bound=Text)


def asked_for(kind: type[Asked], body: Mapping[str, Any]) -> Asked:
    """A request's body, checked.

    Raises:
        RefusedError: with one sentence about what is wrong.
    """
    text = body.get("text")
    if isinstance(text, str) and len(text) > LONGEST:
        raise RefusedError(422, f"The text has {len(text)} characters: give at most {LONGEST} at once.")
    try:
        return kind.model_validate(body)
    except ValidationError as error:
        wrong = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in wrong["loc"])
        raise RefusedError(422, f"{place}: {wrong['msg']}.") from error


def plan(asked: Text) -> SignedText:
    """The text with the times of its letters; quick, but not at once.

    Raises:
        RefusedError: it cannot be signed; says why.
    """
    try:
        signed = SignedText(asked.text, asked.signing, size=TINY)
    except SigncapError as error:
        raise RefusedError(422, str(error)) from error
    if len(signed.letters) > MOST_LETTERS:
        raise RefusedError(
            422, f"That is {len(signed.letters)} letters to spell: give a text of at most {MOST_LETTERS} at once."
        )
    return signed
