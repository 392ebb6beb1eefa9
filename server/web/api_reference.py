"""docs/api.md, written from the API's own document: python -m server.web.api_reference > docs/api.md"""

import asyncio
import json
from typing import Any, Final

from server.web.openapi import make_document

Json = dict[str, Any]

COMMAND: Final = "python -m server.web.api_reference > docs/api.md"
_HEAD: Final = f"""# The API

Written by `{COMMAND}`; `GET /api/v1/openapi.json` gives the same to scripts.

"""
_ROLES: Final = {
    "nobody": "everybody",
    "viewer": "viewers, paired browsers and the owner",
    "extension": "paired browsers and the owner",
    "owner": "the owner",
}
_COMMON: Final = frozenset({"400", "401", "403", "404", "408", "413", "415"})  # told once, unless a route says more


def markdown(document: Json) -> str:
    """The document as a page for people."""
    info, schemas = document["info"], _all_schemas(document)
    lines = [info["description"], ""]
    lines += ["| cookie or header | is |", "|---|---|"]
    for scheme in document["components"]["securitySchemes"].values():
        lines.append(f"| `{scheme.get('name', 'Authorization: Bearer TOKEN')}` | {scheme['description']} |")
    lines += ["", 'Refusals are JSON, `{"error": "one sentence"}`, with one of these or the route\'s own:', ""]
    lines += ["| status | means |", "|---|---|"]
    common = _common(document)
    lines += [f"| {status} | {about} |" for status, about in sorted(common.items())]
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            lines += ["", f"## {method.upper()} {path}", "", *_operation(operation, common)]
    lines += ["", "# What bodies hold"]
    for name, schema in schemas.items():
        if name != "Refusal":
            lines += ["", f"## {name}", "", *_object(schema)]
    return _HEAD + "\n".join(lines) + "\n"


def _all_schemas(document: Json) -> dict[str, Json]:
    """The schemas that the document keeps in one place, and those that stand where a body is told of, by name."""
    schemas: dict[str, Json] = dict(document["components"]["schemas"])
    for methods in document["paths"].values():
        for operation in methods.values():
            for content in operation.get("requestBody", {}).get("content", {}).values():
                schema = content.get("schema", {})
                if _is_named(schema) and schemas.setdefault(schema["title"], schema) != schema:
                    raise ValueError(f"Two bodies are called {schema['title']}: give one of them another name.")
    return dict(sorted(schemas.items()))


def _is_named(schema: Json) -> bool:
    return "title" in schema and bool(schema.get("properties"))


def _common(document: Json) -> dict[str, str]:
    """What the statuses mean that most routes share: the meaning that most of them give."""
    meanings: dict[str, list[str]] = {}
    for methods in document["paths"].values():
        for operation in methods.values():
            for status, answer in operation["responses"].items():
                if status in _COMMON:
                    meanings.setdefault(status, []).append(answer["description"])
    return {status: max(sorted(set(said)), key=said.count) for status, said in meanings.items()}


def _operation(operation: Json, common: dict[str, str]) -> list[str]:
    lines = [f"{operation['summary']} For {_ROLES[operation['x-role']]}."]
    if operation.get("x-streams"):
        lines[0] += " Answers for as long as somebody listens."
    parameters = [one for one in operation["parameters"] if one["in"] != "header"]
    if parameters:
        lines += ["", "| parameter | in | is |", "|---|---|---|"]
        for one in parameters:
            about = " ".join(filter(None, (one.get("description"), _sentence(_kind(one["schema"])))))
            lines.append(f"| `{one['name']}` | {one['in']} | {_cell(about)} |")
    if "requestBody" in operation:
        kinds = ", ".join(
            f"`{kind}`" + (f": {_kind(content['schema'])}" if content else "")
            for kind, content in operation["requestBody"]["content"].items()
        )
        if not operation["requestBody"]["required"]:
            kinds = "empty or `{}`, and `application/json` all the same"
        limit = f", at most {operation['x-body-limit']:,} bytes" if "x-body-limit" in operation else ""
        lines += ["", f"Body: {kinds}{limit}."]
    lines += ["", "| status | means |", "|---|---|"]
    for status, answer in operation["responses"].items():
        if common.get(status) != answer["description"]:
            kinds = ", ".join(f"`{kind}`" for kind in answer.get("content", {})) if int(status) < 400 else ""
            lines.append(f"| {status} | {answer['description']}{f' {kinds}' if kinds else ''} |")
    return lines


