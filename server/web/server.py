"""The server: puts the application on the network, and answers where a request cannot even be read."""

import asyncio
import functools
import logging
import socket
from typing import Any, Final

from aiohttp import web
from aiohttp.http_exceptions import LineTooLong

from server.web.auth.security import PROTECTING_HEADERS
from server.web.pages import TEMPLATES

# Seconds for the next request to come whole, from when the connection was made or the last answer was given.
# aiohttp's own limit is an hour.
HEAD_LIMIT: Final = 20.0
ADDRESS_LIMIT: Final = 8190  # bytes of a request's first line
# Bytes of one header. Cookies ignore ports, so all programs at 127.0.0.1 share theirs: aiohttp's own limit is 8190.
FIELD_LIMIT: Final = 128 * 1024

_LONG_ADDRESS: Final = "This address is longer than any of Signcap's: open the link again that you were given."
_LARGE_COOKIES: Final = (
    "This browser sends too many cookies along: other programs on this computer have set them, and all ports share "
    "them. In the browser's settings, delete those of 127.0.0.1 and localhost whose names do not begin with signcap, "
    "then load this page again."
)
_UNREADABLE: Final = "That is no request that Signcap can read: open the link in the terminal."
_FAILED: Final = "Signcap could not do that: the terminal says why."


class _WithoutDetails(logging.Filter):
    """Leaves of an error its kind alone: the rest holds what was sent, secrets and another site's text included."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info and record.exc_info[0] is not None:
            record.msg, record.args = f"{record.getMessage()} ({record.exc_info[0].__name__})", ()
            record.exc_info = record.exc_text = None
        return True


_log = logging.getLogger(__name__)
_log.addFilter(_WithoutDetails())


class _Connection(web.RequestHandler):
    """One connection; aiohttp's own answers would repeat what was sent, log it, and lack the protecting headers."""

    __slots__ = ("_app",)

    def __init__(self, app: web.Application, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._app = app

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer a request that could not be read, or whose handler failed; repeats and logs nothing of it."""
        if status >= 500 and exc is not None:
            self.log_exception("A request failed", exc_info=exc)
        if request.writer.output_size > 0:
            raise ConnectionError("Part of an answer is on its way already.")
        status, sentence = _explained(status, exc)
        # Without the picture: where cookies are too large, no file comes.
        page = self._app[TEMPLATES].get_template("message.html")
        response = web.Response(
            status=status,
            text=page.render(title="Signcap", sentence=sentence, onward=None, bare=True),
            content_type="text/html",
            headers=PROTECTING_HEADERS | {"Cache-Control": "no-store"},
        )
        response.force_close()
        return response


def _explained(status: int, error: BaseException | None) -> tuple[int, str]:
    """The status to answer, and a sentence for people."""
    if status >= 500:
        return status, _FAILED
    if not isinstance(error, LineTooLong):
        return status, _UNREADABLE
    _, limit, *_ = error.args
    return (414, _LONG_ADDRESS) if str(limit) == str(ADDRESS_LIMIT) else (431, _LARGE_COOKIES)


class _Site(web.SockSite):
    """A listening socket whose connections are ours."""

    async def start(self) -> None:
        """Answer from now on."""
        await web.BaseSite.start(self)
        runner = self._runner
        assert isinstance(runner, web.AppRunner)
        loop = asyncio.get_running_loop()
        connection = functools.partial(
            _Connection,
            runner.app,
            runner.server,
            loop=loop,
            access_log=None,  # it would hold launch links
            logger=_log,
            keepalive_timeout=HEAD_LIMIT,
            max_line_size=ADDRESS_LIMIT,
            max_field_size=FIELD_LIMIT,
        )
        self._server = await loop.create_server(connection, sock=self._sock, backlog=self._backlog)


async def start_serving(app: web.Application, listener: socket.socket) -> web.AppRunner:
    """Answer what comes to the listening socket, until the runner's `cleanup`."""
    runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.2)
    await runner.setup()
    await _Site(runner, listener).start()
    return runner
