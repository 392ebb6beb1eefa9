"""What the API's document says that settings may be changed to is what there is to set."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from overlay.core.settings import Settings
from server.web.routes.settings import Change

pytestmark = pytest.mark.unit

SCHEMA = Change.model_json_schema()
GROUPS = {group: type(value) for group, value in Settings()}
PAGE = Path(__file__).parents[3] / "docs" / "settings.md"


def fields(group: str) -> dict[str, Any]:
    """What the document allows inside a group."""
    found: dict[str, Any] = SCHEMA["$defs"][SCHEMA["properties"][group]["$ref"].rsplit("/", 1)[-1]]
    assert (found["additionalProperties"], "required" in found) == (False, False)
    properties: dict[str, Any] = found["properties"]
    return properties


def test_every_group_is_in_the_document() -> None:
    assert list(SCHEMA["properties"]) == list(Settings.model_fields)
    assert (SCHEMA["additionalProperties"], "required" in SCHEMA) == (False, False)


@pytest.mark.parametrize("group", GROUPS)
def test_every_key_is_in_the_document_with_its_bounds(group: str) -> None:
    whole = GROUPS[group].model_json_schema()["properties"]
    assert list(fields(group)) == list(whole)
    for key, about in fields(group).items():
        assert "default" not in about  # what a change leaves out stays as it is
        bounds = {name: value for name, value in whole[key].items() if name not in ("default", "$ref")}
        if key != "letters":
            assert bounds.items() <= about.items(), key


@pytest.mark.parametrize("group", GROUPS)
def test_every_key_is_on_the_page_for_people(group: str) -> None:
    table = PAGE.read_text("utf-8").split(f"| `{group}.` |")[1].split("\n\n")[0]
    assert [key for key in fields(group) if f"`{key}`" not in table] == []


def test_a_letters_own_thresholds_can_be_taken_away() -> None:
    Change.model_validate_json('{"decoding": {"letters": {"S": null, "A": {"least_hold": 0.5}}}}')


@pytest.mark.parametrize(
    "change",
    [{}, {"camera": {"rest_unwatched": False}}, {"voice": {}}, {"caption": {"size": 0.08}, "phrases": {"texts": []}}],
)
def test_parts_of_the_settings_are_changes(change: dict[str, Any]) -> None:
    Change.model_validate_json(json.dumps(change))


@pytest.mark.parametrize("change", [{"captions": {}}, {"caption": {"sise": 0.08}}, {"caption": {"size": 3}}])
def test_what_is_no_setting_is_no_change(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Change.model_validate_json(json.dumps(change))
