"""JSON bodies that a script sends along with a request."""

import asyncio
import json
from typing import Any, NoReturn, TypeVar

from aiohttp import web
from pydantic import BaseModel, ValidationError

from server.web.auth import security
from server.web.auth.security import RefusedError

Model = TypeVar("Model", bound=BaseModel)


async def json_object(request: web.Request) -> dict[str, Any]:
    """The request's body.

    It is read as JSON text is, whatever charset the request names: a name that Python knows no codec of, or
    one that is no text at all, would be an error of ours.

    Raises:
        RefusedError: it is no JSON object.
        TimeoutError: it does not come.
    """
    async with asyncio.timeout(security.TIME_LIMIT):  # the work may take longer; nobody is waited for
        data = await request.read()
    try:
        body = json.loads(data, parse_constant=_refuse)
    except (ValueError, RecursionError):  # a number of more than 4300 digits is a ValueError too
        body = None
    if not isinstance(body, dict):
        raise RefusedError(400, "Send a JSON object.")
    return body


async def json_model(request: web.Request, model: type[Model], otherwise: str) -> Model:
    """The request's body, as what it should be.

    Args:
        request: with a JSON object.
        model: what it should be.
        otherwise: what to send instead, for who sends something else; of the body it repeats nothing.

    Raises:
        RefusedError: it is no JSON object, or another one.
    """
    try:
        return model.model_validate(await json_object(request))
    except ValidationError:
        raise RefusedError(400, otherwise) from None


def _refuse(name: str) -> NoReturn:
    """NaN and Infinity are no JSON, and no bound holds for them."""
    raise ValueError(name)
