"""What synthetic signers spell: words and nonsense, so that the network learns hands rather than English."""

import numpy as np

from overlay.recognition.letter_model import LETTERS

WORDS = (
    "HELLO WORLD THE QUICK BROWN FOX JUMPS OVER LAZY DOG PLEASE THANK YOU YES NO NAME MEET CALL SORRY "
    "COFFEE LETTER BALLOON PIZZA JAZZ FUZZY BUZZ HAPPY SUMMER WINTER APPLE ORANGE BANANA CHERRY QUEEN KING "
    "VICTOR WALTER XAVIER YOLANDA ZOE ANNA BELLA EMMA LIAM NOAH AIDEN JUAN MOHAMMED PRIYA WEI KENJI SVEN "
    "MONDAY TUESDAY FRIDAY JUNE JULY AUGUST OFFICE PROJECT BUDGET MEETING SCREEN CAMERA PICTURE SPELL "
    "SIGN HAND FINGER EXAMPLE ZEBRA PUZZLE JUNGLE QUIZ VOLLEYBALL COMMITTEE ADDRESS MISSISSIPPI BOOKKEEPER "
    "STREET AVENUE BOSTON DENVER PARIS LONDON ACCRA LIMA OSLO KYOTO DOCTOR NURSE DRIVER BAKERY GARAGE VAN "
    "MUM DAD SISTER BROTHER UNCLE AUNT SKATE HIKE SWIM RUN JUMP KICK TRUCK BIKE TRAIN PLANE BUS CAR TAXI"
).split()


def random_word(rng: np.random.Generator, doubles: float = 0.15, rare: str = "JZXQKP") -> str:
    """A word, or letters at random; some letters come twice, rare letters come more often than in English."""
    if rng.random() < 0.35:
        return str(rng.choice(WORDS))
    letters = list(rng.choice(list(LETTERS) + list(rare), rng.integers(2, 9)))
    for index in range(len(letters) - 1):
        if rng.random() < doubles:
            letters[index + 1] = letters[index]
    return "".join(letters)


def random_text(rng: np.random.Generator, words: int) -> str:
    """Some words with spaces between them."""
    return " ".join(random_word(rng) for _ in range(words))
