"""The OpenAPI document of the API, made of the marks on its handlers."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import UnionType
from typing import Any, Final

from aiohttp import web
from pydantic import TypeAdapter

from server.web.auth.access import Role
from server.web.auth.security import CUSTOM_HEADER, SAFE_METHODS, Handler, requires_role, upload_of

API: Final = "/api/"
OPENAPI: Final = "3.1.0"
OBJECT: Final = {"type": "object"}

Json = dict[str, Any]
Body = type[Any] | UnionType | TypeAdapter[Any] | Json

_REFERENCE: Final = "#/components/schemas/{model}"
_GROUP: Final = re.compile(r"\(\?P<(\w+)>((?:[^()\\]|\\.)+)\)")
_CHOICES: Final = re.compile(r"\w+(\|\w+)+")
_ANY_SEGMENT: Final = r"[^{}/]+"  # aiohttp's pattern of a path parameter without one of its own
_ROLES: Final = {
    Role.NOBODY: [{}],
    Role.VIEWER: [{"viewer": []}, {"extension": []}, {"owner": []}],
    Role.EXTENSION: [{"extension": []}, {"owner": []}],
    Role.OWNER: [{"owner": []}],
}


@dataclass(frozen=True, slots=True)
class Description:
    """The description that `operation` was given."""

    summary: str
    query: Mapping[str, str | Json]
    path: Mapping[str, str]
    body: Body | None
    answers: Mapping[int, str]
    gives: tuple[str, ...]


def operation(
    summary: str,
    *,
    answers: Mapping[int, str],
    query: Mapping[str, str | Json] | None = None,
    path: Mapping[str, str] | None = None,
    body: Body | None = None,
    gives: str | tuple[str, ...] = "application/json",
) -> Callable[[Handler], Handler]:
    """Mark a handler with what the API document says of it. Every route under /api/ has the mark.

    What the other marks tell is not repeated: the role of `requires_role`, the kinds and size of `accepts_upload`,
    and the refusals that every request may meet.

    Args:
        summary: what it does, one sentence.
        answers: what each status of its own means; those of 400 and more carry one sentence as JSON.
        query: parameters after the question mark: a sentence each, or a JSON schema with a "description".
        path: a sentence for each parameter in the path that does not explain itself.
        body: the pydantic model (or dataclass, union, adapter, JSON schema) of the JSON that is sent along.
        gives: content types of the answers below 400; none where they are empty.
    """
    kinds = (gives,) if isinstance(gives, str) else gives
    description = Description(summary, query or {}, path or {}, body, answers, kinds)

    def mark(handler: Handler) -> Handler:
        handler.description = description  # type: ignore[attr-defined]
        return handler

    return mark


def undocumented(app: web.Application) -> list[str]:
    """Method and path of the API's routes whose handlers lack the mark."""
    return [f"{method} {path}" for method, path, route in _routes(app) if _description(route) is None]


def make_document(app: web.Application) -> Json:
    """The OpenAPI document of an application's routes under /api/."""
    schemas: Json = {
        "Refusal": {
            "type": "object",
            "properties": {"error": {"type": "string", "description": "What is wrong and what to do next."}},
            "required": ["error"],
        }
    }
    paths: dict[str, Json] = {}
    for method, path, route in sorted(_routes(app), key=lambda one: one[1::-1]):
        description = _description(route)
        if description is not None:
            paths.setdefault(path, {})[method.lower()] = _operation(method, path, route, description, schemas)
    return {
        "openapi": OPENAPI,
        "info": {"title": "Signcap", "version": "1", "description": _ABOUT},
        "servers": [{"url": "http://127.0.0.1:{port}", "variables": {"port": {"default": "8765"}}}],
        "paths": paths,
        "components": {
            "schemas": dict(sorted(schemas.items())),
            "securitySchemes": {
                "owner": {"type": "apiKey", "in": "cookie", "name": "signcap-PORT", "description": _OWNER},
                "viewer": {"type": "apiKey", "in": "cookie", "name": "signcap-viewer-PORT", "description": _VIEWER},
                "extension": {"type": "http", "scheme": "bearer", "description": _EXTENSION},
            },
        },
    }


_ABOUT: Final = (
    "Served on this machine alone, to the pages that Signcap serves itself. Requests from other sites and to other "
    f"host names are refused. Every change carries the header {CUSTOM_HEADER}: 1 and is JSON unless it is an upload."
)
_OWNER: Final = "Given for the link that Signcap prints in the terminal. PORT is where it listens."
_VIEWER: Final = "Given for the link to the caption page. It reads captions and nothing else."
_EXTENSION: Final = "Given to a browser's extension with the owner's yes. It shows captions and picture in a call."


