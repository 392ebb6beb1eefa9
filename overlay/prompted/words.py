"""Words and names that a signer is shown to spell: ten that hold the whole alphabet together, others each time."""

import random
import string
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

COUNT: Final = 10
SHORTEST, LONGEST = 5, 12  # letters of a phrase; spaces are not counted
DOUBLES: Final = 2  # phrases with a letter twice in a row, at least
RARE_FIRST: Final = "QXJZVKWFPBYGHMCDLUSTNRIAOE"

WORDS: Final = tuple(
    """
    ALMOND ANSWER APPLE AUTUMN BAKERY BALLOON BANANA BASKET BICYCLE BLANKET BOTTLE BREAKFAST BRIDGE BROKEN BUTTER
    CABBAGE CAMERA CANDLE CARPET CHEESE CHICKEN CHOCOLATE CIRCLE CLIMB COFFEE COMPLEX COOKIE COTTAGE CRAYON CUSTOMER
    DANCING DENTIST DESERT DINNER DOCTOR DOLPHIN DRAGON DRAWER DRIVEWAY EIGHTY ELBOW ENGINE EQUAL EVENING
    EXAMPLE EXCUSE EXPENSIVE EXTRA FAMILY FARMER FINGER FLOWER FOLLOW FOREST FORTY FRIEND FROZEN GARAGE GARDEN
    GIRAFFE GLOVES GRAPES GUITAR HAMMER HAPPY HELMET HOCKEY HOLIDAY HORIZON HUNGRY ICEBERG INVITE ISLAND JACKET
    JAMMED JEWEL JIGSAW JOURNEY JUICE JUMPED JUNGLE JUNIOR KANGAROO KETCHUP KEYBOARD KITCHEN KNIFE LADDER LAUGH LAWYER
    LEMON LETTER LIBRARY LIQUID LIZARD LUGGAGE MAGAZINE MAILBOX MARKET MAXIMUM MEADOW MIRROR MIXTURE MONKEY MORNING
    MOUNTAIN MUSIC NAPKIN NEEDLE NINETY NUMBER OBJECT OCEAN ORANGE OXYGEN PAJAMAS PARKING PENCIL PEPPER PICNIC
    PILLOW PIZZA PLANET POCKET POTATO PREFIX PRIZE PROJECT PUMPKIN PUZZLE QUALITY QUARTER QUEEN QUESTION QUICK QUIET
    QUILT QUIVER RABBIT RAINBOW RELAX RIVER ROCKET SALAD SCARF SCHOOL SEVEN SHOVEL SILVER SIXTY SNOWFLAKE SOCCER
    SPIDER SQUARE SQUEEZE SQUIRREL STREET SUBJECT SUMMER SUNDAY SWEATER TAXICAB TEACHER TELEPHONE TEXTBOOK THIRTY
    THUMB TICKET TOMATO TRAFFIC TRUCK TUNNEL TWELVE UMBRELLA UNIQUE VACUUM VALLEY VANILLA VEGETABLE VILLAGE VIOLIN
    VOYAGE WAFFLE WALNUT WEDDING WEEKEND WHISPER WINDOW WINTER WIZARD YELLOW YOGURT ZEBRA ZIPPER
    """.split()
)
FIRST_NAMES: Final = tuple(
    """
    ALEX ANNA BOB CHLOE DAVID EMMA ERIC EVA FELIX FRANK GRACE HANNAH IVY JACK JAMES JENNY JOE JOY JULIA KATE KIM LEE
    LILY LUCY MAX MAYA MIA NORA OLIVIA OMAR OSCAR PAUL PETER QUINN REBECCA ROSE ROXY RUBY SAM SOFIA TARA TOM VERA
    VICTOR WENDY WILL XENIA YARA ZACK ZOE
    """.split()
)
FAMILY_NAMES: Final = tuple(
    """
    ADAMS ALVAREZ BAKER BECK BROWN BUSH COOK COX CRUZ DAVIS DIAZ DIXON EVANS FISHER FOX GOMEZ GREEN HALL HILL JAMES
    JOHNSON KELLY KENT KHAN KING KNOX LOPEZ MARTIN MILLER MOORE NGUYEN OWENS PARK PEREZ PHELPS QUICK REED RIVERA ROSS
    SCOTT SHAW SINGH SMITH STONE VEGA WALSH WATKINS WEBB WHITE WONG WOOD YOUNG
    """.split()
)


def shown_words(seed: int) -> tuple[str, ...]:
    """Return eight words and two full names of 5 to 12 letters, with the whole alphabet and doubles among them.

    Args:
        seed: the same gives the same phrases.
    """
    draw = random.Random(seed)
    while True:
        phrases = _try(draw)
        if set(string.ascii_uppercase) <= set("".join(phrases)) and sum(map(has_double, phrases)) >= DOUBLES:
            draw.shuffle(phrases)
            return tuple(phrases)


def has_double(phrase: str) -> bool:
    """Return whether a letter comes twice in a row within a word of the phrase."""
    return any(one == other != " " for one, other in pairwise(phrase))


def _try(draw: random.Random) -> list[str]:
    """Return two names and eight words, each of these for a letter that is still missing as long as one is."""
    phrases = [_name(draw, FIRST_NAMES[0::2]), _name(draw, FIRST_NAMES[1::2])]
    while len(phrases) < COUNT:
        missing = set(string.ascii_uppercase) - set("".join(phrases))
        sought = next((letter for letter in RARE_FIRST if letter in missing), "")
        phrases.append(draw.choice([word for word in WORDS if sought in word and word not in phrases]))
    return phrases


def _name(draw: random.Random, first_names: Sequence[str]) -> str:
    while True:
        name = f"{draw.choice(first_names)} {draw.choice(FAMILY_NAMES)}"
        if SHORTEST <= len(name) - 1 <= LONGEST:
            return name
