import re

import pytest

from overlay.core.errors import SigncapError
from server.web.auth.paired_browsers import PairedBrowsers
from server.web.auth.pairing_requests import A_MINUTE, VALID, WAITING, Answer, PairingRequests, TooManyError

pytestmark = pytest.mark.e2e


@pytest.fixture
def paired() -> PairedBrowsers:
    return PairedBrowsers()


@pytest.fixture
def requests(paired: PairedBrowsers) -> PairingRequests:
    return PairingRequests(paired)


def test_the_owners_yes_gives_a_token_once(requests: PairingRequests, paired: PairedBrowsers) -> None:
    question = requests.ask("Chromium", 0.0)
    assert re.fullmatch(r"\d{3} \d{3}", question.code)
    assert requests.fetch(question.name, question.secret, 1.0) == (Answer.WAITING, None)
    requests.answer(question.name, True, 2.0)
    assert paired.all() == []  # until it is fetched
    found = requests.fetch(question.name, question.secret, 3.0)
    assert found is not None
    answer, token = found
    assert (answer, token is not None and paired.of(token)) == (Answer.ALLOWED, paired.all()[0])
    assert requests.fetch(question.name, question.secret, 3.1) is None
    assert len(paired.all()) == 1


def test_a_no_gives_none(requests: PairingRequests, paired: PairedBrowsers) -> None:
    question = requests.ask("Chromium", 0.0)
    requests.answer(question.name, False, 1.0)
    assert requests.fetch(question.name, question.secret, 2.0) == (Answer.REFUSED, None)
    assert paired.all() == []


def test_name_and_code_without_the_secret_are_worth_nothing(
    requests: PairingRequests, paired: PairedBrowsers
) -> None:
    question = requests.ask("Chromium", 0.0)
    other = requests.ask("Chromium", 0.0)
    requests.answer(question.name, True, 1.0)
    for stolen in (question.code, question.code.replace(" ", ""), question.name, other.secret, "", "\udc80"):
        assert requests.fetch(question.name, stolen, 2.0) is None
    assert paired.all() == []
    assert requests.fetch(question.name, question.secret, 3.0) is not None


def test_a_question_stands_for_two_minutes(requests: PairingRequests) -> None:
    late, unfetched = requests.ask("Chromium", 0.0), requests.ask("Chromium", 0.0)
    requests.answer(unfetched.name, True, 1.0)
    now = VALID + 0.1
    assert requests.waiting(now) == []
    with pytest.raises(SigncapError, match="press Pair"):
        requests.answer(late.name, True, now)
    for question in (late, unfetched):
        assert requests.fetch(question.name, question.secret, now) == (Answer.EXPIRED, None)


def test_no_more_than_a_few_ask_at_once(requests: PairingRequests) -> None:
    questions = [requests.ask("Chromium", 0.0) for _ in range(WAITING)]
    assert len({question.code for question in questions}) == WAITING
    with pytest.raises(TooManyError, match="Too many"):
        requests.ask("Chromium", 1.0)
    requests.answer(questions[0].name, False, 1.0)
    requests.ask("Chromium", 1.0)


def test_nor_one_after_the_other_for_ever(requests: PairingRequests) -> None:
    for number in range(A_MINUTE):
        requests.answer(requests.ask("Chromium", number).name, False, number)
    with pytest.raises(TooManyError, match="wait a minute"):
        requests.ask("Chromium", A_MINUTE)
    requests.ask("Chromium", 60.0)
