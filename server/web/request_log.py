"""Every request that was answered, in the log of events."""

import logging
import time

from aiohttp import web

from server.web.auth.security import Handler

_log = logging.getLogger(__name__)


@web.middleware
async def log_requests(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Log a request by the pattern of its address: what stands in the place of names and after ? may be a secret."""
    if not _log.isEnabledFor(logging.DEBUG):
        return await handler(request)
    began, status = time.monotonic(), "broken off"
    try:
        response = await handler(request)
        status = str(response.status)
        return response
    finally:
        resource = request.match_info.route.resource
        where = "an unknown address" if resource is None else resource.canonical
        _log.debug("%s %s: %s, %.0f ms", request.method, where, status, (time.monotonic() - began) * 1000)
