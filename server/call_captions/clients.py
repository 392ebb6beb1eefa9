"""The requests that Zoom and Teams ask for, over HTTPS. Nothing raises here: an error's text would hold the link."""

import textwrap
from typing import Final, Protocol

import aiohttp
from yarl import URL

from server.call_captions.delivery_log import Caption
from server.call_captions.links import CaptionLink, Service
from server.call_captions.responses import AGAIN, Answer, Verdict, judge

LANGUAGE: Final = "en-US"
HEADERS: Final = {"Content-Type": "text/plain; charset=utf-8"}
ANSWER_LIMIT: Final = 4096  # bytes that are read of an answer
LONGEST_LINE: Final = 120  # characters of a caption in Teams: who reads them has little time


class Meeting(Protocol):
    """A meeting that captions are sent to.

    Attributes:
        service: whose it is.
        numbered: a caption that is sent again is not shown twice.
        number: of the next caption, where they have any.
    """

    service: Service
    numbered: bool
    number: int

    def lines(self, caption: Caption) -> list[str]:
        """Return what is sent of a caption or a part of one, one request each."""
        ...

    async def resume(self) -> Answer:
        """Find out where to go on; to be asked before the first caption, and after one that was given up."""
        ...

    async def send(self, line: str, *, unsure: bool) -> Answer:
        """Send a line.

        Args:
            line: as `lines` gave it.
            unsure: an earlier try of the same line may have been taken.
        """
        ...


class Zoom:
    """A meeting that counts captions. `seq` grows with each new one and stays for one that is sent again."""

    service = Service.ZOOM
    numbered = True

    def __init__(self, link: CaptionLink, session: aiohttp.ClientSession) -> None:
        self._link, self._session = link, session
        self.number = 1  # of the next caption
        self._tried = ""  # the newest line
        self._line_is_open = False  # in the call: what follows would be joined to it

    def lines(self, caption: Caption) -> list[str]:
        """All of it; Zoom joins what follows to it, up to a line break."""
        before = "\n" if caption.begins and self._line_is_open else ""  # of the caption before, no end was sent
        after = "\n" if caption.ends else "" if caption.goes_on else " "
        return [before + " ".join(caption.text.split()) + after]

    async def resume(self) -> Answer:
        """Ask for the number of the newest caption, and go on from there."""
        answer = await self._newest()
        if answer.last is not None and answer.last >= self.number:
            self._go_on(answer.last + 1)
        elif answer.last is not None:
            self.number = answer.last + 1
        return answer

    async def send(self, line: str, *, unsure: bool) -> Answer:
        """Send it; an earlier try that may have been taken is asked for first."""
        if unsure:
            newest = await self._newest()
            if newest.last is not None and newest.last >= self.number:
                self._go_on(newest.last + 1)
                return Answer(Verdict.TAKEN)
        self._tried = line
        url = self._link.url(("seq", str(self.number)), ("lang", LANGUAGE))
        answer, _ = await _ask(self._session, self.service, "POST", url, line)
        if answer.verdict is Verdict.TAKEN:
            self._go_on(self.number + 1)
        return answer

    def _go_on(self, number: int) -> None:
        """The newest line has been taken."""
        self.number = number
        self._line_is_open = bool(self._tried) and not self._tried.endswith("\n")

    async def _newest(self) -> Answer:
        answer, text = await _ask(self._session, self.service, "GET", self._link.url(below="/seq"))
        if answer.verdict is not Verdict.TAKEN:
            return answer
        said = text.strip() or "0"  # nothing was sent yet
        if said.lstrip("-").isascii() and said.lstrip("-").isdigit() and len(said) < 16:
            return Answer(Verdict.TAKEN, last=max(int(said), 0))
        return Answer(Verdict.FAILED, f"Zoom answers with something that is no number{AGAIN}")


class Teams:
    """A meeting that shows each request as a line of its own, and knows no numbers."""

    service = Service.TEAMS
    numbered = False
    number = 0

    def __init__(self, link: CaptionLink, session: aiohttp.ClientSession) -> None:
        self._link, self._session = link, session

    def lines(self, caption: Caption) -> list[str]:
        """Cut at words."""
        return textwrap.wrap(caption.text, LONGEST_LINE, break_on_hyphens=False)

    async def resume(self) -> Answer:
        """Do nothing: there is nothing to ask."""
        return Answer(Verdict.TAKEN)

    async def send(self, line: str, *, unsure: bool) -> Answer:
        """Send it, once more where an earlier try may have been taken."""
        answer, _ = await _ask(self._session, self.service, "POST", self._link.url(), line)
        return answer


def open_meeting(link: CaptionLink, session: aiohttp.ClientSession) -> Meeting:
    """Open the meeting that a link leads to."""
    return Zoom(link, session) if link.service is Service.ZOOM else Teams(link, session)


def open_session(limit: float, connector: aiohttp.BaseConnector | None = None) -> aiohttp.ClientSession:
    """A client that keeps nothing and follows nothing.

    Args:
        limit: seconds for a request with its answer.
        connector: how hosts are found and trusted; by default as the system does.
    """
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=limit),
        trust_env=False,  # a .netrc could add what the service did not ask for
        auto_decompress=False,
        headers={"User-Agent": "Signcap", "Accept-Encoding": "identity"},
    )


async def _ask(
    session: aiohttp.ClientSession, service: Service, method: str, url: URL, line: str | None = None
) -> tuple[Answer, str]:
    """Send a request.

    Returns:
        What became of it, and the beginning of the answer's text.
    """
    name = service.value
    data = None if line is None else line.encode()
    headers = None if line is None else HEADERS
    try:
        response = await session.request(method, url, data=data, headers=headers, allow_redirects=False)
    except aiohttp.ClientConnectorCertificateError:
        why = f"{name}'s certificate cannot be trusted, so nothing is sent: check the network that you are in."
        return Answer(Verdict.UNREACHABLE, why), ""
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
        why = f"{name} cannot be reached: check the connection to the internet. Trying again."
        return Answer(Verdict.UNREACHABLE, why), ""
    except TimeoutError:
        return Answer(Verdict.UNKNOWN, f"{name} does not answer in time{AGAIN}"), ""
    except (aiohttp.ClientError, OSError):
        return Answer(Verdict.UNKNOWN, f"The connection to {name} was cut{AGAIN}"), ""
    text = ""
    try:
        text = (await response.content.read(ANSWER_LIMIT)).decode("ascii", "replace")
    except (TimeoutError, aiohttp.ClientError, OSError):
        if line is None:  # of a caption, the status has told all
            return Answer(Verdict.UNKNOWN, f"The connection to {name} was cut{AGAIN}"), ""
    finally:
        response.release()
    return judge(service, response.status, response.headers), text
