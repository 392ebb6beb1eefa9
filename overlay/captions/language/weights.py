"""What was fitted of reading with a language, in one place: see `bench/assisted.py` for on what and how well."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Weights:
    """How what the network saw, words and names are weighed against each other. Logarithms are natural.

    Attributes:
        seen: power of what the network saw in the longest stretches of like steps.
        least_seen: share of that in the shortest ones.
        letter: logarithm of how much likelier a letter is than none where both fit alike.
        lost: share of spelled letters that leave nothing but what looks like none.
        added: share of what is none that looks like a letter.
        listed: power of how often a word is written.
        unlisted: logarithm of the share of names and other words that are in no list, against all of the list.
        hot: logarithm of the share of each hot word.
        together: logarithm of the share of two words that are run together.
        over_literal: of how much likelier a word is than what was read (logarithm), in how clear it is.
        over_any: the same, than all other strings together.
        over_rivals: the same, than the other candidates together.
        better_seen: of how much better it fits what the network saw than what was read does.
        is_listed: what is taken away where what was read is itself a word of the list.
        enough: what they must come to together for a word to be replaced.
    """

    seen: float = 1.15
    least_seen: float = 0.25
    letter: float = 1.5
    lost: float = 0.0005
    added: float = 0.2
    listed: float = 0.8
    unlisted: float = -2.0
    hot: float = -4.0
    together: float = -6.0
    over_literal: float = 0.14
    over_any: float = 0.36
    over_rivals: float = 0.07
    better_seen: float = 0.26
    is_listed: float = 0.73
    enough: float = 2.36


FITTED = Weights()
