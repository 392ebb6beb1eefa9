"""The API describes itself: completely, and truly as far as a document can be checked without asking."""

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import pytest

from server.web.api_reference import COMMAND, document_of_this_version, markdown
from server.web.openapi import undocumented

pytestmark = pytest.mark.integration


def document(running: Any) -> Any:
    answer = running.get("/api/v1/openapi.json", Cookie=running.owner_cookie())
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/json; charset=utf-8")
    return json.loads(answer.body)


def test_every_route_of_the_api_is_documented(running: Any) -> None:
    assert undocumented(running.app) == [], "mark the handler with @operation of server.web.openapi"


def test_the_document_holds_every_route(running: Any) -> None:
    written = {(method.upper(), path) for path, methods in document(running)["paths"].items() for method in methods}
    assert written == {
        (route.method, route.resource.canonical)
        for route in running.app.router.routes()
        if route.resource.canonical.startswith("/api/") and route.method != "HEAD"
    }


def test_a_route_tells_its_role_parameters_body_and_answers(running: Any) -> None:
    paths = document(running)["paths"]
    events = paths["/api/v1/captions/events"]["get"]
    assert (events["x-role"], events["x-streams"]) == ("viewer", True)
    assert events["security"] == [{"viewer": []}, {"extension": []}, {"owner": []}]
    assert paths["/api/v1/status"]["get"]["x-role"] == "owner"

    control = paths["/api/v1/collect/{action}"]["post"]
    named = {parameter["name"]: parameter for parameter in control["parameters"]}
    assert named["action"]["schema"]["enum"] == ["start", "pause", "resume", "stop", "undo", "choose"]
    assert named["X-Signcap"]["required"]
    assert set(control["responses"]) == {"200", "400", "401", "403", "404", "408", "409", "413", "415"}
    side = paths["/api/v1/runs/{name}/pictures/{index}.jpg"]["get"]["parameters"]
    assert [one["schema"] for one in side] == [
        {"type": "string", "minLength": 1},
        {"type": "string", "pattern": r"^\d{1,8}$"},
        {"type": "integer", "minimum": 1},
    ]
    upload = paths["/api/v1/try/picture"]["post"]
    assert set(upload["requestBody"]["content"]) == {"application/octet-stream", "image/*"}
    assert upload["x-body-limit"] == 20_000_000


def test_bodies_are_the_models_that_are_checked(running: Any) -> None:
    content = document(running)
    edits = content["paths"]["/api/v1/captions/edits"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert edits["discriminator"]["mapping"]["choose"] == "#/components/schemas/Choose"
    assert content["components"]["schemas"]["Choose"]["required"] == ["edit", "caption", "word", "read", "chosen"]


def test_what_a_document_refers_to_is_in_it(running: Any) -> None:
    text = json.dumps(content := document(running))
    for name in {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}:
        assert name in content["components"]["schemas"]


@pytest.mark.unit
def test_the_page_for_people_names_what_each_body_holds() -> None:
    content = asyncio.run(document_of_this_version())
    page = markdown(content)
    bodies = re.findall(r"^Body: (.+)$", page, re.MULTILINE)
    assert len(bodies) > 30
    assert [body for body in bodies if not re.search(r"\[\w+\]\(#\w+\)|`\{\}`|application/octet-stream", body)] == []
    headings = {heading.lower() for heading in re.findall(r"^## (\w+)$", page, re.MULTILINE)}
    assert set(re.findall(r"\]\(#(\w+)\)", page)) <= headings
    assert re.findall(r"\| (?:That|It|Them)[.,][^|]*\|$", page, re.MULTILINE) == []


@pytest.mark.unit
def test_two_bodies_of_one_name_are_refused() -> None:
    content = asyncio.run(document_of_this_version())
    body = content["paths"]["/api/v1/pairings"]["post"]["requestBody"]["content"]["application/json"]
    body["schema"] = {**body["schema"], "title": "Offer"}
    with pytest.raises(ValueError, match="Two bodies are called Offer"):
        markdown(content)


@pytest.mark.unit
def test_the_page_for_people_is_current() -> None:
    page = Path(__file__).parents[3] / "docs" / "api.md"
    assert page.read_text("utf-8") == markdown(asyncio.run(document_of_this_version())), f"run {COMMAND}"
