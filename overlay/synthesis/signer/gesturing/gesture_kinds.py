"""Gestures of a hand in a call besides fingerspelling, each a short succession of beats."""

from collections.abc import Callable

import numpy as np

from overlay.synthesis.signer.gesturing.gesture_draft import HOME, Beat, Draft, Place
from overlay.synthesis.signer.hand.handshapes import (
    SHAPES,
    facing,
    random_shape,
    random_turn,
    rolled,
    tilted,
    wiggled,
)
from overlay.synthesis.signer.hand.letters import Three
from overlay.synthesis.signer.hand.skeleton import rotation_matrix

UP: Three = (0.0, 1.0, 0.0)
CAMERA: Three = (0.0, 0.0, 1.0)
INWARDS: Three = (1.0, 0.0, 0.0)  # to the signer's other side, right in the picture
SELF: Three = (0.0, 0.0, -1.0)
INDEX_TIP, MIDDLE_TIP = 8, 12


def wave(d: Draft) -> None:
    """Hello or goodbye: the forearm swings, or the fingers nod."""
    place, turn = d.near(0.4, 0.7), facing(UP, CAMERA)
    half, swing = d.between(0.13, 0.3), d.between(10, 28)
    nods = d.rng.random() < 0.25
    for k in d.times(5, 10):
        side = 1 if k % 2 else -1
        if nods:
            d.add(half, "open" if side > 0 else "relaxed", turn, place)
        else:
            d.add(half, "open", rolled(turn, -side * swing), place.moved(side * swing / 40, 0))


def stop(d: Draft) -> None:
    """Stop, or wait a moment: the spread hand is pushed forward and held."""
    turn = facing((d.between(-0.3, 0.25), 1.0, d.between(-0.2, 0.3)), CAMERA)
    place = d.near(0.5, 0.4)
    d.add(0, "open", turn, place)
    d.stay(d.between(0.4, 1.8), 0.06)
    for k in d.times(0, 4):
        d.add(d.between(0.14, 0.25), "open", turn, place.moved(0, -0.2 if k % 2 == 0 else 0.05))


def resting(d: Draft) -> None:
    """A relaxed hand at the chest or the shoulder, still or drifting."""
    spot = d.one("chest", "shoulder", "home")
    place = {"chest": Place("face", -0.5, -2.4), "shoulder": Place("face", -1.5, -1.6), "home": HOME}[spot]
    place = place.moved(d.between(-0.3, 0.3), d.between(-0.4, 0.3))
    ways = {"chest": ((0.8, 0.5, 0.2), SELF), "shoulder": ((0.2, 1.0, 0.1), INWARDS), "home": (UP, (0.5, 0.0, 0.8))}
    turn = tilted(facing(*ways[spot]), d.rng, 16)
    d.add(0, d.one("relaxed", "loose", "curled", "rest"), turn, place)
    for _ in d.times(1, 4):
        d.stay(d.between(0.4, 0.9), 0.2 if d.rng.random() < 0.5 else 0.0)


def lift(d: Draft) -> None:
    """The hand comes up as if to do something, and goes down again."""
    turn = tilted(facing((0.1, 1.0, 0.2), (0.4, 0.0, 0.9)), d.rng, 20)
    shape, high = d.one("relaxed", "loose", "open", "curled", "fist"), d.between(-0.4, 0.5)
    for _ in d.times(1, 2):
        d.add(d.between(0.4, 0.7), "relaxed", turn, HOME.moved(0, -2.2))
        d.add(d.between(0.4, 0.8), shape, tilted(turn, d.rng, 15), HOME.moved(d.between(-0.3, 0.3), high))
        d.add(d.between(0.4, 0.8), "loose", turn, HOME.moved(0, -2.0))


def scratch(d: Draft) -> None:
    """Scratches the nose, a cheek, the forehead, the head or the neck."""
    spots = {
        "nose": (0.0, -0.2, (0.55, 0.8, -0.3)),
        "cheek": (-0.55, -0.35, (0.5, 0.85, -0.2)),
        "forehead": (-0.2, 0.5, (0.5, 0.85, -0.3)),
        "head": (-0.35, 1.05, (0.6, 0.75, -0.3)),
        "ear": (-0.85, 0.0, (0.4, 0.9, -0.3)),
        "neck": (-0.5, -1.3, (0.6, 0.75, -0.2)),
    }
    x, y, fingers = spots[d.one(*spots)]
    turn = tilted(facing(fingers, (0.75, -0.1, -0.7)), d.rng, 12)
    shape = SHAPES[d.one("scratch", "hook", "claw", "curled")]
    more = np.zeros(21)
    more[[0, 1, 4, 5]] = 12.0, 22.0, 10.0, 18.0
    place = Place("face", x, y, INDEX_TIP)
    for k in d.times(4, 9):
        side = 1 if k % 2 else -1
        d.add(d.between(0.1, 0.2), shape + more * (side > 0), turn, place.moved(0.05 * side, 0.06 * side))