def _object(schema: Json) -> list[str]:
    lines = [schema["description"].split("\n\n")[0].replace("\n", " "), ""] if "description" in schema else []
    if "properties" not in schema:
        return [*lines, _kind(schema)]
    needed = schema.get("required", [])
    lines += ["| name | is |", "|---|---|"]
    for name, about in schema["properties"].items():
        rest = (
            "" if name in needed else f", default {_shown(about['default'])}" if "default" in about else ", optional"
        )
        meaning = f". {about['description']}" if "description" in about else ""
        lines.append(f"| `{name}` | {_cell(_kind(about) + rest + meaning)} |")
    return lines


def _kind(schema: Json) -> str:
    """A JSON schema in words."""
    if "$ref" in schema or _is_named(schema):
        name = schema["$ref"].rsplit("/", 1)[-1] if "$ref" in schema else schema["title"]
        return f"[{name}](#{name.lower()})"
    for several in ("anyOf", "oneOf"):
        if several in schema:
            return " or ".join(_kind(one) for one in schema[several])
    if "const" in schema:
        return f"`{_shown(schema['const'])}`"
    if "enum" in schema:
        return "one of " + ", ".join(f"`{_shown(one)}`" for one in schema["enum"])
    if schema.get("type") == "array":
        return f"a list of {_kind(schema.get('items', {}))}"
    if schema.get("type") == "object":
        return _mapping(schema)
    words = {"integer": "a whole number", "number": "a number", "boolean": "true or false", "null": "null"}
    words |= {"string": "text"}
    text = words.get(schema.get("type", ""), "anything")
    bounds = [
        f"{sign} {_number(schema[key])}"
        for key, sign in (("minimum", "≥"), ("exclusiveMinimum", ">"), ("maximum", "≤"), ("exclusiveMaximum", "<"))
        if key in schema
    ]
    if "maxLength" in schema:
        bounds.append(f"at most {schema['maxLength']:,} characters")
    if "pattern" in schema:
        bounds.append(f"like `{schema['pattern']}`")
    return f"{text} ({', '.join(bounds)})" if bounds else text


def _number(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:g}"


def _mapping(schema: Json) -> str:
    """An object that has no name in words: one without fields, or one whose keys are anybody's."""
    if not schema.get("properties") and schema.get("additionalProperties", {}) is False:
        return "`{}`"
    for pattern, about in schema.get("patternProperties", {}).items():
        return f"an object that gives each key, like `{pattern}`, {_kind(about)}"
    if schema.get("additionalProperties"):
        return f"an object that gives each key {_kind(schema['additionalProperties'])}"
    return "`{}`"


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def _shown(value: Any) -> str:
    return value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


async def document_of_this_version() -> Json:
    """The document of an application that shows nothing and listens nowhere."""
    from overlay.core.settings_store import SettingsStore
    from overlay.enrolment.profile import InUse
    from overlay.pipeline.live_captioner import LiveCaptioner
    from overlay.pipeline.pipeline import Pipeline
    from overlay.synthesis.demo_source import DemoSource
    from server.session.notices import Notices
    from server.session.session import Session
    from server.session.source_control import Sources
    from server.session.startup import Opened
    from server.web.app import make_app
    from server.web.auth.access import Access

    pipeline, notices = Pipeline(DemoSource(), LiveCaptioner), Notices()
    sources = Sources(pipeline, notices)
    session = Session(Opened(pipeline, notices, InUse(), SettingsStore(), sources))
    try:
        return make_document(make_app(session, Access(8765)))
    finally:
        await session.end_services()


if __name__ == "__main__":
    print(markdown(asyncio.run(document_of_this_version())), end="")
