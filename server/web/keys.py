"""By which names handlers find what they ask."""

from typing import Final

from aiohttp import web

from server.session.session import Session

SESSION: Final = web.AppKey("session", Session)
