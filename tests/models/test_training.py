"""From pictures to a model that the live path runs: small, but all of it real."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from models.augment import augment_still
from models.clips import felt_clip
from models.data.spelling import DELAY
from models.encoder_training import EncoderRecipe, encode_stills, train_encoder
from models.export import export_pair
from models.live import own_pair
from models.networks import FEATURES, Encoder, Temporal
from models.sequences import Rows, encode_clip, rows_of_clip
from models.stills import STORED, Stills, read_landmarks, read_photographs
from models.temporal_training import TemporalRecipe, train_temporal
from overlay.crop import CROP_SIZE, HandCrop, normalise_landmarks
from overlay.errors import SigncapError
from overlay.recognizer import BLANK, LETTERS, Recognizer
from overlay.signer import SignerLook, SyntheticSigner
from overlay.window import MOTION, STEPS, Step


@pytest.fixture(scope="module")
def photographs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pictures of two synthetic signers, one of them left-handed, as SIGNER/LETTER/*.jpg."""
    folder = tmp_path_factory.mktemp("photographs")
    for name, handedness in (("ann", "right"), ("bob", "left")):
        for letter in "ABLY":
            signer = SyntheticSigner(letter, look=SignerLook(handedness=handedness), size=(320, 240))
            _, start, end = signer.letters[0]
            (folder / name / letter).mkdir(parents=True)
            for index, at in enumerate(np.linspace(start + 0.05, end - 0.05, 3)):
                cv2.imwrite(str(folder / name / letter / f"{index}.jpg"), signer.render(float(at)))
    return folder


def test_photographs_become_crops_of_right_hands(photographs: Path, hand_model: Path, tmp_path: Path) -> None:
    (photographs / "ann" / "A" / "broken.jpg").write_bytes(b"no picture")
    stills = read_photographs(photographs, hand_model, tmp_path / "cache.npz")
    assert stills.crops is not None
    assert len(stills.labels) >= 22
    assert set(stills.signers) == {"ann", "bob"}
    assert {LETTERS[label] for label in stills.labels} == set("ABLY")
    # the two signers are mirror images: mirrored back, their hands are alike
    for letter in "LY":
        mean = {
            name: np.mean(
                [
                    normalise_landmarks(points, mirror=False)
                    for points in stills.landmarks[
                        (stills.signers == name) & (stills.labels == LETTERS.index(letter))
                    ]
                ],
                axis=0,
            )
            for name in ("ann", "bob")
        }
        assert np.abs(mean["ann"] - mean["bob"])[:, :2].max() < 0.25
    again = read_photographs(photographs / "absent", hand_model, tmp_path / "cache.npz")
    np.testing.assert_array_equal(again.labels, stills.labels)


def test_a_folder_without_pictures_is_named(tmp_path: Path, hand_model: Path) -> None:
    with pytest.raises(SigncapError, match="No pictures"):
        read_photographs(tmp_path, hand_model)


def test_measured_landmarks_are_of_right_hands_and_signers_can_be_left_out(tmp_path: Path) -> None:
    landmarks = np.random.default_rng(0).uniform(0, 100, (3, 21, 3)).astype(np.float32)
    np.savez(
        tmp_path / "stills.npz",
        landmarks=landmarks,
        letter=np.array(["A", "B", "C"]),
        signer=np.array(["x", "y", "z"]),
        hand=np.array(["right", "left", "right"]),
    )
    stills = read_landmarks(tmp_path / "stills.npz", frozenset({"z"}))
    assert stills.signers.tolist() == ["x", "y"]
    np.testing.assert_array_equal(stills.landmarks[0], landmarks[0])
    np.testing.assert_array_equal(stills.landmarks[1], landmarks[1] * np.array([-1, 1, 1], np.float32))


