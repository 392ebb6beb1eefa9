"""An enrolment from prompt to profile, with the shipped model; time comes with the frames."""

from collections.abc import Callable
from pathlib import Path

import pytest

from overlay.core.errors import SigncapError
from overlay.enrolment import fit as enrolment
from overlay.enrolment.enroller import Enroller
from overlay.enrolment.guided.plan import Plan
from overlay.enrolment.guided.session import Session
from overlay.enrolment.guided.state import Phase
from overlay.enrolment.profile import Profile, Profiles
from overlay.media.frame import Frame
from overlay.recognition.hands.detector_choice import open_detector
from overlay.recognition.hands.hand_detector import Hand
from overlay.synthesis.signer import SignerLook, SyntheticSigner

pytestmark = pytest.mark.integration

PLAN = Plan("ann", letters="AIOX", seconds=1.2, countdown=0.5)
RATE = 10

Seen = tuple[Frame, Hand | None]


@pytest.fixture(scope="module")
def seen(hand_model: Path, odd_look: SignerLook) -> dict[str, Seen]:
    """A picture of each letter, and the hand in it; "" without one."""
    found: dict[str, Seen] = {}
    with open_detector(hand_model, video=False) as finder:
        for letter in PLAN.letters:
            signer = SyntheticSigner(letter, letters_per_second=1.0, look=odd_look, size=(480, 360))
            frame = Frame(signer.render(signer.letters[0].start + 0.3), 0, 0.0)
            found[letter] = frame, finder.find(frame.pixels, 0.0)
    found[""] = frame, None
    return found


class Signer:
    """Shows a session whatever it asks for, or what a test says."""

    def __init__(self, session: Session, seen: dict[str, Seen]) -> None:
        self.session, self.seen = session, seen
        self.at = 100.0

    def sign(self, seconds: float, letter: str | None = None) -> None:
        for _ in range(round(seconds * RATE)):
            self.at += 1 / RATE
            frame, hand = self.seen[self.session.state.prompt if letter is None else letter]
            self.session.accept(Frame(frame.pixels, 0, self.at), hand)

    def until(self, condition: Callable[[], bool]) -> None:
        end = self.at + 60
        while not condition():
            assert self.at < end
            self.sign(1 / RATE)


@pytest.fixture
def profiles(tmp_path: Path) -> Profiles:
    return Profiles(tmp_path / "profiles")


@pytest.fixture
def fitted() -> list[Profile]:
    return []


@pytest.fixture
def session(profiles: Profiles, fitted: list[Profile]) -> Session:
    return Session(lambda: Enroller(None, profiles), fitted.append)


