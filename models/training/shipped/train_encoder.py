"""First stage: the encoder learns to tell held letters apart, one frame at a time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from rich.progress import track
from torch import Tensor, nn

from models.training.data.tree import MOVING_LABELS
from models.training.engine.average import WeightAverage
from models.training.engine.steps import Answer, train_one_cycle
from models.training.networks.shipped import FEATURES, Edges, Encoder
from models.training.shipped.augmentation import STORED, augment_crop, normalise_all, turn_landmarks
from models.training.shipped.fluent import Passage
from models.training.shipped.stills import Stills
from overlay.media.frame import Pixels
from overlay.recognition.letter_model import CLASSES

MIRRORED = 0.15  # MediaPipe takes a hand that it sees from the side, or the back of, for the other one
BACK = 0.6  # share of those that show the back: what is near is far
AVERAGED = 0.999  # share of the average that stays with each step: the weights that are kept are an average
NEW_ROOM = 0.5  # share of the crops whose background is replaced
BACKGROUNDS = 512
ALONE = 0.5  # weight of what each branch, and each of the committee, says alone: none can rely on another
SMOOTHING = 0.05  # of labels
CHUNK = 256  # pictures at once


@dataclass(frozen=True)
class EncoderRecipe:
    """How long and how fast to train, and with what.

    Attributes:
        steps, batch, rate, weight_decay, seed: as usual.
        pixels, landmarks: whether that branch is there at all.
    """

    steps: int = 6000
    batch: int = 256
    rate: float = 3e-3
    weight_decay: float = 2e-3
    seed: int = 0
    pixels: bool = True
    landmarks: bool = True


@dataclass(frozen=True)
class Examples:
    """Held letters, and hands that show none, ready to be drawn from.

    Attributes:
        cells: uint8 (N, V, WAYS, CELLS, CELLS), what `Edges` gives for V variants, times `Edges.STRENGTH`; or None.
        landmarks: float32 (N, 21, 3), in pixels.
        labels: int (N,); `BLANK` for hands that show no letter.
        signers: str (N,).
        share: of a batch.
    """

    cells: NDArray[np.uint8] | None
    landmarks: NDArray[np.float32]
    labels: NDArray[np.int64]
    signers: NDArray[np.str_]
    share: float

    def without(self, signers: Sequence[str]) -> "Examples":
        """Those of other people."""
        keep = ~np.isin(self.signers, list(signers))
        cells = None if self.cells is None else self.cells[keep]
        return Examples(cells, self.landmarks[keep], self.labels[keep], self.signers[keep], self.share)

    def weights(self) -> NDArray[np.float64]:
        """Chance of each, (N,): signers and letters alike whatever the number of their pictures."""
        _, signer, signers = np.unique(self.signers, return_inverse=True, return_counts=True)
        _, letter, letters = np.unique(self.labels, return_inverse=True, return_counts=True)
        weights: NDArray[np.float64] = 1 / np.sqrt(signers[signer]) / letters[letter]
        weights /= weights.sum()
        return weights


def prepare(stills: Stills, share: float, rng: np.random.Generator, variants: int = 6, name: str = "") -> Examples:
    """Stills without J and Z as examples; each crop is augmented `variants` times.

    Args:
        stills: `BLANK` as label is allowed.
        share: of a batch.
        rng: decides how.
        variants: of each crop.
        name: for the progress bar.
    """
    stills = stills.select(~np.isin(stills.labels, MOVING_LABELS))
    cells = None
    if stills.crops is not None:
        edges, rooms = Edges(), _backgrounds(stills.crops, rng)
        chunks = []
        for start in track(range(0, len(stills.labels), CHUNK), description=f"edges of {name}"):
            part = range(start, min(start + CHUNK, len(stills.labels)))
            crops = [
                augment_crop(stills.crops[index], stills.landmarks[index], rng, _room(rooms, rng))
                for index in part
                for _ in range(variants)
            ]
            seen = store(edges(torch.from_numpy(np.stack(crops))))
            chunks.append(seen.reshape(len(part), variants, *seen.shape[1:]))
        cells = np.concatenate(chunks)
    return Examples(cells, stills.landmarks, stills.labels, stills.signers, share)


def fluent_examples(passages: Sequence[Passage], share: float, rng: np.random.Generator, each: int = 5) -> Examples:
    """Frames of fluent spelling in which a letter is clearly made, some of each passage; all letters but J and Z."""
    landmarks, labels, names = [], [], []
    for number, passage in enumerate(passages):
        made = passage.clear & ~np.isin(passage.labels, MOVING_LABELS)
        frames = np.flatnonzero(made)
        if len(frames) == 0:
            continue
        frames = rng.choice(frames, min(each, len(frames)), replace=False)
        landmarks.append(passage.landmarks[frames])
        labels.append(passage.labels[frames])
        names.append(np.full(len(frames), f"fluent {number}"))
    return Examples(None, np.concatenate(landmarks), np.concatenate(labels), np.concatenate(names), share)


def store(cells: Tensor) -> NDArray[np.uint8]:
    """Cells as bytes."""
    return (cells * Edges.STRENGTH).round().clamp(0, 255).byte().numpy()


def _room(rooms: list[Pixels], rng: np.random.Generator) -> Pixels | None:
    return rooms[rng.integers(len(rooms))] if rng.random() < NEW_ROOM else None


def _backgrounds(crops: NDArray[np.uint8], rng: np.random.Generator) -> list[Pixels]:
    """Pieces of other pictures, enlarged until they hardly show a hand any more."""
    rooms = []
    for index in rng.integers(len(crops), size=BACKGROUNDS):
        side = int(rng.integers(24, 80))
        y, x = rng.integers(0, STORED - side, 2)
        piece = np.rot90(crops[index][y : y + side, x : x + side], int(rng.integers(4)))
        rooms.append(np.asarray(cv2.resize(piece, (STORED, STORED), interpolation=cv2.INTER_CUBIC), np.uint8))
    return rooms


def _batches(examples: Sequence[Examples], recipe: EncoderRecipe) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """Endless (cells, landmarks, labels); those with cells come first."""
    rng = np.random.default_rng(recipe.seed)
    ordered = [(one, one.weights()) for one in sorted(examples, key=lambda one: one.cells is None)]
    while True:
        cells, landmarks, labels = [], [], []
        for one, weights in ordered:
            index = rng.choice(len(one.labels), round(one.share * recipe.batch), p=weights)
            mirrored = rng.random(len(index)) < MIRRORED
            roll = np.clip(rng.normal(0, 8, len(index)), -22, 22)
            turned = normalise_all(turn_landmarks(one.landmarks[index], rng, roll), mirrored)
            turned[mirrored & (rng.random(len(index)) < BACK), :, 2] *= -1
            landmarks.append(turned)
            labels.append(one.labels[index])
            if one.cells is not None and recipe.pixels:
                seen = torch.from_numpy(one.cells[index, rng.integers(one.cells.shape[1], size=len(index))])
                seen = (
                    seen.float()
                    / Edges.STRENGTH
                    * torch.from_numpy(np.exp(rng.normal(0, 0.1, (len(index), 1, 1, 1))).astype(np.float32))
                )
                flip = torch.from_numpy(mirrored)[:, None, None, None]
                cells.append(torch.where(flip, Edges.mirrored(seen), seen))
        points = torch.from_numpy(np.concatenate(landmarks)).flatten(1)
        yield torch.cat(cells) if cells else points[:0], points, torch.from_numpy(np.concatenate(labels))


def train_encoder(examples: Sequence[Examples], recipe: EncoderRecipe) -> tuple[Encoder, nn.Linear]:
    """Train an encoder, and a linear classifier of single frames on top of it.

    What is kept is an average of the weights.

    Args:
        examples: each with its share of a batch.
        recipe: how long and how fast.

    Returns:
        The encoder, and the classifier (FEATURES → CLASSES).
    """
    torch.manual_seed(recipe.seed)
    encoder, head = Encoder(), nn.Linear(FEATURES, CLASSES)
    encoder.pixels.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    both = nn.ModuleList([encoder, head])
    average = WeightAverage(both, AVERAGED)

    def after_step(step: int) -> None:
        if step >= recipe.steps // 25:  # the first weights mean nothing
            average.update()

    train_one_cycle(
        "encoder",
        both,
        _batches(examples, recipe),
        partial(_answer, encoder, head, recipe),
        steps=recipe.steps,
        rate=recipe.rate,
        weight_decay=recipe.weight_decay,
        rise=0.15,
        clip_norm=5.0,
        report=500,
        after_step=after_step,
    )
    average.apply()
    if not recipe.landmarks:  # a branch that learnt nothing must say nothing
        encoder.landmarks.silence()
    return encoder.eval(), head.eval()


def _answer(encoder: Encoder, head: nn.Linear, recipe: EncoderRecipe, batch: tuple[Tensor, Tensor, Tensor]) -> Answer:
    """The loss of a batch, and what both branches together read in it, or what there is of them."""
    cells, landmarks, labels = batch
    seen = len(cells)  # the first so many
    if not recipe.landmarks:
        landmarks, labels = landmarks[:seen], labels[:seen]
    each = encoder.landmarks.each(landmarks)
    joint = torch.stack(each).mean(0) * float(recipe.landmarks)
    alone = [(felt, labels) for felt in (joint, *each)] if recipe.landmarks else []
    if seen:
        shown = encoder.look(cells.contiguous(memory_format=torch.channels_last), landmarks[:seen])
        joint = torch.cat([joint[:seen] + shown, joint[seen:]])
        alone.append((shown, labels[:seen]))
    logits: Tensor = head(encoder.norm(joint))
    loss = nn.functional.cross_entropy(logits, labels, label_smoothing=SMOOTHING)
    for feature, wanted in alone:
        loss = loss + ALONE * nn.functional.cross_entropy(
            head(encoder.norm(feature)), wanted, label_smoothing=SMOOTHING
        )
    return Answer(loss, logits.argmax(1), labels)


@torch.no_grad()
def encode_stills(
    encoder: Encoder, crops: NDArray[np.uint8] | None, points: NDArray[np.float32], *, landmarks: bool = True
) -> NDArray[np.float32]:
    """Features (N, FEATURES) of upright crops (N, S, S, 3), if there are any, and normalised landmarks (N, 21, 3).

    Without `landmarks` they only say how the hand was turned.
    """
    encoder.eval()
    features = []
    for k in range(0, len(points), CHUNK):
        felt = torch.from_numpy(points[k : k + CHUNK]).flatten(1)
        if crops is None:
            part = encoder.felt(felt)
        else:
            has = torch.full((len(felt),), float(landmarks))
            part = encoder(torch.from_numpy(crops[k : k + CHUNK]), felt, None, has)
        features.append(part.numpy())
    return np.concatenate(features)
