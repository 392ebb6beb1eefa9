"""How the shipped weights are made, from start to end: `python -m models.recipe --help`."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer
from numpy.random import Generator
from rich.progress import track

from models.augment import augment_still
from models.clips import (
    SIZES,
    Clip,
    feel,
    felt_clip,
    load_clips,
    motion_clips,
    random_gestures,
    save_clips,
    see,
    seen_clip,
    stills_of,
)
from models.encoder_training import EncoderRecipe, train_encoder
from models.export import export_pair
from models.live import own_pair
from models.networks import Encoder
from models.sequences import HeldLetters, Rows, encode_clip, rows_of_clip, spell_held_letters
from models.stills import Stills, read_landmarks, read_photographs
from models.temporal_training import Maker, TemporalRecipe, train_temporal
from models.training.checkpoint import load_weights, read_checkpoint, save_checkpoint
from overlay.hand_model import hand_model_path
from overlay.window import STEPS

FELT, FELT_GESTURES = 500, 150  # clips of landmarks alone
SPELLED = 2500  # sequences strung together of held letters
VARIANTS = 3  # times each clip is encoded, each time augmented otherwise


def _render(make: Callable[[Generator], Clip], count: int, seed: list[int], cache: Path, name: str) -> list[Clip]:
    """Rendered clips, kept in a file: they take MediaPipe's time."""
    if cache.exists():
        return load_clips(cache)
    clips = [make(np.random.default_rng([*seed, k])) for k in track(range(count), description=f"rendering {name}")]
    cache.parent.mkdir(parents=True, exist_ok=True)
    save_clips(clips, cache)
    return clips


def _rows(encoder: Encoder, clips: list[Clip], rng: Generator, variants: int, name: str) -> list[Rows]:
    return [
        rows_of_clip(clip, encode_clip(encoder, clip, rng))
        for clip in track(clips, description=f"encoding {name}")
        for _ in range(variants)
    ]


def _spelled(held: HeldLetters, rng: Generator, name: str) -> list[Rows]:
    return [
        spell_held_letters(held, rng, 2 * STEPS)
        for _ in track(range(SPELLED), description=f"stringing {name} together")
    ]


def _pick(sequences: list[Rows], rng: Generator) -> Rows:
    return sequences[rng.integers(len(sequences))]


def _makers(
    encoder: Encoder,
    photographs: Stills,
    landmarks: Stills,
    seen: list[Clip],
    felt: list[Clip],
    moved: list[Clip],
    gestures: list[Clip],
    felt_gestures: list[Clip],
) -> list[tuple[Maker, float]]:
    """What the LSTM learns from, each with its share of a batch."""
    rng = np.random.default_rng(1)
    held = HeldLetters.encode(encoder, photographs, rng)
    measured = HeldLetters.encode(encoder, landmarks, rng, variants=2)
    return [
        (partial(_pick, _rows(encoder, seen, rng, VARIANTS, "rendered clips")), 0.42),
        (partial(_pick, _rows(encoder, felt, rng, 1, "clips of landmarks")), 0.15),
        (partial(_pick, _rows(encoder, moved, rng, VARIANTS, "J and Z")), 0.08),
        (partial(_pick, _rows(encoder, gestures, rng, VARIANTS, "gestures")), 0.14),
        (partial(_pick, _rows(encoder, felt_gestures, rng, 1, "gestures' landmarks")), 0.05),
        (partial(_pick, _spelled(held, rng, "photographs")), 0.23),
        (partial(_pick, _spelled(measured, rng, "measured landmarks")), 0.12),
    ]


def main(
    photographs: Annotated[Path, typer.Option(help="Folder of SIGNER/LETTER/*.jpg.")],
    landmarks: Annotated[Path, typer.Option(help="Landmarks of held letters, .npz.")],
    motion: Annotated[Path, typer.Option(help="Landmarks of J and Z as motion, .npz.")],
    out: Annotated[Path, typer.Option(help="Folder for the finished model.")],
    work: Annotated[Path, typer.Option(help="Folder for what can be used again.")] = Path("build/recipe"),
    clips: Annotated[int, typer.Option(help="Rendered clips of the synthetic signer.")] = 300,
    gestures: Annotated[int, typer.Option(help="Rendered clips of gestures that are no letters.")] = 110,
    encoder_steps: Annotated[int, typer.Option(help="Training steps of the encoder.")] = 3000,
    temporal_steps: Annotated[int, typer.Option(help="Training steps of the LSTM.")] = 3000,
    seed: int = 0,
) -> None:
    """Train the encoder, then the LSTM, and export both."""
    torch.set_num_threads(2)
    hand_model = hand_model_path()
    photos = read_photographs(photographs, hand_model, work / "photographs.npz")
    # The signers with photographs are in the landmark file as well: once is enough.
    measured = read_landmarks(landmarks, frozenset(photos.signers.tolist()))
    seen = _render(lambda rng: seen_clip(rng, hand_model), clips, [seed, 0], work / "clips.npz", "signers")
    waved = _render(
        lambda rng: see(random_gestures(rng, SIZES[rng.integers(len(SIZES))]), rng, hand_model),
        gestures,
        [seed, 1],
        work / "gestures.npz",
        "gestures",
    )
    felt = [felt_clip(np.random.default_rng([seed, 2, k])) for k in range(FELT)]
    felt_waved = []
    for k in range(FELT_GESTURES):
        rng = np.random.default_rng([seed, 3, k])
        felt_waved.append(feel(random_gestures(rng, (640, 480)), rng))
    saved = work / "encoder.safetensors"
    encoder = Encoder()
    if saved.exists():
        weights, _, _ = read_checkpoint(saved)
        load_weights(encoder, weights, saved)
        encoder.eval()
    else:
        collections = [(photos, 0.5), (measured, 0.25), (stills_of(seen), 0.25)]
        encoder, _ = train_encoder(collections, EncoderRecipe(steps=encoder_steps, seed=seed))
        save_checkpoint(saved, encoder.state_dict(), {"network": "encoder"})
    makers = _makers(encoder, photos, measured, seen, felt, list(motion_clips(motion)), waved, felt_waved)
    temporal = train_temporal(makers, TemporalRecipe(steps=temporal_steps, seed=seed))
    assert photos.crops is not None
    examples = [
        augment_still(photos.crops[index], photos.landmarks[index], np.random.default_rng(index))
        for index in range(0, len(photos.labels), max(1, len(photos.labels) // 16))
    ]
    export_pair(own_pair(encoder, temporal), out, name="signcap-first", temperature=1.0, examples=examples)
    print(f"Wrote the model to {out}.")


if __name__ == "__main__":
    typer.run(main)
