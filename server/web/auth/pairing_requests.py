"""Requests of browsers to be paired, which the owner answers. Clock-free: time comes with each call."""

import hmac
import secrets
from dataclasses import dataclass
from enum import Enum
from typing import Final

from aiohttp import web

from overlay.core.errors import SigncapError
from server.web.auth.paired_browsers import PairedBrowsers

VALID: Final = 120.0  # seconds that a question stands
WAITING: Final = 3  # questions at a time
A_MINUTE: Final = 10  # questions
KEPT: Final = 20  # questions that were answered or have expired, so that who asked hears what became of them


class TooManyError(SigncapError):
    """An error: too many browsers ask."""


class Answer(Enum):
    """The state of a request."""

    WAITING = "waiting"
    ALLOWED = "allowed"  # its token waits to be fetched
    REFUSED = "refused"
    EXPIRED = "expired"


@dataclass(slots=True)
class Question:
    """A browser's question.

    Attributes:
        name: in addresses.
        secret: shows who asked.
        code: shown in the browser and in Signcap: if both are the same, it is this browser.
        browser: as it calls itself.
        asked: seconds.
        answer: the owner's.
    """

    name: str
    secret: str
    code: str
    browser: str
    asked: float
    answer: Answer = Answer.WAITING


class PairingRequests:
    """Questions and answers. For the event loop alone.

    The code is compared by people and typed by nobody: who reads it over a shoulder has gained nothing, as the token
    is given to whoever holds the question's secret, once, and only after the owner's yes.

    Args:
        paired: where those go who are allowed.
    """

    def __init__(self, paired: PairedBrowsers) -> None:
        self._paired = paired
        self._questions: list[Question] = []

    def ask(self, browser: str, now: float) -> Question:
        """Take a question.

        Raises:
            TooManyError: too many stand, or came of late.
        """
        self._expire(now)
        lately = [one for one in self._questions if now - one.asked < 60.0]
        if len(self.waiting(now)) >= WAITING or len(lately) >= A_MINUTE:
            raise TooManyError("Too many browsers ask to be paired: answer those in Signcap, or wait a minute.")
        codes = {one.code for one in self._questions}
        code = next(code for code in iter(_code, None) if code not in codes)
        question = Question(secrets.token_urlsafe(12), secrets.token_urlsafe(32), code, browser, now)
        self._questions = [*self._questions, question][-KEPT:]
        return question

    def waiting(self, now: float) -> list[Question]:
        """Return the requests that wait for the owner."""
        self._expire(now)
        return [one for one in self._questions if one.answer is Answer.WAITING]

    def asking(self, now: float) -> list[dict[str, str]]:
        """Return the requests that wait for the owner, for pages: name, code and browser of each."""
        return [{"name": one.name, "code": one.code, "browser": one.browser} for one in self.waiting(now)]

    def answer(self, name: str, allow: bool, now: float) -> None:
        """The owner's answer.

        Raises:
            SigncapError: nobody asks that now.
        """
        question = next((one for one in self.waiting(now) if one.name == name), None)
        if question is None:
            raise SigncapError("Nobody asks that any more: press Pair in the extension again.")
        question.answer = Answer.ALLOWED if allow else Answer.REFUSED

    def fetch(self, name: str, secret: str, now: float) -> tuple[Answer, str | None] | None:
        """Return the state of a request, for who asked: with the token, once, when it was allowed.

        Returns:
            None where nobody asked that, the secret is another, or the token was fetched already.

        Raises:
            SigncapError: the token cannot be stored.
        """
        self._expire(now)
        question = next((one for one in self._questions if one.name == name), None)
        if question is None or not hmac.compare_digest(question.secret.encode(), secret.encode("utf-8", "replace")):
            return None
        if question.answer is not Answer.ALLOWED:
            return question.answer, None
        token = self._paired.add(question.name, question.browser)
        self._questions.remove(question)
        return question.answer, token

    def _expire(self, now: float) -> None:
        for one in self._questions:
            if one.answer in (Answer.WAITING, Answer.ALLOWED) and now - one.asked > VALID:
                one.answer = Answer.EXPIRED


PAIRING_REQUESTS: Final = web.AppKey("pairing_requests", PairingRequests)


def _code() -> str:
    digits = f"{secrets.randbelow(1_000_000):06}"
    return f"{digits[:3]} {digits[3:]}"
