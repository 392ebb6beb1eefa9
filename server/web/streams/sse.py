"""Writing to clients that listen for as long as they like."""

import asyncio
from typing import Final

from aiohttp import web

WRITE_LIMIT: Final = 15.0  # seconds after which a client that does not read is let go


async def write_in_time(response: web.StreamResponse, data: bytes) -> None:
    """Send a piece of a stream.

    Raises:
        TimeoutError: the client does not read.
    """
    async with asyncio.timeout(WRITE_LIMIT):
        await response.write(data)
