"""What a script sends along with a request."""

import json
from typing import Any

from aiohttp import web

from server.security import RefusedError


async def json_object(request: web.Request) -> dict[str, Any]:
    """The request's body.

    Raises:
        RefusedError: it is no JSON object.
    """
    try:
        body = await request.json()
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise RefusedError(400, "Send a JSON object.")
    return body