def think(d: Draft) -> None:
    """The hand at the chin or along the cheek, held."""
    if d.rng.random() < 0.5:
        turn = facing((0.75, 0.6, 0.25), (0.2, 0.25, -0.9))
        place, shape = Place("face", -0.15, -1.0, 6), d.one("chin", "rest", "curled")
    else:
        turn = facing((0.25, 0.95, -0.1), (0.8, 0.0, -0.55))
        place, shape = Place("face", -0.68, -0.6), d.one("chin", "relaxed", "loose", "rest")
    d.add(0, shape, tilted(turn, d.rng, 10), place)
    for _ in d.times(1, 3):
        d.stay(d.between(0.4, 1.1), 0.04)


def adjust(d: Draft) -> None:
    """Pushes up glasses, sweeps hair aside, wipes the mouth or rubs an eye."""
    kind = d.one("glasses", "hair", "mouth", "eye")
    way: tuple[tuple[float, float], ...]
    if kind == "glasses":
        shape, touch = d.one("point", "pinch", "hook"), INDEX_TIP
        turn, x, y = facing((0.55, 0.75, -0.35), (0.5, 0.1, -0.8)), d.between(-0.6, 0.0), 0.02
        way = ((0.0, 0.0), (0.03, 0.12), (0.03, 0.12), (-0.4, 0.0))
    elif kind == "hair":
        shape, touch = d.one("loose", "flat", "relaxed"), MIDDLE_TIP
        turn, x, y = facing((0.5, 0.85, -0.2), (0.5, -0.2, -0.8)), -0.1, 0.65
        way = ((0.0, 0.0), (-0.25, 0.45), (-0.75, 0.25), (-0.95, -0.3))
    elif kind == "mouth":
        shape, touch = d.one("curled", "relaxed", "chin"), INDEX_TIP
        turn, x, y = facing((0.85, 0.5, 0.1), (0.1, 0.0, -1.0)), 0.3, -0.5
        way = ((0.0, 0.0), (-0.35, -0.02), (0.05, 0.0), (-0.4, -0.05))
    else:
        shape, touch = d.one("rest", "hook", "curled"), 6
        turn, x, y = facing((0.5, 0.8, 0.2), (0.4, 0.0, -0.9)), -0.31, 0.05
        way = ((0.0, 0.0), (0.06, 0.05), (-0.05, -0.03), (0.05, 0.03), (-0.05, 0.0))
    turn, place = tilted(turn, d.rng, 9), Place("face", x, y, touch)
    for dx, dy in way:
        d.add(d.between(0.18, 0.4), shape, tilted(turn, d.rng, 4), place.moved(dx, dy))


def talk(d: Draft) -> None:
    """Talking hands: beats with the palm up or inwards, loosely open."""
    side = d.one("up", "in", "down", "out")
    palms = {"up": (0.2, 1.0, 0.25), "in": (1.0, 0.2, 0.1), "down": (0.1, -1.0, 0.4), "out": (0.2, 0.3, 1.0)}
    turn = tilted(facing((0.25, 0.45, 0.8) if side != "out" else (0.3, 0.9, 0.4), palms[side]), d.rng, 14)
    place = d.near(0.5, 0.3).moved(0.2, -0.4)
    shapes = ("loose", "open", "relaxed", "purse", "open" if side == "out" else "flat")
    for k in d.times(4, 10):
        there = place.moved(d.between(-0.4, 0.4), 0.3 if k % 2 else -0.15)
        d.add(d.between(0.16, 0.42), d.one(*shapes), tilted(turn, d.rng, 14), there)
        if d.rng.random() < 0.2:
            d.stay(d.between(0.1, 0.4), 0.03)


def turn_over(d: Draft) -> None:
    """Turns the hand over and back."""
    shape, place = d.one("open", "loose", "relaxed"), d.near()
    fingers = (d.between(-0.2, 0.5), 1.0, d.between(0.0, 0.6))
    around = [CAMERA, (0.9, 0.0, 0.3), SELF]
    ways = [*around, *reversed(around[:-1])] if d.rng.random() < 0.6 else around
    for palm in ways if d.rng.random() < 0.5 else ways[::-1]:
        d.add(d.between(0.15, 0.35), shape, tilted(facing(fingers, palm), d.rng, 6), place)
        if palm is not around[1] and d.rng.random() < 0.5:
            d.stay(d.between(0.1, 0.5), 0.03)


