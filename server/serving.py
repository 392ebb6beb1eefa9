"""How the application is put on the network."""

import socket
from typing import Final

from aiohttp import web

# Seconds for the next request to come whole, from when the connection was made or the last answer was given.
# aiohttp's own limit is an hour.
HEAD_LIMIT: Final = 20.0


async def start_serving(app: web.Application, listener: socket.socket) -> web.AppRunner:
    """Answer what comes to the listening socket, until the runner's `cleanup`."""
    # The access log would hold launch links.
    runner = web.AppRunner(
        app, access_log=None, handler_cancellation=True, shutdown_timeout=0.2, keepalive_timeout=HEAD_LIMIT
    )
    await runner.setup()
    await web.SockSite(runner, listener).start()
    return runner
