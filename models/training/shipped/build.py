"""How the shipped weights are made, from start to end: `python -m models.training.shipped.build --help`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer
from numpy.random import Generator
from rich.progress import track
from torch import nn

from models.training.data.tree import MOVING_LABELS
from models.training.export.adapters import own_pair
from models.training.export.onnx import export_pair
from models.training.networks.shipped import FEATURES, Encoder, Temporal
from models.training.shipped.augmentation import normalise_all, upright
from models.training.shipped.clips import Clip, stretched
from models.training.shipped.fluent import FluentSpeller, Manner, Passage, hands_of, strokes_of
from models.training.shipped.material import Material, collect_material, gestures_as_stills, letters_as_stills
from models.training.shipped.running_material import Aligned, align_takes, running_examples, running_rows
from models.training.shipped.sequences import (
    HeldLetters,
    Rows,
    encode_clip,
    lingering,
    one_after_other,
    opened,
    rows_of_clip,
    rows_of_passage,
    spell_held_letters,
)
from models.training.shipped.stills import Measured, Stills, join_stills
from models.training.shipped.texts import random_word
from models.training.shipped.train_encoder import (
    EncoderRecipe,
    Examples,
    encode_stills,
    fluent_examples,
    prepare,
    train_encoder,
)
from models.training.shipped.train_temporal import Maker, TemporalRecipe, train_temporal
from overlay.core.errors import SigncapError
from overlay.core.process.parallel import cores
from overlay.enrolment.prototypes import FILE
from overlay.recognition.feature_window import STEPS
from overlay.recognition.hands.hand_model import hand_model_path
from overlay.recognition.landmark_file import RunningTake, read_running
from overlay.recognition.letter_model import LETTERS

NAME = "signcap-seventh"
STROKES = partial(stretched, quickest=0.4, spread=0.3)  # people draw J and Z at very different speeds and sizes
PHOTOGRAPHS, MEASURED = 0.30, 0.42  # of a batch of the encoder: the landmarks of 65 people more are what generalises
FLUENT_LETTERS = 0.45  # beside them
FLUENT_WORDS = 0.4  # of the LSTM's, beside what is strung together of held letters
RUNNING_LETTERS, RUNNING_WORDS = 0.5, 1.0  # the same of running spelling by real people, where there is some
LINGERING = 0.6  # of the sequences with a J or a Z: the hand stays where it has ended, else people get "ZQ" for a Z
EXAMPLES = 16  # pictures with which the exported model is checked


@dataclass(frozen=True)
class Choices:
    """What a model learns with.

    Attributes:
        pixels, landmarks: whether the encoder has that branch.
        trust: how much of what the pixels say counts, where both are there. They learn from ten people, the landmarks
            from 75, so they are surer of themselves with strangers than they may be.
        encoder_steps, temporal_steps: training steps.
        spelled: sequences strung together of held letters.
        fluent: how words are spelled fluently with measured letters; None: they are not.
        passages: such words.
        variants: times that each clip is encoded, each time augmented otherwise.
        seed: of chance.
    """

    pixels: bool = True
    landmarks: bool = True
    trust: float = 0.5
    encoder_steps: int = 6000
    temporal_steps: int = 2400
    spelled: int = 2500
    variants: int = 3
    fluent: Manner | None = field(default_factory=Manner)
    passages: int = 6000
    seed: int = 0


@dataclass(frozen=True)
class Trained:
    """A model: encoder, classifier of single frames (FEATURES → CLASSES), and LSTM."""

    encoder: Encoder
    head: nn.Linear
    temporal: Temporal


def train_model(
    material: Material,
    choices: Choices,
    examples: list[Examples] | None = None,
    running: Sequence[RunningTake] = (),
) -> Trained:
    """Train the encoder, then the LSTM on its features.

    With running spelling by real people both are trained twice: first without it, to tell when each letter is made.

    Args:
        material: to learn from.
        choices: how.
        examples: what `encoder_examples` gave for that material, if it is there already.
        running: texts that people spelled, landmarks only.
    """
    examples = encoder_examples(material, choices.seed) if examples is None else examples
    passages = fluent_passages(material, choices)
    if passages:
        rng = np.random.default_rng([choices.seed, 9])
        examples = [*examples, fluent_examples(passages, FLUENT_LETTERS, rng)]
    trained = _train(material, passages, examples, [], choices)
    if not running:
        return trained
    # When each letter of the texts is made, a model says that has not learnt from them.
    rng = np.random.default_rng([choices.seed, 11])
    aligned = align_takes(trained.encoder, trained.temporal, running, rng)
    if not aligned:
        raise SigncapError("No take of running spelling fits its text: see that texts and landmarks belong together.")
    examples = [*examples, running_examples(aligned, RUNNING_LETTERS)]
    return _train(material, passages, examples, aligned, choices)


def _train(
    material: Material, passages: list[Passage], examples: list[Examples], aligned: list[Aligned], choices: Choices
) -> Trained:
    recipe = EncoderRecipe(
        steps=choices.encoder_steps, seed=choices.seed, pixels=choices.pixels, landmarks=choices.landmarks
    )
    encoder, head = train_encoder(examples, recipe)
    if choices.pixels and choices.landmarks:
        encoder.trust_pixels(choices.trust)
    makers = _makers(encoder, material, passages, choices)
    if aligned:
        rows = running_rows(encoder, aligned, np.random.default_rng([choices.seed, 12]))
        makers.append((partial(_words, rows), RUNNING_WORDS))
    temporal = train_temporal(makers, TemporalRecipe(steps=choices.temporal_steps, seed=choices.seed))
    return Trained(encoder, head, temporal)


def encoder_examples(material: Material, seed: int = 0) -> list[Examples]:
    """What the encoder learns from, augmented.

    Gestures are among it: without them it reads letters from unusual sides better, but three times as many letters
    come where nobody signs.
    """
    rng = np.random.default_rng([seed, 7])
    examples = [
        prepare(material.photographs, PHOTOGRAPHS, rng, 6, "photographs"),
        prepare(material.measured, MEASURED, rng),
    ]
    if material.seen:
        examples.append(prepare(letters_as_stills(material.seen), 0.3, rng, 2, "synthetic letters"))
    if material.gestures:
        examples.append(prepare(gestures_as_stills(material.gestures), 0.1, rng, 2, "gestures"))
    return examples


def fluent_passages(material: Material, choices: Choices) -> list[Passage]:
    """Words spelled fluently with the letters of everybody who was measured or photographed."""
    if choices.fluent is None or not choices.landmarks:
        return []
    everybody = join_stills([material.measured, material.photographs])
    speller = FluentSpeller(hands_of(everybody, strokes_of(material.moved)), choices.fluent)
    rng = np.random.default_rng([choices.seed, 10])
    return [
        speller.spell(random_word(rng), rng) for _ in track(range(choices.passages), description="spelling fluently")
    ]


def _makers(
    encoder: Encoder, material: Material, passages: list[Passage], choices: Choices
) -> list[tuple[Maker, float]]:
    """What the LSTM learns from, each with its share of a batch."""
    rng = np.random.default_rng([choices.seed, 8])
    pixels, landmarks = choices.pixels, choices.landmarks
    encode = partial(encode_clip, encoder, pixels=pixels, landmarks=landmarks)
    held = HeldLetters.encode(encoder, material.photographs, rng, pixels=pixels, landmarks=landmarks)
    seen = _clip_rows(encode, material.seen, rng, choices.variants, "rendered clips")
    makers = [
        (_any_of([opened(rows) for rows in _some_linger(seen, rng)]), 0.4),
        (_any_of(_clip_rows(encode, material.gestures, rng, choices.variants, "gestures")), 0.5),
        (_any_of(_spelled(held, rng, choices.spelled, "photographs")), 0.45),
    ]
    if landmarks:  # what follows has no pixels
        measured = HeldLetters.encode(encoder, material.measured, rng, variants=2)
        felt = _clip_rows(encode, material.felt, rng, 1, "clips of landmarks")
        moved = _clip_rows(encode, material.moved, rng, 4 * choices.variants, "J and Z", STROKES)
        makers += [
            (_any_of([opened(rows) for rows in _some_linger(felt, rng)]), 0.55),
            (_any_of(_some_linger(moved, rng)), 0.2),
            (_any_of(_clip_rows(encode, material.felt_gestures, rng, 1, "gestures' landmarks")), 0.4),
            (_any_of(_spelled(measured, rng, choices.spelled, "measured landmarks")), 0.45),
        ]
        fluent = [
            opened(rows_of_passage(encoder, passage, rng))
            for passage in track(passages, description="encoding fluent words")
        ]
        if fluent:
            makers.append((partial(_words, fluent), FLUENT_WORDS))
    return [(maker, share) for maker, share in makers if maker is not None]


def _clip_rows(
    encode: Callable[..., np.ndarray],
    clips: list[Clip],
    rng: Generator,
    variants: int,
    name: str,
    stretch: Callable[[Clip, Generator], Clip] = stretched,
) -> list[Rows]:
    return [
        rows_of_clip(stretch(clip, rng) if number else clip, encode(clip, rng=rng))
        for clip in track(clips, description=f"encoding {name}", disable=not clips)
        for number in range(variants)
    ]


def _some_linger(sequences: list[Rows], rng: Generator) -> list[Rows]:
    return [lingering(rows, rng) if rng.random() < LINGERING else rows for rows in sequences]


def _spelled(held: HeldLetters, rng: Generator, count: int, name: str) -> list[Rows]:
    return [
        spell_held_letters(held, rng, 2 * STEPS)
        for _ in track(range(count), description=f"stringing {name} together")
    ]


def _any_of(sequences: list[Rows]) -> Maker | None:
    return partial(_pick, sequences) if sequences else None


def _words(passages: list[Rows], rng: Generator) -> Rows:
    return one_after_other(passages, rng, 2 * STEPS)


def _pick(sequences: list[Rows], rng: Generator) -> Rows:
    return sequences[rng.integers(len(sequences))]


def export_model(trained: Trained, stills: Stills, out: Path, *, name: str = NAME, temperature: float = 1.0) -> None:
    """Write a model as the live path runs it, with what enrolment needs, checked on some of the stills."""
    assert stills.crops is not None
    chosen = np.linspace(0, len(stills.labels) - 1, EXAMPLES).astype(int)
    points = normalise_all(stills.landmarks[chosen])
    crops = [upright(stills.crops[index], stills.landmarks[index]) for index in chosen]
    pair = own_pair(trained.encoder, trained.temporal)
    export_pair(pair, out, name=name, temperature=temperature, examples=list(zip(crops, points, strict=True)))
    write_letter_means(trained.encoder, stills, out)


def write_letter_means(encoder: Encoder, stills: Stills, out: Path) -> None:
    """Write the mean feature of each letter over signers, which enrolment starts from; of J and Z it is zero."""
    assert stills.crops is not None
    crops = np.stack([upright(*pair) for pair in zip(stills.crops, stills.landmarks, strict=True)])
    features = encode_stills(encoder, crops, normalise_all(stills.landmarks))
    means = np.zeros((len(LETTERS), FEATURES), np.float32)
    for label in np.unique(stills.labels[~np.isin(stills.labels, MOVING_LABELS)]):
        mine = stills.labels == label
        signers = np.unique(stills.signers[mine])
        means[label] = np.mean([features[mine & (stills.signers == signer)].mean(0) for signer in signers], axis=0)
    np.savez(out / FILE, mean=means)


def main(
    photographs: Annotated[Path, typer.Option(help="Folder of SIGNER/LETTER/*.jpg.")],
    landmarks: Annotated[Path, typer.Option(help="Landmarks of held letters, .npz.")],
    motion: Annotated[list[Path], typer.Option(help="Landmarks of J and Z as motion, .npz; as often as you like.")],
    out: Annotated[Path, typer.Option(help="Folder for the finished model.")],
    measured: Annotated[
        list[str] | None,
        typer.Option(metavar="FILE,W:H[,left]", help="One more signer's landmarks, as fractions of pictures of W:H."),
    ] = None,
    running: Annotated[
        list[Path] | None,
        typer.Option(
            help="Running spelling by real people, .npz as `signcap import` writes it; as often as you like."
        ),
    ] = None,
    digits: Annotated[Path | None, typer.Option(help="Folder of SIGNER/DIGIT/*.jpg that a hand fills.")] = None,
    work: Annotated[Path, typer.Option(help="Folder for what can be used again.")] = Path("build/recipe"),
    clips: Annotated[int, typer.Option(help="Rendered clips of the synthetic signer.")] = 400,
    gestures: Annotated[int, typer.Option(help="Rendered clips of gestures that are no letters.")] = 160,
    encoder_steps: Annotated[int, typer.Option(help="Training steps of the encoder.")] = 6000,
    temporal_steps: Annotated[int, typer.Option(help="Training steps of the LSTM.")] = 2400,
    temperature: Annotated[
        float, typer.Option(help="Divides the logits, so that confidences come true: bench/people.py fits it.")
    ] = 1.0,
    seed: int = 0,
) -> None:
    """Train the encoder, then the LSTM, and export both."""
    torch.set_num_threads(cores())
    material = collect_material(
        photographs,
        landmarks,
        motion,
        hand_model_path(),
        work,
        measured=[Measured.of(one) for one in measured or ()],
        digits=digits,
        clips=clips,
        gestures=gestures,
        seed=seed,
        jobs=cores(),
    )
    choices = Choices(encoder_steps=encoder_steps, temporal_steps=temporal_steps, seed=seed)
    trained = train_model(material, choices, running=[take for path in running or () for take in read_running(path)])
    export_model(trained, material.photographs, out, temperature=temperature)
    print(f"Wrote the model to {out}.")


if __name__ == "__main__":
    typer.run(main)
