"""Figures of trials on the terminal and in the card."""

import io
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from models.evaluation.evaluate import Answer, Answers, figures_of
from models.evaluation.report import print_trials
from models.training.data.tree import Entry
from models.training.export.model_card import write_card

pytestmark = pytest.mark.unit

RATES = {
    "characters": 40,
    "error_rate": 0.125,
    "letters": 36,
    "letter_error_rate": 0.111,
    "substitutions": 0.05,
    "deletions": 0.05,
    "insertions": 0.025,
}
STILL = {"minutes": 2.0, "letters": 3, "a_minute": 1.5, "which": {"O": 2, "A": 1}, "hand_found": 0.5}
STAGE = {"median": 0.25, "p95": 1.5}
LITERAL = {
    "letters": 10,
    "errors": 3,
    "cer": 0.3,
    "substitutions": 1,
    "deletions": 2,
    "insertions": 0,
    "exact": 1,
}
ASSISTED = LITERAL | {"errors": 1, "cer": 0.1, "exact": 2}
BOTH = {"literal": LITERAL, "assisted": ASSISTED, "read": ["HRTE"], "read_assisted": ["HORSE"]}
RUNNING = {
    "takes": 2,
    "letters": 10,
    "hand_found": 0.5,
    "literal": LITERAL
    | {"confusions": [["O", "nothing", 2], ["S", "T", 1]], "calibration": {"error": 0.145, "counted": 8, "bins": []}},
    "assisted": ASSISTED,
    "signers": {"ann": {"takes": 2} | BOTH},
    "words": {
        "CAT": {"takes": 1} | BOTH | {"literal": LITERAL | {"cer": 0.0}, "read": [""], "read_assisted": [""]},
        "HORSE": {"takes": 1} | BOTH,
    },
    "unreadable": ["film.mp4 is damaged: leave it out."],
}
FIGURES: dict[str, Any] = {
    "running": RUNNING,
    "spelling": {
        "words": 8,
        "signers": 3,
        "all": RATES,
        "speeds": {"2": RATES | {"rates": {"15": RATES}}, "4": RATES | {"rates": {"60": RATES}}},
        "rates": {"15": RATES, "60": RATES},
        "hand_found": 0.987,
        "worst_signers": [0.3, 0.2],
        "median_signer": 0.1,
        "errors": [["space", "nothing", 4], ["A", "T", 3]],
        "coarticulated": RATES
        | {"speed": 4.0, "error_rate": 0.375, "rates": {"15": RATES}, "hand_found": 0.9, "errors": [["E", "C", 7]]},
    },
    "silence": {"situations": {"gestures": STILL}, "all": STILL},
    "takes": {
        "takes": 26,
        "right": 24,
        "without_pixels": True,
        "moving": {"J": {"takes": 1, "right": 0, "wrong": [["ZJ", 1]]}},
        "wrong": [["J", "ZJ"], ["C", ""]],
    },
    "strokes": {
        "moving": {"J": {"takes": 25, "right": 23, "wrong": [["", 1], ["I", 1]]}},
        "held": [{"held": "I", "not": "J", "times": 25, "read": 2}],
        "kept_seconds": 0.7,
        "kept": {"Z": {"takes": 25, "right": 22, "wrong": [["ZD", 3]]}},
    },
    "tones": {
        "words": 6,
        "signers": 2,
        "speed": 4.0,
        "tones": [{"skin": "#423026", "hand_found": 0.96} | RATES],
    },
    "speed": {
        "frames": 200,
        "size": [640, 480],
        "stages": dict.fromkeys(("hands", "crop", "encode", "lstm"), STAGE),
        "megabytes": 2.1,
    },
}


def test_every_trial_is_on_the_card(tmp_path: Path) -> None:
    entries = {
        Entry("ann", "A", "", k, f"ann/A/{k}.jpg"): Answer(bool(k), "A" * k, 0.9 if k else None) for k in (0, 1)
    }
    write_card(tmp_path / "card.md", {"model": "someone's", **figures_of(Answers(entries)), **FIGURES})
    card = (tmp_path / "card.md").read_text()
    for line in (
        "In 1 of 2 no hand was found.",
        "| letters a second | 15 frames a second | 60 frames a second | all | replaced |",
        "| 2 | 12.5 % |  | **12.5 %** | 5.0 % | 5.0 % | 2.5 % | 11.1 % |",
        "| 4, coarticulated | 12.5 % |  | **37.5 %** | 5.0 % | 5.0 % | 2.5 % | 11.1 % |",
        "By signer: median 10.0 %, worst 30.0 %.",
        "space→nothing (4), A→T (3).",
        "| gestures | 2.0 | 3 | 1.5 | O×2 A×1 |",
        "24 are read as just their letter (92.3 %)",
        "Wrong: J→ZJ, C→nothing.",
        "| J | 23 of 25 | nothing (1), I (1) |",
        "I is read as J in 2 of 25.",
        "Left for 0.7 s where the stroke has ended: Z is read as just Z in 22 of 25 (else ZD 3).",
        "| `#423026` | 96.0 % | 12.5 % | 11.1 % |",
        "| encoder | 0.25 | 1.50 |",
        "1.5 a minute in the situations above",
        "the errors rise to 12.5 % of the characters",
        "measured on 1 takes of J only",
        "| letter by letter | 30.0 % | 1 | 2 | 0 | 1 of 2 takes |",
        "| with a language | 10.0 % | 1 | 2 | 0 | 2 of 2 takes |",
        "| ann | 2 | 10 | 30.0 % | 10.0 % | 1 | 2 |",
        "| HORSE | 1 | 10 | 30.0 % | 10.0 % | HRTE | HORSE |",
        "| HORSE |\n| CAT | 1 | 10 | 0.0 % | 10.0 % | nothing | nothing |\n",
        "O→nothing (2), S→T (1).",
        "on the 8 letters read is 14.5 %",
    ):
        assert line in card
    assert "black picture" not in card
    assert "not measured, for want of recordings" not in card


def test_the_card_says_so_where_nobodys_running_spelling_was_read(tmp_path: Path) -> None:
    entries = {Entry("ann", "A", "", 0, "ann/A/0.jpg"): Answer(True, "A", 0.9)}
    untried = FIGURES | {"running": None}
    write_card(tmp_path / "card.md", {"model": "someone's", **figures_of(Answers(entries)), **untried})
    assert "Running spelling by real people: not measured" in (tmp_path / "card.md").read_text()


def test_trials_are_printed_and_those_not_made_are_passed_over() -> None:
    out = io.StringIO()
    print_trials(Console(file=out, width=200), FIGURES)
    for words in (
        "12.5 %",
        "O×2 A×1",
        "24 of 26 right",
        "23 of 25",
        "22 of 25; else ZD (3)",
        "#423026",
        "0.25",
        "HRTE",
        "1 of 2 takes",
        "4, coarticulated",
        "37.5 %",
        "coarticulated: E→C (7)",
    ):
        assert words in out.getvalue()
    out = io.StringIO()
    print_trials(Console(file=out), dict.fromkeys(FIGURES))
    assert out.getvalue() == ""
