"""Requests that schemathesis makes up from the API's own document, to a real server: none is a failure of ours."""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, status_code_conformance

from server.web.openapi import make_document

pytestmark = pytest.mark.integration

# Of each operation. What does not fit is made up by the mutations as well, by the thousand.
EXAMPLES = {GenerationMode.POSITIVE: 4, GenerationMode.NEGATIVE: 2}
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance]
BOUNDED = settings(
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.slow
@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
def test_no_request_of_the_document_fails(spelling: Any, mode: GenerationMode) -> None:
    """Neither those that fit the document nor those that do not; and each answer is one that it names."""
    running, reader = spelling
    reader.spell("HELLO WORLD.NICE TO MEE")
    document = make_document(running.app)
    for methods in document["paths"].values():
        for method in [method for method, operation in methods.items() if operation.get("x-streams")]:
            del methods[method]  # it answers for as long as somebody listens
    headers = {"Cookie": running.owner_cookie(), "X-Signcap": "1"}
    asked: set[str] = set()
    for found in schemathesis.openapi.from_dict(document).get_all_operations():
        operation = found.ok()
        can_vary = bool(operation.body) or any(True for _ in operation.iter_parameters())

        @settings(BOUNDED, max_examples=EXAMPLES[mode] if can_vary else 1)
        @given(case=operation.as_strategy(generation_mode=mode))
        def ask(case: Any) -> None:
            case.call_and_validate(base_url=running.url, headers=headers, checks=CHECKS, timeout=60)
            asked.add(case.operation.label)

        try:
            ask()
        except BaseException as error:
            if type(error).__name__ != "Unsatisfiable":  # a request without parameters has no wrong ones
                raise
    assert len(asked) > 15
    assert not running.pipeline.finished.is_set()
