"""Whether captions go to a call now, and to which."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final

import aiohttp

from overlay.core.errors import SigncapError
from overlay.pipeline.caption_parts import CaptionPart
from overlay.pipeline.final_captions import FinalCaptionUpdate
from server.call_captions.clients import open_meeting, open_session
from server.call_captions.debounce import Settling
from server.call_captions.delivery_log import Caption, Tally
from server.call_captions.links import CaptionLink
from server.call_captions.queue import Waiting
from server.call_captions.retry import Pace
from server.call_captions.sender import DENIED, Phase, Sender

TEST: Final = "Signcap test caption: captions appear here."
NOWHERE: Final = "There is no meeting to send to: paste its caption link first."
LAST_CHANCE: Final = 1.0  # seconds for what waits, when Signcap ends
LOOK_EVERY: Final = 0.02  # seconds, meanwhile
_OVER: Final = (Phase.EXPIRED, Phase.REFUSED, Phase.FAILED)
_SENTENCES: Final = {
    Phase.OFF: "Captions are not sent to a call.",
    Phase.ASKING: "Asking {service} where to go on …",
    Phase.READY: "Ready: captions go to {service} from now on.",
    Phase.SENDING: "Captions go to {service}.",
}

OpenSession = Callable[[float], aiohttp.ClientSession]
Notice = Callable[[str | None], None]
Json = dict[str, Any]


class CallCaptions:
    """Follows the captions of a run and sends them while there is a link. Made and used in the event loop.

    Args:
        notice: told what the user must do, and None when nothing is left to do.
        speaker: gives the name that stands before captions now; empty for none.
        open_client: makes the client that asks; its argument is the time limit for a request.
        pace: the clock.
    """

    def __init__(
        self,
        notice: Notice = lambda _sentence: None,
        *,
        speaker: Callable[[], str] = lambda: "",
        open_client: OpenSession = open_session,
        pace: Pace | None = None,
    ) -> None:
        self.pace = pace or Pace()
        self.open_client = open_client
        self._notice, self._speaker = notice, speaker
        self._loop = asyncio.get_running_loop()
        self._settling = Settling(self.pace.settle, self._send, self._change, self.pace.sleep)
        self._changing = asyncio.Lock()
        self._tally = Tally()
        self._waiting = Waiting(self._tally, self.pace.now)
        self._link: CaptionLink | None = None
        self._sender: Sender | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def sending(self) -> bool:
        """Whether captions go to a call, or will once it has started."""
        return self._task is not None and not self._task.done()

    def accept(self, update: FinalCaptionUpdate) -> None:
        """Take what is new, in any one thread. Quick."""
        if update.parts:
            with contextlib.suppress(RuntimeError):  # the loop has ended before the recogniser
                self._loop.call_soon_threadsafe(self._take, update.parts)

    async def start(self, link: CaptionLink) -> None:
        """Send what goes out from now on. What waits for another meeting never goes to this one."""
        async with self._changing:
            await self._stop("another link took its place")
            self._tally = Tally()
            self._waiting = Waiting(self._tally, self.pace.now)
            self._link = link
            client = self.open_client(self.pace.limit)
            self._sender = Sender(open_meeting(link, client), self._waiting, self._tally, self.pace)
            self._task = asyncio.create_task(self._run(self._sender, client))

    async def stop(self) -> None:
        """Send no more, and forget the link."""
        async with self._changing:
            await self._stop("sending was stopped")

    async def close(self) -> None:
        """Signcap ends: what waits has a last chance."""
        if self.sending:
            self._settling.release()
            deadline = self.pace.now() + LAST_CHANCE
            while self._under_way and self.pace.now() < deadline:
                await self.pace.sleep(LOOK_EVERY)
        await self.stop()

    def test(self) -> None:
        """Send a caption that says that it is a test.

        Raises:
            SigncapError: there is nowhere to send it.
        """
        if not self.sending:
            raise SigncapError(NOWHERE)
        self._waiting.put(Caption(None, f"{self._name()}{TEST}", self.pace.now()))

    def again(self, number: int) -> None:
        """Send a caption once more that was given up, after those that wait.

        Raises:
            SigncapError: there is nowhere to send it, or it is not among the newest that were given up.
        """
        if not self.sending:
            raise SigncapError(NOWHERE)
        caption = self._tally.take_back(number)
        if caption is None:
            raise SigncapError(f"Caption {number} is not among those that were lost: type it, if it is wanted again.")
        self._waiting.put(replace(caption, at=self.pace.now()))

    def body(self) -> Json:
        """Return the state for the pages."""
        sender, tally, link = self._sender, self._tally, self._link
        phase = sender.phase if sender is not None else Phase.OFF
        why = sender.why if sender is not None else ""
        service = sender.service.value if sender is not None else None
        return {
            "state": phase.value,
            "sentence": why or _SENTENCES[phase].format(service=service),
            "service": service,
            "link": link.masked if link is not None else None,
            "sent": tally.sent,
            "last_at": tally.last_at.isoformat(timespec="seconds") if tally.last_at is not None else None,
            "waiting": self._under_way,
            "lost": tally.lost,
            "perhaps_lost": tally.perhaps,
            "losses": [
                {"caption": loss.caption.number, "text": loss.caption.text, "why": loss.why, "perhaps": loss.perhaps}
                for loss in tally.losses
            ],
            "changes": [
                {"caption": change.number, "sent": change.sent, "now": change.now}
                for change in tally.changes.values()
            ],
        }

    @property
    def _under_way(self) -> int:
        """How many captions are neither sent nor given up."""
        return len(self._waiting) + (self._sender is not None and self._sender.current is not None)

    def _take(self, parts: Sequence[CaptionPart]) -> None:
        for part in parts:
            self._settling.put(part, self.pace.now())

    def _send(self, part: CaptionPart, at: float) -> None:
        text = " ".join(part.text.split())
        if not text:
            return
        named = f"{self._name()}{text}" if part.number == 0 else text
        caption = Caption(part.caption + 1, named, at, part.number == 0, part.ends, part.goes_on)
        if self.sending:
            self._tally.note_text(part.place, text)
            self._waiting.put(caption)
        elif self._sender is not None and self._sender.phase in _OVER:
            self._tally.add_loss(caption, DENIED)

    def _name(self) -> str:
        name = " ".join(self._speaker().split())
        return f"{name}: " if name else ""

    def _change(self, part: CaptionPart) -> None:
        self._tally.note_change(part.place, " ".join(part.text.split()))

    async def _run(self, sender: Sender, client: aiohttp.ClientSession) -> None:
        """Nothing that it raises is let out: an error could hold the link."""
        self._notice(None)
        try:
            await sender.run()
        except Exception as error:
            sender.fail(type(error).__name__)
        finally:
            await client.close()
        self._link = None
        self._notice(f"Captions no longer reach the call. {sender.why}")

    async def _stop(self, why: str) -> None:
        self._settling.forget()
        task, self._task, self._link = self._task, None, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        if self._sender is not None:
            self._sender.stop(why)
        self._notice(None)
