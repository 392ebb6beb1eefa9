"""How the landmark network learns to give on a small crop what MediaPipe's gives on a large one."""

import math
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import torch
from numpy.random import Generator
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from models.training.engine.average import WeightAverage
from models.training.engine.fabric import processor_fabric
from models.training.engine.steps import set_rate, take_steps
from models.training.hands.augmentation import Away, look, spoil
from models.training.hands.export import as_tensor
from models.training.hands.letters import LetterEyes
from models.training.hands.network import FEATURES, POINTS, HandNetwork
from models.training.hands.pictures import CLOSE, NOTHING, PHOTOGRAPH, RENDERED, HandPictures
from models.training.hands.teacher import SIDE
from overlay.recognition.hands.square import square_of_landmarks

SHARES: Final = {PHOTOGRAPH: 0.6, CLOSE: 0.14, RENDERED: 0.26}  # of the hands in a batch
ASTRAY: Final = 0.12  # of a batch: squares that show no hand, or a part of one
TIPS, LAST_JOINTS = (4, 8, 12, 16, 20), (3, 7, 11, 15, 19)
TOLD_APART: Final = (4, 8, 12, 16, 20, 3, 6, 10, 14, 18, 7, 11, 15, 5, 9, 13, 17)  # whose places make M, N, S, T, E
LETTERS: Final = 5.0  # how much the recogniser's features count, beside pixels
BETA: Final = 2.0  # pixels of the teacher's crop up to which an error counts by its square
KEPT: Final = 0.998  # of the averaged weights, a step
WARMING: Final = 60  # steps
REPORT, SAVED = 50, 250  # steps


@dataclass(frozen=True)
class Batch:
    """Crops, and what is known of them.

    Attributes:
        crops: uint8 (N, S, S, 3), blue-green-red.
        points: float32 (N, 21, 3), in the crop, 0 to 1.
        right: float32 (N,), 1 for a right hand, 0 for a left one, -1 where it is not known.
        present: float32 (N,), how much of a hand it is.
        counts: float32 (N,), how much its landmarks count; 1 for a hand.
        turn: float32 (N,), how far the crop is turned in its picture, radians.
        mirror: float32 (N,), -1 where turned back it is to be mirrored to be a right hand, else 1.
    """

    crops: NDArray[np.uint8]
    points: NDArray[np.float32]
    right: NDArray[np.float32]
    present: NDArray[np.float32]
    counts: NDArray[np.float32]
    turn: NDArray[np.float32]
    mirror: NDArray[np.float32]


@dataclass(frozen=True)
class HandRecipe:
    """How it is trained.

    Attributes:
        size: side of the crop in pixels.
        share: side of the crop over that of MediaPipe's square: less is larger fingers, and less room to move.
        kept: so many of the first stages stay as they are: at nearly the teacher's size of things, what they see is
            the same, and training takes half the time.
        steps: of how many crops each, `batch`.
        whole_from: part of the steps after which the network computes as 8-bit arithmetic will.
        rate: the highest learning rate.
        probed: crops on which the landmarks are fitted before anything is trained.
        astray: squares that show no hand, or a part of one, of which some are in each batch.
        seed: of chance.
    """

    size: int = 160
    share: float = 0.82
    kept: int = 7
    steps: int = 2100
    batch: int = 64
    whole_from: float = 0.7
    rate: float = 4e-4
    probed: int = 1000
    astray: int = 1600
    seed: int = 0


def train(
    network: HandNetwork,
    teacher: HandNetwork,
    eyes: LetterEyes,
    pictures: HandPictures,
    recipe: HandRecipe,
    say: Callable[[str], None] = print,
    each: Callable[[dict[str, Tensor]], None] | None = None,
) -> HandNetwork:
    """Train a network, which is changed, and give the average of its last weights, which reads better.

    Args:
        network: to begin with; the teacher's own weights, or other ones.
        teacher: what judges squares that show no hand, or a part of one.
        eyes: what letters look like.
        pictures: to learn from.
        recipe: how.
        say: is told of the progress.
        each: is given the averaged weights now and then.
    """
    supply = _Supply(teacher, pictures, recipe)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    _fit_landmarks(network, supply, recipe)
    network.train()
    for _, stage in network.stages()[: recipe.kept]:
        stage.requires_grad_(False)
    learning = [parameter for parameter in network.parameters() if parameter.requires_grad]
    optimiser = torch.optim.AdamW(learning, recipe.rate, weight_decay=1e-3)
    average = WeightAverage(network, KEPT)
    batches = supply.batches()

    def answer(step: int) -> _Errors:
        if step == round(recipe.steps * recipe.whole_from):
            network.round()
        set_rate(optimiser, _rate(step, recipe))
        return _errors(network, eyes, batches.get(), recipe.kept)

    began, errors = time.monotonic(), []
    taken = take_steps(processor_fabric(), network, optimiser, range(recipe.steps), answer, clip_norm=20.0)
    for step, given in enumerate(taken):
        average.update()
        errors.append((given.loss.item(), given.points, given.features))
        if step % REPORT == REPORT - 1:
            mean = np.mean(errors[-REPORT:], axis=0)
            speed = REPORT * recipe.batch / (time.monotonic() - began)
            say(
                f"{step + 1}/{recipe.steps}: loss {mean[0]:.2f}, landmarks {mean[1]:.2f} px off, "
                f"features {mean[2]:.3f}, {speed:.0f} crops a second"
            )
            began = time.monotonic()
        if each is not None and step % SAVED == SAVED - 1:
            each(average.weights)
    supply.end()
    average.apply()
    return network.eval()


