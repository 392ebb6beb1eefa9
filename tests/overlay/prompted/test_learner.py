"""A profile that learns from phrases: what is told, and what the live path uses then."""

from collections.abc import Callable, Sequence
from typing import Any, cast

import pytest

from overlay.core.errors import SigncapError
from overlay.enrolment.clip import EnrolmentClip
from overlay.enrolment.enroller import Enroller
from overlay.enrolment.fit import Enrolled
from overlay.enrolment.profile import InUse, Profile
from overlay.prompted.learner import Learner

pytestmark = pytest.mark.unit

ANN = Profile("ann", "digest", Enrolled(None, "AB", {}, (0.5, 0.6)), True, 0.0)
TAKES = [EnrolmentClip("PIZZA", ())]


class Told(list[dict[str, Any]]):
    """What was told."""

    def __call__(self, said: str, **more: Any) -> None:
        self.append({"said": said} | more)


def learn(result: Profile | Exception | None) -> tuple[Told, InUse]:
    class FakeEnroller:
        def learn(
            self, name: str, takes: Sequence[EnrolmentClip], progress: Callable[[float], None]
        ) -> Profile | None:
            assert (name, takes) == ("ann", TAKES)
            progress(0.5)
            if isinstance(result, Exception):
                raise result
            return result

    told, in_use = Told(), InUse()
    learner = Learner(lambda: cast(Enroller, FakeEnroller()), told, in_use)
    learner.start("ann", TAKES, "Kept.")
    learner.settle()
    return told, in_use


def test_a_better_profile_is_used_at_once() -> None:
    told, in_use = learn(ANN)
    assert told[:2] == [{"said": "Kept.", "learning": 0.0}, {"said": "Kept.", "learning": 0.5}]
    assert told[2] == {"said": f"Kept. {ANN.verdict} The profile ann is in use."}
    assert in_use.profile is ANN


def test_where_nothing_is_better_nothing_changes() -> None:
    told, in_use = learn(None)
    assert "no profile was changed" in told[-1]["said"]
    assert in_use.profile is None


def test_why_it_cannot_learn_is_said() -> None:
    told, in_use = learn(SigncapError("There is too little to learn from."))
    assert told[-1] == {"said": "Kept. There is too little to learn from.", "failed": True}
    assert in_use.profile is None
