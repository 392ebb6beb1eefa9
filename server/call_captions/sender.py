"""Sends captions in order, one at a time, until each was taken or given up."""

import logging
from datetime import datetime
from enum import Enum
from typing import Final

from server.call_captions.clients import Meeting
from server.call_captions.delivery_log import Caption, Tally
from server.call_captions.queue import Waiting, is_too_old, too_old
from server.call_captions.responses import AGAIN, NEXT, Answer, Verdict
from server.call_captions.retry import DENIALS, OLDEST, TRIES, Pace


class Phase(Enum):
    """The state of sending; the value is what the API calls it."""

    OFF = "off"
    ASKING = "asking"  # the service, where to go on
    READY = "ready"  # nothing was sent yet
    WAITING = "waiting"  # for the meeting to start
    SENDING = "sending"
    TROUBLE = "trouble"
    EXPIRED = "expired"
    REFUSED = "refused"
    FAILED = "failed"  # a mistake of ours


_PHASES: Final = {
    Verdict.NOT_STARTED: Phase.WAITING,
    Verdict.EXPIRED: Phase.EXPIRED,
    Verdict.REFUSED: Phase.REFUSED,
}
DENIED: Final = "the link was no longer good"
_DENIED: Final = (Verdict.EXPIRED, Verdict.REFUSED)

_log = logging.getLogger(__name__)


class DeniedError(Exception):
    """The link is good for nothing any more."""


class Sender:
    """Sends what waits, in the event loop.

    Args:
        meeting: where to.
        waiting: captions.
        tally: where it is counted what became of them.
        pace: the clock.

    Attributes:
        service: whose meeting it is.
        phase: how it goes.
        why: a sentence about it, where there is something to say.
        current: the caption that is being sent.
    """

    def __init__(self, meeting: Meeting, waiting: Waiting, tally: Tally, pace: Pace) -> None:
        self._meeting, self._waiting, self._tally, self._pace = meeting, waiting, tally, pace
        self.service = meeting.service
        self.phase = Phase.ASKING if meeting.numbered else Phase.READY
        self.why = ""
        self.current: Caption | None = None
        self._errors = 0  # tries of the current line that were answered with an error, or not at all
        self._unsure = 0  # of them, those that may have been taken
        self._under_way = False  # a request
        self._row = 0  # tries in a row that came to nothing
        self._denials = 0
        self._not_before = float("-inf")

    async def run(self) -> None:
        """Send until it is cancelled, or until the link is good for nothing."""
        try:
            await self._resume()
            while True:
                self.current = await self._waiting.get()
                await self._send(self.current)
                self.current = None
        except DeniedError:
            self._end(DENIED)

    def stop(self, why: str) -> None:
        """Count what is left, after a cancellation."""
        self._end(why)
        self.phase = Phase.OFF

    def fail(self, kind: str) -> None:
        """Note that it ended with an error of that kind, which should never be."""
        self._end("Signcap made a mistake")
        self.phase = Phase.FAILED
        self.why = f"Sending ended with an error of Signcap's own ({kind}): paste the link again."

    def _end(self, why: str) -> None:
        caption, self.current = self.current, None
        if caption is not None:
            self._tally.add_loss(caption, why, perhaps=self._under_way or self._unsure > 0)
        self._waiting.give_up(why)

    async def _send(self, caption: Caption) -> None:
        for number, line in enumerate(self._meeting.lines(caption)):
            why = await self._send_line(caption, line)
            if why is not None:
                await self._give_up(caption, f"{why}; its beginning was shown" if number else why)
                return
        self._add_sent()

    def _add_sent(self) -> None:
        self._tally.add_sent(datetime.fromtimestamp(self._pace.clock.time()).astimezone())
        self.phase = Phase.SENDING

    async def _send_line(self, caption: Caption, line: str) -> str | None:
        """Send a line until it was taken: None; or until it is given up: why.

        What may have been taken is sent again only where the service knows its number: nothing is shown twice.
        """
        self._errors = self._unsure = 0
        while True:
            await self._hold(caption.at + OLDEST)
            if is_too_old(caption, self._pace.now()):
                return too_old()
            self._under_way = True
            answer = await self._meeting.send(line, unsure=self._unsure > 0)
            self._under_way = False
            self._unsure += answer.verdict is Verdict.UNKNOWN
            self._errors += answer.verdict in (Verdict.FAILED, Verdict.UNKNOWN)
            self._note(answer)
            if answer.verdict is Verdict.TAKEN:
                return None
            if self._errors >= TRIES or (self._unsure and not self._meeting.numbered):
                return answer.why.removesuffix(AGAIN)

    async def _give_up(self, caption: Caption, why: str) -> None:
        """Where captions have numbers, the service knows whether it was taken after all; else nobody does."""
        if self._meeting.numbered and self._errors:
            if await self._resume():
                self._add_sent()
            else:
                self._tally.add_loss(caption, why)
        else:
            self._tally.add_loss(caption, why, perhaps=self._unsure > 0)
        if self.why.endswith(AGAIN):
            self.why = self.why.removesuffix(AGAIN) + NEXT

    async def _resume(self) -> bool:
        """Find out where to go on; captions that become too old meanwhile are given up.

        Returns:
            Whether the meeting has a caption more than was known.
        """
        while True:
            await self._hold(float("inf"))
            self._waiting.expire()
            known = self._meeting.number
            answer = await self._meeting.resume()
            self._note(answer)
            if answer.verdict is Verdict.TAKEN:
                return self._meeting.number > known

    async def _hold(self, until: float) -> None:
        """Wait until the service may be asked again, or until then."""
        while (pause := min(self._not_before, until) - self._pace.now()) > 0:
            await self._pace.sleep(pause)

    def _note(self, answer: Answer) -> None:
        """Remember how it goes, and when to ask again.

        Raises:
            DeniedError: the link has been refused too often.
        """
        _log.info("%s answered: %s", self.service.value, answer.verdict.name)
        if answer.verdict is Verdict.TAKEN:
            self.phase, self.why = Phase.SENDING if self._tally.sent else Phase.READY, ""
            self._row = self._denials = 0
            return
        self._row += 1
        self._denials = self._denials + 1 if answer.verdict in _DENIED else 0
        self._not_before = self._pace.now() + max(self._pace.pause(self._row), answer.wait)
        denied = self._denials >= DENIALS
        phase = _PHASES.get(answer.verdict, Phase.TROUBLE)
        self.phase = phase if denied or answer.verdict not in _DENIED else Phase.TROUBLE
        self.why = answer.why
        if denied:
            raise DeniedError
