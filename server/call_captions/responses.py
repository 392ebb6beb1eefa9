"""Responses of Zoom and Teams, and what they mean for a caption."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import Enum, auto
from typing import Final

from server.call_captions.links import Service

LONGEST_WAIT: Final = 60.0  # seconds that a service may ask us to wait
AGAIN: Final = ": trying again."
NEXT: Final = ": going on with the next caption."


class Verdict(Enum):
    """The outcome of a request."""

    TAKEN = auto()
    NOT_STARTED = auto()  # there is nobody to read it yet
    EXPIRED = auto()
    REFUSED = auto()
    BUSY = auto()
    UNREACHABLE = auto()  # it was never sent
    FAILED = auto()  # it was sent, and not taken
    UNKNOWN = auto()  # it was sent, and may have been taken


@dataclass(frozen=True, slots=True)
class Answer:
    """The response to a request.

    Attributes:
        verdict: what became of the request.
        why: for people, of a request that was not taken.
        wait: seconds that the service asks us to wait.
        last: number of the newest caption that it has, where that was asked.
    """

    verdict: Verdict
    why: str = ""
    wait: float = 0.0
    last: int | None = None


# A gateway that gave up waiting does not know whether the service behind it has taken the caption.
_GATEWAY: Final = frozenset({408, 502, 504})
_NOT_STARTED: Final = {Service.ZOOM: frozenset({400, 404}), Service.TEAMS: frozenset({404})}
_HINTS: Final = {
    Service.ZOOM: "Waiting for the meeting to start.",
    Service.TEAMS: "Waiting for the meeting to start, and for somebody to turn live captions on in it.",
}


def judge(service: Service, status: int, headers: Mapping[str, str]) -> Answer:
    """Return what a response's status means."""
    name = service.value
    if 200 <= status < 300:
        return Answer(Verdict.TAKEN)
    if status in _NOT_STARTED[service]:
        return Answer(Verdict.NOT_STARTED, _HINTS[service])
    if status == 401:
        return Answer(Verdict.EXPIRED, "The link has expired: copy a new one from the meeting and paste it here.")
    if status == 403:
        return Answer(Verdict.REFUSED, f"{name} does not accept this link: copy it again from the meeting.")
    if status in (429, 503):
        return Answer(Verdict.BUSY, f"{name} asks to wait{AGAIN}", retry_after(headers.get("Retry-After")))
    why = f"{name} answers with an error ({status}){AGAIN}"
    return Answer(Verdict.UNKNOWN if status in _GATEWAY else Verdict.FAILED, why)


def retry_after(said: str | None, now: datetime | None = None) -> float:
    """Seconds to wait, from a header that gives seconds or a date; 0 where it says nothing that is understood."""
    if said is None:
        return 0.0
    try:
        wait = float(int(said))
    except ValueError:
        try:
            until = parsedate_to_datetime(said)
        except ValueError:
            return 0.0
        if until.tzinfo is None:
            until = until.replace(tzinfo=UTC)
        wait = (until - (now or datetime.now(UTC))).total_seconds()
    return min(max(wait, 0.0), LONGEST_WAIT)
