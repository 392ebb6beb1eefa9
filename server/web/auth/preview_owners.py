"""The owners of the preview's peers, which end with the browser's pairing."""

from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web


class Shown:
    """Lives in the event loop.

    Args:
        close: lets go of a peer; of one that is gone already, too.
    """

    def __init__(self, close: Callable[[str], Awaitable[None]]) -> None:
        self._close = close
        self._peers: dict[str, set[str]] = {}

    def note(self, browser: str, peer: str) -> None:
        """A browser shows the picture through this peer."""
        self._peers.setdefault(browser, set()).add(peer)

    def shows(self, browser: str) -> bool:
        """Whether a browser shows the picture, as far as it has told."""
        return bool(self._peers.get(browser))

    def is_of(self, browser: str, peer: str) -> bool:
        """Whether a peer is a browser's."""
        return peer in self._peers.get(browser, ())

    def forget(self, browser: str, peer: str) -> None:
        """The peer is gone."""
        self._peers.get(browser, set()).discard(peer)

    async def end(self, browser: str) -> None:
        """Let go of all peers of a browser."""
        for peer in self._peers.pop(browser, ()):
            await self._close(peer)


SHOWN: Final = web.AppKey("shown_in_browsers", Shown)
