"""How the recogniser does on people it has not seen, and what each part of it is worth.

python bench/people.py --photographs DIR --landmarks FILE --motion FILE --others DIR [--work build/recipe]

Trains with a shortened recipe (`models/training/shipped/build.py`), again and again:

- without one pair of the photographed signers after the other, and reads those two: no signer is ever read by a model
  that has seen them. The temperature at which confidences come true is fitted on these answers;
- with pixels only, landmarks only, without the synthetic signer, without the LSTM, and reads the people in --others.

Prints two tables. Everything is read as the live path reads a sign held for one second, of hands that were found.
"""

import argparse
import contextlib
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from models.evaluation.held_out import read_stills, score
from models.training.engine.predict import fit_temperature
from models.training.shipped.augmentation import normalise_all, upright
from models.training.shipped.build import Choices, Trained, encoder_examples, export_model, train_model
from models.training.shipped.fluent import Manner
from models.training.shipped.material import Material, collect_material
from models.training.shipped.stills import Measured, Stills, read_photographs
from models.training.shipped.train_encoder import encode_stills
from overlay.core.process.parallel import cores
from overlay.core.settings import Decoding
from overlay.recognition.hands.hand_model import hand_model_path
from overlay.recognition.letter_model import BLANK, LETTERS, LetterModel


@contextlib.contextmanager
def exported(trained: Trained, material: Material) -> Iterator[LetterModel]:
    with tempfile.TemporaryDirectory() as folder:
        export_model(trained, material.photographs, Path(folder), name="bench")
        yield LetterModel(Path(folder))


def one_by_one(trained: Trained, stills: Stills) -> list[str]:
    """Without the LSTM: what the classifier of single frames says, where it is sure enough."""
    assert stills.crops is not None
    crops = np.stack([upright(*pair) for pair in zip(stills.crops, stills.landmarks, strict=True)])
    features = encode_stills(trained.encoder, crops, normalise_all(stills.landmarks))
    with torch.no_grad():
        sure = trained.head(torch.from_numpy(features)).softmax(1).numpy()
    threshold = Decoding().letter_confidence
    return [
        LETTERS[best] if best != BLANK and row[best] >= threshold else ""
        for row, best in zip(sure, sure.argmax(1), strict=True)
    ]


def held_out(material: Material, choices: Choices, pairs: int) -> None:
    examples = encoder_examples(material, choices.seed)
    names = sorted(set(material.photographs.signers.tolist()))
    shares: dict[str, float] = {}
    logs, labels = [], []
    for fold in range(pairs):
        absent = names[fold::pairs]
        print(f"without {', '.join(absent)}", flush=True)
        trained = train_model(material.without(absent), choices, [one.without(absent) for one in examples])
        stills = material.photographs.select(np.isin(material.photographs.signers, absent))
        with exported(trained, material) as letter_model:
            answers = read_stills(letter_model, stills)
        shares |= score(answers.texts, stills).shares
        logs.append(answers.logs)
        labels.append(torch.from_numpy(stills.labels))
        print(shares, flush=True)
    print("\n| signer | right, of those found, never seen |\n|---|---|")
    for name, share in sorted(shares.items()):
        print(f"| {name} | {share:.1%} |")
    print(f"| **mean** | **{np.mean(list(shares.values())):.1%}** |\n| **worst** | **{min(shares.values()):.1%}** |")
    print(f"\nTemperature: {fit_temperature(torch.cat(logs), torch.cat(labels)):.3f}", flush=True)


def ablation(material: Material, choices: Choices, others: Stills) -> None:
    examples = encoder_examples(material, choices.seed)
    real = material.without_synthetic()
    lines: list[tuple[str, list[str]]] = []

    def variant(name: str, material: Material, choices: Choices, read: Callable[[LetterModel], list[str]]) -> Trained:
        print(name, flush=True)
        trained = train_model(material, choices, examples[: 2 if not material.seen else None])
        with exported(trained, material) as letter_model:
            texts = read(letter_model)
        lines.append((name, texts))
        print(score(texts, others).shares, flush=True)
        return trained

    def see(letter_model: LetterModel) -> list[str]:
        return read_stills(letter_model, others).texts

    both = variant("pixels and landmarks", material, choices, see)
    lines.append(("the same without the LSTM", one_by_one(both, others)))
    variant("the same without the synthetic signer", real, choices, see)
    without_pixels = replace(choices, pixels=False)
    variant("landmarks only", material, without_pixels, lambda it: read_stills(it, others, pixels=False).texts)
    variant("pixels only", material, replace(choices, landmarks=False), see)
    print("\n| learnt and read with | mean | worst signer | most frequent errors |\n|---|---|---|---|")
    for name, texts in lines:
        result = score(texts, others)
        errors = ", ".join(f"{a}→{b or 'nothing'}" for (a, b), _ in result.confusions.most_common(5))
        print(f"| {name} | {result.mean:.1%} | {result.worst:.1%} | {errors} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("photographs", "landmarks"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--motion", type=Path, action="append", required=True)
    parser.add_argument("--measured", action="append", default=[], help="FILE,W:H[,left], as often as you like")
    parser.add_argument("--digits", type=Path)
    parser.add_argument("--others", type=Path, help="SIGNER/LETTER/*.jpg of people who are never trained on")
    parser.add_argument("--work", type=Path, default=Path("build/recipe"))
    parser.add_argument("--clips", type=int, default=400)
    parser.add_argument("--gestures", type=int, default=160)
    parser.add_argument(
        "--pairs", type=int, default=5, help="how often to train without some signers, 2 or more; 0: never"
    )
    parser.add_argument("--encoder-steps", type=int, default=2500)
    parser.add_argument("--temporal-steps", type=int, default=1500)
    parser.add_argument("--spelled", type=int, default=1000, help="sequences strung together of held letters")
    parser.add_argument("--passages", type=int, default=3000, help="words spelled fluently; 0: none")
    parser.add_argument("--trust", type=float, default=Choices.trust, help="how much the pixels count, 0 to 1")
    parser.add_argument("--threads", type=int, default=cores())
    given = parser.parse_args()
    if given.pairs == 1:
        parser.error("--pairs 1 would leave nobody to learn from: give 2 or more, or 0.")
    torch.set_num_threads(given.threads)
    hand_model = hand_model_path()
    material = collect_material(
        given.photographs,
        given.landmarks,
        given.motion,
        hand_model,
        given.work,
        measured=[Measured.of(one) for one in given.measured],
        digits=given.digits,
        clips=given.clips,
        gestures=given.gestures,
        seed=0,
        jobs=given.threads,
    )
    choices = Choices(
        encoder_steps=given.encoder_steps,
        temporal_steps=given.temporal_steps,
        spelled=given.spelled,
        variants=1,
        passages=given.passages,
        fluent=Manner() if given.passages else None,
        trust=given.trust,
    )
    if given.pairs:
        held_out(material, choices, given.pairs)
    if given.others is not None:
        cache = given.work / "others.npz"
        others = read_photographs(given.others, hand_model, cache, jobs=given.threads, one_hand=False)
        ablation(material, choices, others)


if __name__ == "__main__":
    main()