def clap(d: Draft) -> None:
    """Claps: the palm goes to and fro before the chest."""
    turn = tilted(facing((0.25, 0.85, 0.35), INWARDS), d.rng, 10)
    place, half = Place("face", -0.7, -1.9), d.between(0.1, 0.18)
    for k in d.times(6, 14):
        d.add(half, "flat", rolled(turn, 0 if k % 2 else 12), place.moved(0.0 if k % 2 else -0.6, 0))


def drink(d: Draft) -> None:
    """A glass or a cup goes to the mouth, is tipped and goes down."""
    level = tilted(facing((0.55, 0.0, 0.8), (0.8, 0.0, -0.6)), d.rng, 8)
    low, mouth = HOME.moved(0.1, -0.9), Place("face", -0.55, -0.75)
    d.add(0, "cup", level, low)
    d.add(d.between(0.4, 0.7), "cup", level, mouth.moved(-0.1, -0.2))
    tip = d.between(-35, -20)
    d.add(d.between(0.3, 0.5), "cup", rolled(level, tip), mouth)
    d.add(d.between(0.3, 0.7), "cup", rolled(level, tip - 15), mouth.moved(0.05, 0.08))
    d.add(d.between(0.3, 0.5), "cup", level, mouth.moved(-0.1, -0.2))
    d.add(d.between(0.4, 0.7), "cup", level, low)


def telephone(d: Draft) -> None:
    """Holds a telephone to the ear, or looks at it before the chest."""
    if d.rng.random() < 0.6:
        turn, place = facing((0.1, 0.95, -0.3), (0.9, 0.1, 0.35)), Place("face", -0.95, -0.15)
    else:
        turn, place = facing((0.3, 0.75, 0.6), (0.2, 0.6, -0.75)), Place("face", -0.8, -2.0)
    d.add(0, "phone", tilted(turn, d.rng, 9), place)
    for _ in d.times(2, 4):
        d.stay(d.between(0.4, 0.8), d.between(0.02, 0.12))


def point(d: Draft) -> None:
    """Points here and there, or wags the index finger."""
    place = d.near(0.5, 0.3)
    if d.rng.random() < 0.35:
        turn = tilted(facing(UP, (0.4, 0.0, 0.9)), d.rng, 8)
        for k in d.times(5, 9):
            d.add(d.between(0.12, 0.18), "point", rolled(turn, 20 if k % 2 else -20), place)
        return
    for _ in d.times(2, 4):
        side = d.one("screen", "inwards", "away", "self", "up")
        ways: dict[str, tuple[Three, Three]] = {
            "screen": ((0.15, 0.2, 1.0), (0.5, -0.7, 0.2)),
            "inwards": ((1.0, 0.3, 0.3), (0.1, -0.5, -0.8)),
            "away": ((-0.9, 0.4, 0.3), (0.2, -0.3, 0.9)),
            "self": ((0.7, 0.2, -0.6), (0.2, -0.2, -0.9)),
            "up": ((0.1, 1.0, 0.1), SELF),
        }
        d.add(
            d.between(0.25, 0.5),
            "point",
            tilted(facing(*ways[side]), d.rng, 10),
            place.moved(d.between(-0.6, 0.6), 0),
        )
        d.stay(d.between(0.1, 0.4), 0.08)


def thumb_up(d: Draft) -> None:
    """Thumb up (or down), moved in and held briefly."""
    down = d.rng.random() < 0.12
    thumb_side = d.between(-0.15, 0.3)
    # The thumb points up where the fingers lie across: the palm faces the signer or inwards.
    fingers, palm = ((1.0, thumb_side, 0.25), SELF) if d.rng.random() < 0.5 else ((0.35, 0.1, 0.9), INWARDS)
    turn = facing(fingers, palm)
    if down:
        turn = facing((0.8, 0.0, 0.5), (-0.2, 0.3, 0.9))
    place = d.near(0.4, 0.3)
    d.add(0, "thumb", tilted(turn, d.rng, 8), place.moved(0, -0.5))
    d.add(d.between(0.25, 0.4), "thumb", tilted(turn, d.rng, 5), place)
    d.stay(d.between(0.3, 0.9), 0.05)
    for k in d.times(0, 3):
        d.add(d.between(0.15, 0.25), "thumb", turn, place.moved(0, 0.25 if k % 2 == 0 else 0.0))