@requires_role(Role.OWNER)
@operation("This document.", answers={200: "An OpenAPI 3.1 document."})
async def api_document(request: web.Request) -> web.Response:
    """`GET /api/v1/openapi.json`: the API, as scripts read it."""
    return web.json_response(make_document(request.app))


def _routes(app: web.Application) -> Iterator[tuple[str, str, web.AbstractRoute]]:
    for route in app.router.routes():
        if route.resource is not None and route.method != "HEAD" and route.resource.canonical.startswith(API):
            yield route.method, route.resource.canonical, route


def _description(route: web.AbstractRoute) -> Description | None:
    return getattr(route.handler, "description", None)


def _operation(method: str, path: str, route: web.AbstractRoute, description: Description, schemas: Json) -> Json:
    role = getattr(route.handler, "least_role", Role.OWNER)
    entry: Json = {
        "summary": description.summary,
        "x-role": role.value,
        "security": _ROLES[role],
        "parameters": [*_path_parameters(route, description), *_query_parameters(description)],
    }
    if getattr(route.handler, "streams", False):
        entry["x-streams"] = True
    if method not in SAFE_METHODS:
        entry["parameters"].append(
            {"name": CUSTOM_HEADER, "in": "header", "required": True, "schema": {"type": "string", "enum": ["1"]}}
        )
        entry["requestBody"] = _request_body(route, description, schemas)
        if (upload := upload_of(route.handler)) is not None:
            entry["x-body-limit"] = upload.limit
    entry["responses"] = _responses(method, role, description, in_path="{" in path)
    return entry


def _path_parameters(route: web.AbstractRoute, description: Description) -> Iterator[Json]:
    assert route.resource is not None
    pattern = route.resource.get_info().get("pattern")
    for name, choice in _GROUP.findall(pattern.pattern if pattern is not None else ""):
        schema: Json = {"type": "string", "minLength": 1}
        if _CHOICES.fullmatch(choice):
            schema = {"type": "string", "enum": choice.split("|")}
        elif choice != _ANY_SEGMENT:
            schema = {"type": "string", "pattern": f"^{choice}$"}
        parameter = {"name": name, "in": "path", "required": True, "schema": schema}
        if name in description.path:
            parameter["description"] = description.path[name]
        yield parameter


def _query_parameters(description: Description) -> Iterator[Json]:
    for name, about in description.query.items():
        schema: Json = {"description": about, "type": "string"} if isinstance(about, str) else dict(about)
        yield {"name": name, "in": "query", "description": schema.pop("description"), "schema": schema}


def _request_body(route: web.AbstractRoute, description: Description, schemas: Json) -> Json:
    upload = upload_of(route.handler)
    if upload is not None and description.body is None:
        kinds = (f"{kind}*" if kind.endswith("/") else kind for kind in upload.kinds)
        return {"required": True, "content": {kind: {} for kind in kinds}}
    schema = OBJECT if description.body is None else _schema(description.body, schemas)
    return {"required": description.body is not None, "content": {"application/json": {"schema": schema}}}


def _schema(body: Body, schemas: Json) -> Json:
    if isinstance(body, dict):
        return body
    adapter = body if isinstance(body, TypeAdapter) else _adapter(body)
    schema = adapter.json_schema(ref_template=_REFERENCE)
    schemas.update(schema.pop("$defs", {}))
    return schema


def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def _responses(method: str, role: Role, description: Description, *, in_path: bool) -> Json:
    refusals = {403: "The request is another site's, or for another host name, or for the owner alone."}
    if role is not Role.NOBODY:
        refusals[401] = "There is no cookie, or one of another run."
    if method not in SAFE_METHODS:
        refusals[400] = "The body is not what is asked for."
        refusals[413] = "The body is too large."
        refusals[415] = f"The header {CUSTOM_HEADER} is missing, or the body is of another kind."
    if in_path:
        refusals[404] = "The path leads nowhere."
    refusals[408] = "It took too long."
    answers: Json = {}
    for status, about in sorted((refusals | dict(description.answers)).items()):
        answer: Json = {"description": about}
        if status >= 400:
            answer["content"] = {"application/json": {"schema": {"$ref": _REFERENCE.format(model="Refusal")}}}
        elif description.gives and status >= 200:
            answer["content"] = {kind: {} for kind in description.gives}
        answers[str(status)] = answer
    return answers
