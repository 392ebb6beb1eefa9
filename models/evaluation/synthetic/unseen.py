"""Synthetic people that training never draws: other looks, other seeds, other words."""

from typing import Final

import numpy as np

from overlay.recognition.letter_model import LETTERS

UNSEEN: Final = 1 << 31  # training draws seeds below this
SIZE: Final = (640, 480)

# None of them is in `models.training.shipped.texts.WORDS`.
WORDS: Final = (
    "ABOUT AFRICA AGNES AIRPORT ALWAYS ANSWER ARTHUR ASHLEY AUTUMN BEACH BEFORE BERLIN BLANKET BRAZIL BREAD BRIDGE "
    "BUTTER CARLOS CHAIR CHEESE CHICAGO CLARA CLOCK CLOUD COTTAGE CROSS DALLAS DANCE DIEGO DINNER DUBLIN EARLY "
    "EIGHT ELENA ENGINE EVENING EXPRESS FATIMA FAMILY FINISH FLOWER FOREST FRANZ FREEZE FROG GARDEN GLASS GRACE "
    "GREEN GUITAR HAMMER HANNAH HEAVY HOSPITAL HOTEL HUNGRY ICE INVITE ISLAND IVAN JACKET JAIPUR JEALOUS JOHN "
    "JOURNEY JUICE KARATE KEVIN KITCHEN KNIFE LADDER LEMON LIBRARY LISBON LUCY LUNCH MADRID MARKET MILK MIRROR "
    "MONKEY MOUNTAIN NATHAN NEEDLE NIGHT NINE NOVEMBER OCEAN OLIVER ONION OTTAWA OXYGEN PAPER PEPPER PETER PHONE "
    "PILLOW POCKET POTATO QATAR QUARTER QUIET QUOTE RABBIT RADIO RIVER ROSE RUBY SALAD SAMUEL SCHOOL SEVEN SHOULDER "
    "SILVER SOFIA SPOON SQUARE SUGAR TABLE TEACHER THOMAS TICKET TOKYO TOWER TUNISIA UMBRELLA UNDER USUAL VALLEY "
    "VELVET VIENNA VIOLIN WARSAW WATER WEDNESDAY WENDY WINDOW YELLOW YESTERDAY YVONNE ZAGREB ZAINAB ZERO ZIGZAG "
    "ZIPPER ZURICH"
).split()
NONSENSE: Final = 0.35  # share of words that are letters at random, so that every letter is met in any company


def word(rng: np.random.Generator) -> str:
    """A word, a name or letters at random."""
    if rng.random() >= NONSENSE:
        return str(rng.choice(WORDS))
    return "".join(rng.choice(list(LETTERS), rng.integers(3, 8)))


def text(seed: int, words: int) -> str:
    """Some words with spaces between them; the same seed gives the same words."""
    rng = np.random.default_rng((UNSEEN, seed))
    return " ".join(word(rng) for _ in range(words))