def _rate(step: int, recipe: HandRecipe) -> float:
    falling = 0.5 * (1 + math.cos(math.pi * step / recipe.steps))
    return recipe.rate * min(1.0, (step + 1) / WARMING) * (0.02 + 0.98 * falling)


def _point_weights() -> Tensor:
    weights = torch.ones(POINTS)
    weights[list(TIPS)], weights[list(LAST_JOINTS)] = 2.0, 1.5
    return (weights / weights.mean())[None, :, None] * torch.tensor([1.0, 1.0, 0.5])


@dataclass(frozen=True)
class _Errors:
    """The loss of a batch; how far landmarks are off, in pixels of the teacher's crop; how far features are."""

    loss: Tensor
    points: float
    features: float


def _errors(network: HandNetwork, eyes: LetterEyes, batch: Batch, kept: int) -> _Errors:
    """Landmarks, the ways between the joints that tell letters apart, presence, which hand, and the letters."""
    wanted, right, present, counts = map(torch.from_numpy, (batch.points, batch.right, batch.present, batch.counts))
    points, presence, rightness = network(as_tensor(batch.crops), kept)
    off = (points - wanted) * SIDE
    places = (_huber(off) * _point_weights()).mean((1, 2))
    told = off[:, list(TOLD_APART)]
    between = (_huber(told[:, :, None] - told[:, None]) * torch.tensor([1.0, 1.0, 0.5])).mean((1, 2, 3))
    loss = ((places + 0.7 * between) * counts).sum() / counts.sum()
    loss = loss + 1.5 * functional.binary_cross_entropy_with_logits(presence, present)
    known = right >= 0
    loss = loss + 0.7 * functional.binary_cross_entropy_with_logits(rightness[known], right[known])
    whole = counts == 1
    turn, mirror = torch.from_numpy(batch.turn)[whole], torch.from_numpy(batch.mirror)[whole]
    seen = eyes.features(points[whole], turn, mirror) - eyes.features(wanted[whole], turn, mirror)
    letters = seen.pow(2).mean()
    return _Errors(loss + LETTERS * letters, float(off[whole].detach().abs().mean()), float(letters.detach()))


def _huber(off: Tensor) -> Tensor:
    return functional.smooth_l1_loss(off, torch.zeros_like(off), beta=BETA, reduction="none")


