"""What engines are given of a caption, and with eSpeak NG, which sounds it makes of that."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from overlay.speech.espeak import USUAL, find_espeak
from overlay.speech.spoken import Notation, spoken

pytestmark = pytest.mark.unit

CASES: list[dict[str, Any]] = json.loads((Path(__file__).parents[2] / "spoken.json").read_text("utf-8"))
CAPTIONS = [case["caption"] for case in CASES]


@pytest.mark.parametrize("case", CASES, ids=CAPTIONS)
def test_an_engine_without_markup_is_given_commas(case: dict[str, Any]) -> None:
    assert spoken(case["caption"], Notation.COMMAS) == case["spoken"]


def test_an_engine_with_markup_is_told_which_are_letters() -> None:
    cat = '<say-as interpret-as="characters">cat</say-as>'
    assert spoken("MY NAME IS C A T.", Notation.SSML) == f"my name is {cat}."
    assert spoken("XI", Notation.SSML) == '<say-as interpret-as="characters">xi</say-as>'


@pytest.mark.parametrize(
    "caption", ["<b>Hi</b> & bye", "a < b > c", '<say-as interpret-as="characters">no</say-as>', "&lt;", "]]> <!--"]
)
def test_typed_markup_is_text_to_an_engine_with_markup(caption: str) -> None:
    given = ET.fromstring(f"<speak>{spoken(caption, Notation.SSML)}</speak>")
    told = " ".join("".join(given.itertext()).split())
    assert told == spoken(caption, Notation.AS_IS)
    assert all(part.text is not None and part.text.isalpha() for part in given)  # ours alone


def test_other_languages_keep_words_that_look_like_numbers_or_letters() -> None:
    assert spoken("VI SES, IL Y A", Notation.AS_IS) == "vi ses, il y a"


def phonemes(caption: str, voice: str = USUAL) -> str:
    """The sounds that eSpeak makes of a caption, without stress and pauses."""
    engine = find_espeak()
    assert engine is not None
    job = engine.job(voice, 1.0)
    return read_by_espeak(spoken(caption, job.notation), *(one for one in job.command[1:] if one != "--stdout"))


def read_by_espeak(text: str, *options: str) -> str:
    command = ["espeak-ng", *options, "--stdin", "-q", "-x"]
    said = subprocess.run(command, input=f"{text}\n", capture_output=True, text=True, check=True).stdout
    return " ".join("".join(" " if sign in "|_:\n" else sign for sign in said if sign not in "',;!").split())


@pytest.mark.e2e
@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="eSpeak NG is not installed here")
@pytest.mark.parametrize(
    ("caption", "sounds"),
    [
        ("C A T", "si eI ti"),
        ("XI", "Eks aI"),
        ("VI", "vi aI"),
        ("A B", "eI bi"),
        ("OAK ST", "oUk Es ti"),
        ("CAT", "kat"),
        ("THEY TOLD US", "DeI toUld Vs"),
        ("in the US", "InD@2 ju Es"),
        ("I NEED A CAR", "aI ni d a# kA@"),
        ("[[h@loU]]", "eItS at loU ju"),
        ("AT&T", "eIt2i @nti"),
    ],
)
def test_espeak_says_what_was_spelled(caption: str, sounds: str) -> None:
    assert phonemes(caption) == sounds


@pytest.mark.e2e
@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="eSpeak NG is not installed here")
@pytest.mark.parametrize(
    ("caption", "sounds"), [("C A T", "si eI ti"), ("I SAW XI TODAY", "aI sO Eks aI t@deI"), ("OAK ST", "oUk Es ti")]
)
def test_commas_say_the_same_to_engines_that_take_their_sounds_from_espeak(caption: str, sounds: str) -> None:
    """As Piper does."""
    assert read_by_espeak(spoken(caption, Notation.COMMAS), "-v", USUAL) == sounds


@pytest.mark.e2e
@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="eSpeak NG is not installed here")
def test_espeak_in_other_languages_says_words() -> None:
    assert phonemes("VI", "sv") == phonemes("Vi", "sv") != phonemes("V I", "sv")
