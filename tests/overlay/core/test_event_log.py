"""Events are logged when they are asked for, and never the message of an error."""

import logging
from collections.abc import Iterator

import pytest

from overlay.core.errors import SigncapError
from overlay.core.event_log import PACKAGES, failure, set_log_level

pytestmark = pytest.mark.unit


@pytest.fixture(autouse=True)
def put_back() -> Iterator[None]:
    loggers = [logging.getLogger(package) for package in PACKAGES]
    before = [(logger, logger.level, list(logger.handlers)) for logger in loggers]
    yield
    for logger, level, handlers in before:
        logger.level, logger.handlers = level, handlers
        logger.manager._clear_cache()  # type: ignore[attr-defined]


def test_nothing_is_said_unless_it_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert set_log_level(None) is None
    logging.getLogger("overlay.pipeline.pipeline").info("Started")
    assert capsys.readouterr().err == ""


def test_what_is_asked_for_is_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    for level in ("debug", "info", "info"):
        assert set_log_level(level) == level
    log = logging.getLogger("server.web.request_log")
    log.info("Served %d", 3)
    log.debug("Not this")
    logging.getLogger("aiohttp.access").info("Nor what a library tells")
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.endswith(" INFO server.web.request_log: Served 3\n")
    assert said.err.count("\n") == 1


def test_another_level_is_refused() -> None:
    with pytest.raises(SigncapError, match=r"^--log-level is loud: choose debug, info, warning or error\.$"):
        set_log_level("loud")


def test_of_an_error_its_kind_and_its_place_are_told_alone() -> None:
    def fail() -> None:
        raise ValueError("HELLO")

    with pytest.raises(ValueError, match="HELLO") as caught:
        fail()
    told = failure(caught.value)
    assert told.startswith("ValueError at test_event_log.py:")
    assert "HELLO" not in told
    assert failure(ValueError("HELLO")) == "ValueError"
