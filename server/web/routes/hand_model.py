"""The hand model, where it has to be fetched."""

from aiohttp import web

from server.web.auth.access import Role
from server.web.auth.security import RefusedError, requires_role
from server.web.json_body import json_object
from server.web.keys import SESSION
from server.web.openapi import operation


def add_hand_model(app: web.Application) -> None:
    """Add the address."""
    app.router.add_post("/api/v1/hand-model/again", try_again)


@requires_role(Role.OWNER)
@operation(
    "Tries once more to fetch the hand model. The `hand_model` of the status says how it goes.",
    answers={
        202: "`state`: here, fetching or failed; `sentence`: what captions wait for.",
        409: "It is not fetched by this run.",
    },
)
async def try_again(request: web.Request) -> web.Response:
    """`POST /api/v1/hand-model/again`: try once more, if it has failed."""
    await json_object(request)
    hand_model = request.app[SESSION].hand_model
    if hand_model is None:
        raise RefusedError(409, "The hand model is not fetched by this run.")
    hand_model.again()
    return web.json_response(hand_model.body(), status=202)
