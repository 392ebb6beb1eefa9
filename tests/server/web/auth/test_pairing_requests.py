import re

import pytest

from overlay.core.errors import SigncapError
from server.web.auth.paired_browsers import PairedBrowsers
from server.web.auth.pairing_requests import A_MINUTE, VALID, WAITING, Answer, Desk, TooManyError

pytestmark = pytest.mark.e2e


@pytest.fixture
def paired() -> PairedBrowsers:
    return PairedBrowsers()


@pytest.fixture
def desk(paired: PairedBrowsers) -> Desk:
    return Desk(paired)


def test_the_owners_yes_gives_a_token_once(desk: Desk, paired: PairedBrowsers) -> None:
    question = desk.ask("Chromium", 0.0)
    assert re.fullmatch(r"\d{3} \d{3}", question.code)
    assert desk.fetch(question.name, question.secret, 1.0) == (Answer.WAITING, None)
    desk.answer(question.name, True, 2.0)
    assert paired.all() == []  # until it is fetched
    found = desk.fetch(question.name, question.secret, 3.0)
    assert found is not None
    answer, token = found
    assert (answer, token is not None and paired.of(token)) == (Answer.ALLOWED, paired.all()[0])
    assert desk.fetch(question.name, question.secret, 3.1) is None
    assert len(paired.all()) == 1


def test_a_no_gives_none(desk: Desk, paired: PairedBrowsers) -> None:
    question = desk.ask("Chromium", 0.0)
    desk.answer(question.name, False, 1.0)
    assert desk.fetch(question.name, question.secret, 2.0) == (Answer.REFUSED, None)
    assert paired.all() == []


def test_name_and_code_without_the_secret_are_worth_nothing(desk: Desk, paired: PairedBrowsers) -> None:
    question = desk.ask("Chromium", 0.0)
    other = desk.ask("Chromium", 0.0)
    desk.answer(question.name, True, 1.0)
    for stolen in (question.code, question.code.replace(" ", ""), question.name, other.secret, "", "\udc80"):
        assert desk.fetch(question.name, stolen, 2.0) is None
    assert paired.all() == []
    assert desk.fetch(question.name, question.secret, 3.0) is not None


def test_a_question_stands_for_two_minutes(desk: Desk) -> None:
    late, unfetched = desk.ask("Chromium", 0.0), desk.ask("Chromium", 0.0)
    desk.answer(unfetched.name, True, 1.0)
    now = VALID + 0.1
    assert desk.waiting(now) == []
    with pytest.raises(SigncapError, match="press Pair"):
        desk.answer(late.name, True, now)
    for question in (late, unfetched):
        assert desk.fetch(question.name, question.secret, now) == (Answer.EXPIRED, None)


def test_no_more_than_a_few_ask_at_once(desk: Desk) -> None:
    questions = [desk.ask("Chromium", 0.0) for _ in range(WAITING)]
    assert len({question.code for question in questions}) == WAITING
    with pytest.raises(TooManyError, match="Too many"):
        desk.ask("Chromium", 1.0)
    desk.answer(questions[0].name, False, 1.0)
    desk.ask("Chromium", 1.0)


def test_nor_one_after_the_other_for_ever(desk: Desk) -> None:
    for number in range(A_MINUTE):
        desk.answer(desk.ask("Chromium", number).name, False, number)
    with pytest.raises(TooManyError, match="wait a minute"):
        desk.ask("Chromium", A_MINUTE)
    desk.ask("Chromium", 60.0)
