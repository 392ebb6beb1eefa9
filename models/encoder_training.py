"""First stage: the encoder learns to tell held letters apart, one frame at a time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from rich.progress import Progress, TextColumn
from torch import Tensor, nn
from torch.utils.data import DataLoader, IterableDataset

from models.augment import augment_still, turn_landmarks
from models.networks import FEATURES, Encoder
from models.stills import Stills
from overlay.crop import CROP_SIZE, normalise_landmarks
from overlay.recognizer import LETTERS

MOVING = tuple(LETTERS.index(letter) for letter in "JZ")  # a frozen J or Z is nothing to learn from
PIXELS_ABSENT, LANDMARKS_ABSENT = 0.25, 0.15  # modality dropout


@dataclass(frozen=True)
class EncoderRecipe:
    """How long and how fast to train."""

    steps: int = 3000
    batch: int = 192
    rate: float = 2e-3
    weight_decay: float = 1e-4
    seed: int = 0


class _StillBatches(IterableDataset[tuple[Tensor, ...]]):
    """Endless batches drawn from several collections, each with its share, and every signer alike."""

    def __init__(self, collections: Sequence[tuple[Stills, float]], recipe: EncoderRecipe) -> None:
        self.collections = [(stills.select(~np.isin(stills.labels, MOVING)), share) for stills, share in collections]
        self.recipe = recipe

    def __iter__(self) -> Iterator[tuple[Tensor, ...]]:
        worker = torch.utils.data.get_worker_info()
        rng = np.random.default_rng([self.recipe.seed, worker.id if worker else 0])
        weights = [_weights(stills) for stills, _ in self.collections]
        while True:
            crops, landmarks, labels, seen, felt = [], [], [], [], []
            for (stills, share), weight in zip(self.collections, weights, strict=True):
                for index in rng.choice(len(weight), round(share * self.recipe.batch), p=weight):
                    has_pixels = stills.crops is not None and rng.random() > PIXELS_ABSENT
                    if has_pixels:
                        assert stills.crops is not None
                        crop, points = augment_still(stills.crops[index], stills.landmarks[index], rng)
                    else:
                        crop = np.zeros((CROP_SIZE, CROP_SIZE, 3), np.uint8)
                        roll = float(np.clip(rng.normal(0, 7), -18, 18))
                        points = normalise_landmarks(turn_landmarks(stills.landmarks[index], rng, roll), mirror=False)
                    crops.append(crop)
                    landmarks.append(points.ravel())
                    labels.append(stills.labels[index])
                    seen.append(float(has_pixels))
                    felt.append(float(not has_pixels or rng.random() > LANDMARKS_ABSENT))
            yield (
                torch.from_numpy(np.stack(crops)),
                torch.from_numpy(np.stack(landmarks)),
                torch.tensor(labels),
                torch.tensor(seen),
                torch.tensor(felt),
            )


def _weights(stills: Stills) -> NDArray[np.float64]:
    """Chance of each picture: signers and letters alike whatever the number of their pictures."""
    _, signer, signers = np.unique(stills.signers, return_inverse=True, return_counts=True)
    _, letter, letters = np.unique(stills.labels, return_inverse=True, return_counts=True)
    weights = 1 / np.sqrt(signers[signer]) / letters[letter]
    result: NDArray[np.float64] = weights / weights.sum()
    return result


def train_encoder(collections: Sequence[tuple[Stills, float]], recipe: EncoderRecipe) -> tuple[Encoder, nn.Linear]:
    """Train an encoder, and a linear classifier of single frames on top of it.

    Args:
        collections: held letters, each with its share of a batch.
        recipe: how long and how fast.
    """
    torch.manual_seed(recipe.seed)
    encoder, head = Encoder(), nn.Linear(FEATURES, len(LETTERS))
    encoder.pixels.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    parameters = [*encoder.parameters(), *head.parameters()]
    optimiser = torch.optim.AdamW(parameters, recipe.rate, weight_decay=recipe.weight_decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, recipe.rate, recipe.steps, pct_start=0.15)
    batches = iter(DataLoader(_StillBatches(collections, recipe), batch_size=None, num_workers=1, prefetch_factor=4))
    loss_shown, right_shown = 0.0, 0.0
    with Progress(*Progress.get_default_columns(), TextColumn("{task.fields[shown]}")) as progress:
        task = progress.add_task("encoder", total=recipe.steps, shown="")
        for step in range(recipe.steps):
            crops, landmarks, labels, seen, felt = next(batches)
            encoder.train()
            logits = head(encoder(crops, landmarks, seen, felt))
            loss = nn.functional.cross_entropy(logits, labels, label_smoothing=0.05)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(parameters, 5.0)
            optimiser.step()
            schedule.step()
            right = (logits.argmax(1) == labels).float().mean().item()
            loss_shown += (loss.item() - loss_shown) * (0.02 if step else 1)
            right_shown += (right - right_shown) * (0.02 if step else 1)
            progress.update(task, advance=1, shown=f"loss {loss_shown:.3f}, right {right_shown:.1%}")
            if step % 100 == 99:
                progress.console.print(f"step {step + 1}: loss {loss_shown:.3f}, right {right_shown:.1%}")
    return encoder.eval(), head.eval()


@torch.no_grad()
def encode_stills(encoder: Encoder, crops: NDArray[np.uint8], landmarks: NDArray[np.float32]) -> NDArray[np.float32]:
    """Features (N, FEATURES) of crops (N, S, S, 3) and normalised landmarks (N, 21, 3)."""
    encoder.eval()
    features = [
        encoder(torch.from_numpy(crops[k : k + 256]), torch.from_numpy(landmarks[k : k + 256]).flatten(1)).numpy()
        for k in range(0, len(crops), 256)
    ]
    return np.concatenate(features)