def test_augmentation_turns_the_picture_and_the_landmarks_together() -> None:
    """A bright spot to the right of the middle, and the landmark on it, go round by the same angle."""
    rng = np.random.default_rng(0)
    middle = STORED / 2
    points = np.zeros((21, 3), np.float32)
    points[:, :2] = middle + np.float32(38) * np.array([[np.cos(a), np.sin(a)] for a in np.linspace(0, 6.0, 21)])
    crop = np.zeros((STORED, STORED, 3), np.uint8)
    cv2.circle(crop, (round(points[0, 0]), round(points[0, 1])), 6, (255, 255, 255), -1)
    seen, felt = [], []
    for _ in range(80):
        turned, landmarks = augment_still(crop, points, rng)
        assert turned.shape == (CROP_SIZE, CROP_SIZE, 3)
        assert np.abs(landmarks[:, :2]).max() < 1
        smooth = cv2.GaussianBlur(turned[:, CROP_SIZE // 2 :].mean(2), (0, 0), 3)
        y, x = np.unravel_index(smooth.argmax(), smooth.shape)
        seen.append(np.arctan2(y - CROP_SIZE / 2, x))
        centre = landmarks[:, :2].mean(0)
        felt.append(np.arctan2(*(landmarks[0, :2] - centre)[::-1]))
    assert np.std(felt) > 0.05
    assert np.median(np.abs(np.array(seen) - np.array(felt))) < 0.12
    assert np.corrcoef(seen, felt)[0, 1] > 0.6


@pytest.mark.slow
def test_both_stages_learn_and_the_exported_model_says_what_pytorch_says(tmp_path: Path) -> None:
    clips = [felt_clip(np.random.default_rng(k), words=1) for k in range(12)]
    landmarks = np.concatenate([clip.landmarks[clip.present & (clip.labels != BLANK)] for clip in clips])
    labels = np.concatenate([clip.labels[clip.present & (clip.labels != BLANK)] for clip in clips])
    stills = Stills(None, landmarks, labels, np.full(len(labels), "synthetic"))
    encoder, head = train_encoder([(stills, 1.0)], EncoderRecipe(steps=60, batch=64, rate=3e-3))
    static = ~np.isin(labels, [LETTERS.index("J"), LETTERS.index("Z")])
    points = torch.from_numpy(np.stack([normalise_landmarks(one, mirror=False).ravel() for one in landmarks]))
    with torch.no_grad():
        right = (head(encoder.felt(points)).argmax(1).numpy() == labels)[static].mean()
    assert right > 0.6  # chance is 0.04

    rng = np.random.default_rng(0)
    sequences = [rows_of_clip(clip, encode_clip(encoder, clip, rng)) for clip in clips]

    def maker(generator: np.random.Generator) -> Rows:
        return sequences[generator.integers(len(sequences))]

    temporal = train_temporal([(maker, 1.0)], TemporalRecipe(steps=80, batch=48))
    sequence = max(sequences, key=lambda rows: len(rows.rows))
    with torch.no_grad():
        answers = temporal.every_step(torch.from_numpy(sequence.rows[None]))[0].argmax(1).numpy()
    assert (answers[DELAY:] == sequence.labels[:-DELAY]).mean() > 0.6

    examples = [(rng.integers(0, 256, (CROP_SIZE, CROP_SIZE, 3), np.uint8), landmarks[0] / 100)]
    export_pair(own_pair(encoder, temporal), tmp_path / "model", name="small", temperature=1.5, examples=examples)
    live = Recognizer(tmp_path / "model")
    assert live.info.name == "small"
    crop = rng.integers(0, 256, (CROP_SIZE, CROP_SIZE, 3), np.uint8)
    normalised = rng.normal(0, 0.4, (21, 3)).astype(np.float32)
    feature = live.encode(HandCrop(crop, normalised, np.zeros((3, 2), np.float32), 1.0))
    np.testing.assert_allclose(feature, encode_stills(encoder, crop[None], normalised[None])[0], atol=1e-3)
    rows = rng.normal(0, 1, (STEPS, FEATURES + MOTION)).astype(np.float32)
    with torch.no_grad():
        wanted = torch.softmax(temporal(torch.from_numpy(rows[None]))[0] / 1.5, 0).numpy()
    np.testing.assert_allclose(live.posteriors(Step(0.0, rows, STEPS)), wanted, atol=1e-3)


def test_each_branch_of_the_encoder_can_be_absent() -> None:
    torch.manual_seed(0)
    encoder = Encoder().eval()
    crop = torch.randint(0, 256, (2, CROP_SIZE, CROP_SIZE, 3), dtype=torch.uint8)
    other = torch.randint(0, 256, (2, CROP_SIZE, CROP_SIZE, 3), dtype=torch.uint8)
    points = torch.randn(2, 63)
    without = torch.zeros(2)
    with torch.no_grad():
        blind = [encoder(picture, points, without, None) for picture in (crop, other)]
        torch.testing.assert_close(blind[0], blind[1])
        torch.testing.assert_close(blind[0], encoder.felt(points))
        assert not torch.allclose(encoder(crop, points), encoder(other, points))


def test_the_networks_state_fits_the_shipped_size() -> None:
    parameters = sum(p.numel() for network in (Encoder(), Temporal()) for p in network.parameters())
    assert parameters * 4 < 5_000_000
