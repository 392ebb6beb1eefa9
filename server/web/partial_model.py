"""A model of changes: what a model may hold, each field left out or not."""

from copy import copy
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ConfigDict, create_model

Json = dict[str, Any]


def partial_model(model: type[BaseModel], name: str, doc: str | None = None) -> type[BaseModel]:
    """Return a model of part of another one, however deep: no field is required, and none has a default to fall
    back to. In a mapping of names to models, null takes an entry away.

    Args:
        model: what is changed. It knows its fields and no others, and so does what is returned.
        name: of the model that is returned. Models inside keep their names.
        doc: what the model that is returned is; as the other one's where it is not said.
    """
    fields: dict[str, Any] = {}
    for key, about in model.model_fields.items():
        about = copy(about)
        about.annotation = _partial(about.annotation)
        fields[key] = (about.annotation, about)
    config = ConfigDict(extra="forbid", json_schema_extra=_without_defaults)
    made: type[BaseModel] = create_model(name, __config__=config, __doc__=doc or model.__doc__, **fields)
    return made


def _partial(kind: Any) -> Any:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return partial_model(kind, kind.__name__)
    if get_origin(kind) is dict and isinstance(entry := get_args(kind)[1], type) and issubclass(entry, BaseModel):
        return dict[get_args(kind)[0], _partial(entry) | None]  # type: ignore[misc]
    return kind


def _without_defaults(schema: Json) -> None:
    schema.pop("required", None)
    for about in schema["properties"].values():
        about.pop("default", None)