def pinch(d: Draft) -> None:
    """Thumb and index finger together on the move, as one stresses a point or picks something up."""
    turn = tilted(facing((0.2, 0.8, 0.5), (0.3, -0.3, 0.8)), d.rng, 14)
    place = d.near(0.4, 0.3)
    for k in d.times(4, 8):
        there = place.moved(d.between(-0.4, 0.4), 0.35 if k % 2 else -0.25)
        d.add(d.between(0.15, 0.28), d.one("pinch", "pinch", "purse"), tilted(turn, d.rng, 12), there)


def low_work(d: Draft) -> None:
    """Types or holds a mouse, low at the picture's bottom."""
    turn = tilted(facing((0.15, 0.35, 0.9), (0.1, -0.9, 0.35)), d.rng, 8)
    place = Place("face", d.between(-1.6, -0.4), d.between(-3.3, -2.8))
    if d.rng.random() < 0.5:
        d.add(0, "mouse", turn, place)
        for _ in d.times(2, 5):
            d.stay(d.between(0.25, 0.6), 0.18)
        return
    for _ in d.times(6, 14):
        d.add(d.between(0.09, 0.2), wiggled("typing", d.rng, 16), turn, place.moved(d.between(-0.15, 0.15), 0))


def shake_fist(d: Draft) -> None:
    """Shakes a fist, knocks, or says yes with it."""
    sideways = d.rng.random() < 0.5
    turn = facing((0.15, 0.9, 0.35), (0.9, 0.0, 0.3)) if sideways else facing((0.1, 0.7, 0.6), (0.1, -0.6, 0.7))
    turn, place = tilted(turn, d.rng, 12), d.near(0.4, 0.4)
    for k in d.times(4, 10):
        nod = rotation_matrix(np.array([np.radians(18.0 if k % 2 else -14.0), 0.0, 0.0]))
        d.add(d.between(0.1, 0.2), "fist", nod @ turn, place.moved(0, 0.2 if k % 2 else -0.1))


def wiggle(d: Draft) -> None:
    """Drums or wiggles the fingers."""
    palms: tuple[Three, ...] = (CAMERA, SELF, (0.1, -0.9, 0.4), (0.9, 0.1, 0.2))
    turn = tilted(facing((0.1, 0.9, 0.4), palms[int(d.rng.integers(4))]), d.rng, 12)
    shape, place = d.one("loose", "open", "relaxed", "typing"), d.near()
    for _ in d.times(6, 14):
        d.add(d.between(0.1, 0.2), wiggled(shape, d.rng, 24), turn, place)


def count(d: Draft) -> None:
    """Counts on the fingers, quickly."""
    turn = tilted(facing((d.between(-0.2, 0.3), 1.0, 0.1), CAMERA if d.rng.random() < 0.5 else SELF), d.rng, 8)
    place, pace = d.near(0.4, 0.4), d.between(0.17, 0.3)
    for shape in ("fist", "point", "two", "three", "four", "open")[int(d.rng.integers(2)) :]:
        d.add(pace, shape, turn, place.moved(d.between(-0.1, 0.1), d.between(-0.1, 0.1)))


def anything(d: Draft) -> None:
    """Random handshapes, turned any way: held, then moved through."""
    place = d.near(0.5, 0.4)
    for _ in d.times(1, 3):
        place = place.moved(d.between(-0.4, 0.4), d.between(-0.3, 0.3))
        d.add(d.between(0.3, 0.6), random_shape(d.rng), random_turn(d.rng), place)
        d.stay(d.between(0.3, 1.0), d.between(0.0, 0.1))


def away(d: Draft) -> None:
    """No hand in the picture."""
    last = facing(UP, CAMERA)
    d.beats.append(Beat(0, SHAPES["relaxed"], last, HOME, 0.0))
    d.stay(d.between(0.6, 1.8))


# How often each comes, in proportion.
KINDS: tuple[tuple[Callable[[Draft], None], float], ...] = (
    (wave, 1.2), (stop, 1.2), (resting, 2.0), (lift, 1.0), (scratch, 1.5), (think, 1.2), (adjust, 1.2),
    (talk, 1.8), (turn_over, 1.0), (clap, 0.6), (drink, 1.0), (telephone, 1.0), (point, 1.0), (thumb_up, 1.0),
    (pinch, 0.8), (low_work, 0.8), (shake_fist, 0.8), (wiggle, 1.0), (count, 0.8), (anything, 4.0), (away, 1.8),
)  # fmt: skip