def test_letters_are_asked_for_one_after_the_other_and_a_profile_comes_of_it_unless_one_is_better(
    session: Session,
    seen: dict[str, Seen],
    profiles: Profiles,
    fitted: list[Profile],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    signer = Signer(session, seen)
    session.start(PLAN)
    assert (session.state.phase, session.state.prompt, session.state.countdown) == (Phase.COUNTDOWN, "A", 0.5)
    signer.until(lambda: session.state.phase is Phase.TAKING)
    signer.sign(0.8)
    assert 0.4 < session.state.part < 0.7
    signer.until(lambda: session.state.place == 1)
    assert session.state.marks == ("taken", "open", "open", "open")
    with pytest.raises(SigncapError, match="under way"):
        session.start(PLAN)
    with pytest.raises(SigncapError, match="under way"):
        session.fit()
    signer.until(lambda: session.state.phase not in (Phase.COUNTDOWN, Phase.TAKING))
    session.settle()
    state = session.state
    assert state.phase is Phase.DONE
    assert state.result is not None
    assert fitted == [state.result]
    assert state.said == state.result.verdict
    assert profiles.names() == ["ann"]
    assert set(state.result.enrolled.tallies) == set(PLAN.letters)
    assert state.result.enrolled.after < state.result.enrolled.before  # this signer's letters are misread
    assert state.result.on

    # It is not replaced by one that is no better. How good that one is for other letters is not asked.
    monkeypatch.setattr(enrolment, "STATIC", enrolment.STATIC[:4])
    before = (profiles.folder / "ann.npz").read_bytes()
    session.start(PLAN)
    while session.state.phase in (Phase.COUNTDOWN, Phase.TAKING):
        signer.sign(1 / RATE, "O")  # whatever is asked for
    session.settle()
    nonsense = session.state.result
    assert nonsense is not None
    assert nonsense.enrolled.after <= nonsense.enrolled.before
    assert nonsense.enrolled.correction is not None or (profiles.folder / "ann.npz").read_bytes() == before


def test_skip_redo_stop_and_going_on(
    session: Session, seen: dict[str, Seen], profiles: Profiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(enrolment, "STATIC", enrolment.STATIC[:4])  # how good it is for other letters is not asked
    signer = Signer(session, seen)
    session.start(PLAN)
    session.skip()
    assert (session.state.place, session.state.marks[0]) == (1, "skipped")
    signer.until(lambda: session.state.place == 2)
    session.redo()  # the one before, as this one has not begun
    assert (session.state.place, session.state.marks[1]) == (1, "open")
    signer.until(lambda: session.state.phase is Phase.TAKING)
    session.redo()  # this one
    assert (session.state.place, session.state.phase) == (1, Phase.COUNTDOWN)
    signer.until(lambda: session.state.place == 2)
    session.stop()
    assert (session.state.phase, session.state.may_fit) == (Phase.PAUSED, True)
    signer.sign(5)
    assert session.state.place == 2
    session.fit()
    session.settle()
    assert session.state.phase is Phase.PAUSED  # one letter is too little: what was taken is kept
    assert session.state.failed
    assert "at least two letters" in session.state.said
    assert profiles.names() == []
    session.resume()
    signer.until(lambda: session.state.phase not in (Phase.COUNTDOWN, Phase.TAKING))
    session.settle()
    assert session.state.marks == ("skipped", "taken", "taken", "taken")
    assert profiles.names() == ["ann"]


def test_without_a_hand_a_letter_is_asked_for_again_and_then_skipped(session: Session, seen: dict[str, Seen]) -> None:
    signer = Signer(session, seen)
    session.start(PLAN)
    signer.sign(2.4, "")
    assert (session.state.place, session.state.hand) == (0, False)
    assert "A once more" in session.state.said
    signer.sign(4.4, "")
    assert session.state.marks[0] == "skipped"
    signer.sign(20, "")
    assert session.state.phase is Phase.IDLE
    assert "nothing to fit" in session.state.said


def test_a_word_ends_when_the_hand_is_lowered(session: Session, seen: dict[str, Seen]) -> None:
    signer = Signer(session, seen)
    session.start(Plan("ann", words=True, countdown=0))
    signer.sign(0.4, "")
    signer.sign(1.6, "A")
    assert session.state.place == 0
    signer.sign(0.9, "")
    assert session.state.marks[0] == "taken"


@pytest.mark.unit
@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"name": "a/b"}, "profile's name"),
        ({"name": "ann", "letters": "AA"}, "no letters"),
        ({"name": "ann", "letters": ""}, "no letters"),
        ({"name": "ann", "letters": "A1"}, "no letters"),
        ({"name": "ann", "seconds": 0.5}, "1 to 10"),
        ({"name": "ann", "seconds": float("nan")}, "1 to 10"),
        ({"name": "ann", "countdown": 21}, "0 to 20"),
        ({"name": "ann", "words": 1}, "words cannot be chosen"),
        ({"name": 5}, "name cannot be chosen"),
        ({"colour": "red"}, "colour cannot be chosen"),
    ],
)
def test_plans_that_are_none(given: dict[str, object], sentence: str) -> None:
    with pytest.raises(SigncapError, match=sentence):
        Plan.parse(given)


@pytest.mark.unit
def test_who_has_no_name_is_asked_for_it(session: Session) -> None:
    with pytest.raises(SigncapError, match="Name the profile"):
        session.start(Plan())


@pytest.mark.unit
def test_a_model_without_means_says_so(tmp_path: Path, profiles: Profiles) -> None:
    from overlay.recognition.letter_model import shipped_model

    for name in ("encoder.onnx", "temporal.onnx", "model.json"):
        (tmp_path / name).write_bytes((shipped_model() / name).read_bytes())
    session = Session(lambda: Enroller(tmp_path, profiles))
    with pytest.raises(SigncapError, match="cannot be enrolled"):
        session.start(PLAN)
    assert session.state.phase is Phase.IDLE
