"""What a script sends along with a request."""

import json
from typing import Any, NoReturn

from aiohttp import web

from server.security import RefusedError


async def json_object(request: web.Request) -> dict[str, Any]:
    """The request's body.

    It is read as JSON text is, whatever charset the request names: a name that Python knows no codec of, or
    one that is no text at all, would be an error of ours.

    Raises:
        RefusedError: it is no JSON object.
    """
    data = await request.read()
    try:
        body = json.loads(data, parse_constant=_refuse)
    except (ValueError, RecursionError):  # a number of more than 4300 digits is a ValueError too
        body = None
    if not isinstance(body, dict):
        raise RefusedError(400, "Send a JSON object.")
    return body


def _refuse(name: str) -> NoReturn:
    """NaN and Infinity are no JSON, and no bound holds for them."""
    raise ValueError(name)
