"""The phrases that a person is shown to spell."""

import secrets
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from overlay.prompted.words import COUNT, shown_words

Seed = Annotated[int, Field(ge=0, lt=2**31)]


class ShownPlan(BaseModel):
    """What can be chosen before the first phrase."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    signer: Annotated[str, Field(max_length=40, pattern=r"^[A-Za-z0-9_-]*$")] = ""  # goes into what is kept
    countdown: Annotated[float, Field(ge=0.0, le=20.0)] = 2.0  # seconds before each phrase
    count: Annotated[int, Field(ge=1, le=COUNT)] = COUNT  # of the phrases
    seed: Seed | None = None  # of the phrases: the same gives the same ones; others each time by default

    def phrases(self) -> tuple[str, ...]:
        """Return the phrases, in order; new ones on each call where there is no seed."""
        seed = secrets.randbelow(2**31) if self.seed is None else self.seed
        return shown_words(seed)[: self.count]