def _fit_landmarks(network: HandNetwork, supply: "_Supply", recipe: HandRecipe) -> None:
    """Shift, scale and turn the landmarks that come out so that they fit: one linear map for all of them.

    At another size of the crop, the teacher's weights put them beside where they belong, by much the same way each
    time.
    """
    rng = np.random.default_rng([recipe.seed, 9])
    given, wanted = [], []
    network.eval()
    with torch.no_grad():
        for _ in range(max(recipe.probed // recipe.batch, 1)):
            batch = supply.batch(rng)
            hands = batch.counts == 1
            given.append(network(as_tensor(batch.crops[hands]))[0].reshape(-1, 3).double())
            wanted.append(torch.from_numpy(batch.points[hands]).reshape(-1, 3).double())
        x, y = torch.cat(given), torch.cat(wanted)
        solved = torch.linalg.lstsq(torch.cat([x, torch.ones(len(x), 1).double()], 1), y).solution.float()
        turned, shift = solved[:3], solved[3]
        weight = network.points.weight.reshape(POINTS, 3, FEATURES)
        network.points.weight.copy_(torch.einsum("pif,ij->pjf", weight, turned).reshape(3 * POINTS, FEATURES))
        network.points.bias.copy_((network.points.bias.reshape(POINTS, 3) @ turned + shift).reshape(-1))


class _Supply:
    """Makes batches."""

    def __init__(self, teacher: HandNetwork, pictures: HandPictures, recipe: HandRecipe) -> None:
        cv2.setNumThreads(1)
        self._pictures, self._recipe = pictures, recipe
        self._pools = {kind: np.flatnonzero(pictures.kinds == kind) for kind in (*SHARES, NOTHING)}
        shares = {kind: share for kind, share in SHARES.items() if len(self._pools[kind])}
        self._kinds = np.array(list(shares))
        self._shares = np.array(list(shares.values())) / sum(shares.values())
        self._teacher = teacher.eval().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._astray = self._squares_astray(np.random.default_rng([recipe.seed, 5]))
        self._ended = threading.Event()

    def batches(self) -> "queue.Queue[Batch]":
        """Batches, which are made ahead in a thread."""
        made: queue.Queue[Batch] = queue.Queue(6)

        def fill() -> None:
            rng = np.random.default_rng([self._recipe.seed, 1])
            while not self._ended.is_set():
                batch = self.batch(rng)
                while not self._ended.is_set():
                    try:
                        made.put(batch, timeout=0.5)
                        break
                    except queue.Full:
                        continue

        threading.Thread(target=fill, daemon=True).start()
        return made

    def end(self) -> None:
        """No more of them."""
        self._ended.set()

    def batch(self, rng: Generator) -> Batch:
        """One of them."""
        recipe, pictures = self._recipe, self._pictures
        count = recipe.batch
        hands = count - round(ASTRAY * count)
        crops = np.empty((count, recipe.size, recipe.size, 3), np.uint8)
        points = np.zeros((count, POINTS, 3), np.float32)
        right = np.full(count, -1, np.float32)
        present, counts, mirrored = np.ones((3, count), np.float32)
        turn = np.zeros(count, np.float32)
        for row, kind in enumerate(rng.choice(self._kinds, hands, p=self._shares)):
            number = rng.choice(self._pools[int(kind)])
            mirror = bool(rng.random() < 0.5)
            away, landmarks = Away.random(rng), pictures.landmarks[number]
            turn[row] = square_of_landmarks(landmarks).turn + away.turn
            crop, points[row] = look(
                pictures.pixels[number],
                landmarks,
                away,
                recipe.size,
                share=recipe.share,
                mirror=mirror,
            )
            crops[row] = spoil(crop, rng)
            right[row] = abs(pictures.right[number] - mirror)
            if mirror:
                turn[row] *= -1
            mirrored[row] = 1 if right[row] > 0.5 else -1
        chosen = rng.integers(0, len(self._astray[0]), count - hands)
        crops[hands:], points[hands:], present[hands:] = (one[chosen] for one in self._astray)
        counts[hands:] = 0.3 * (present[hands:] > 0.5)
        return Batch(crops, points, right, present, counts, turn, mirrored)

    def _squares_astray(self, rng: Generator) -> tuple[NDArray[np.uint8], NDArray[np.float32], NDArray[np.float32]]:
        """Crops of squares that show no hand, or a part of one, as the teacher sees them: landmarks, presence."""
        size, share = self._recipe.size, self._recipe.share
        crops, large = [], []
        every = np.concatenate([self._pools[int(kind)] for kind in self._kinds])
        nothing = self._pools[NOTHING]
        for _ in range(self._recipe.astray):
            empty = len(nothing) > 0 and rng.random() < 0.4
            number = rng.choice(nothing if empty else every)
            pixels, points = self._pictures.pixels[number], self._pictures.landmarks[number]
            angle, far = rng.uniform(0, 2 * np.pi), rng.uniform(0.35, 1.0)
            turn, factor = rng.uniform(-np.pi, np.pi) / 2, float(np.exp(rng.normal(0, 0.25)))
            away = Away(far * np.cos(angle), far * np.sin(angle), turn, factor)
            if empty:
                middle = len(pixels) / 2
                points = middle + rng.uniform(-0.25, 0.25, (POINTS, 3)).astype(np.float32) * len(pixels)
                away = Away(0, 0, 0, 1)
            seed, mirror = int(rng.integers(1 << 31)), bool(rng.random() < 0.5)
            large.append(spoil(look(pixels, points, away, SIDE, mirror=mirror)[0], np.random.default_rng(seed)))
            crop, _ = look(pixels, points, away, size, share=share, mirror=mirror)
            crops.append(spoil(crop, np.random.default_rng(seed)))
        seen, presence = [], []
        middle_of = torch.tensor([0.5, 0.5, 0.0])
        with torch.no_grad():
            for start in range(0, len(large), 32):
                points_of, logit, _ = self._teacher(as_tensor(np.stack(large[start : start + 32])))
                seen.append(((points_of - middle_of) / share + middle_of).numpy())
                presence.append(logit.sigmoid().numpy())
        landmarks = np.concatenate(seen).astype(np.float32)
        return np.stack(crops), landmarks, np.concatenate(presence)
