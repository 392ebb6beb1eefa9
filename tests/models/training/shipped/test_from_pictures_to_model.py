"""From pictures to a model that the live path runs: small, but all of it real."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from models.training.data.rows import DELAY
from models.training.export.adapters import own_pair
from models.training.export.onnx import export_pair
from models.training.networks.shipped import CELLS, FEATURES, WAYS, Edges, Encoder, Temporal
from models.training.shipped.augmentation import (
    STORED,
    STORED_MARGIN,
    Landmarks,
    augment_crop,
    normalise_all,
    put_behind,
    turn_landmarks,
)
from models.training.shipped.clips import felt_clip
from models.training.shipped.sequences import Rows, encode_clip, rows_of_clip
from models.training.shipped.stills import Stills, read_landmarks, read_photographs
from models.training.shipped.train_encoder import EncoderRecipe, Examples, encode_stills, prepare, train_encoder
from models.training.shipped.train_temporal import TemporalRecipe, train_temporal
from overlay.core.errors import SigncapError
from overlay.media.frame import Pixels
from overlay.recognition.crop import CROP_SIZE, HandCrop, cut_hand, normalise_landmarks, points_in_square
from overlay.recognition.feature_window import MOTION, STEPS, Step
from overlay.recognition.letter_model import BLANK, LETTERS, LetterModel
from overlay.synthesis.signer import SignerLook, SyntheticSigner

pytestmark = pytest.mark.unit


@pytest.fixture(scope="module")
def photographs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pictures of two synthetic signers, one of them left-handed, as SIGNER/LETTER/*.jpg."""
    folder = tmp_path_factory.mktemp("photographs")
    for name, handedness in (("ann", "right"), ("bob", "left")):
        for letter in "ABLY":
            signer = SyntheticSigner(letter, look=SignerLook(handedness=handedness), size=(320, 240))
            _, start, end = signer.letters[0]
            (folder / name / letter).mkdir(parents=True)
            for index, at in enumerate(np.linspace(start + 0.05, end - 0.05, 2)):
                cv2.imwrite(str(folder / name / letter / f"{index}.jpg"), signer.render(float(at)))
    return folder


@pytest.fixture(scope="module")
def still() -> tuple[Pixels, Landmarks]:
    """A stored crop of a hand that points up, its middle finger's tip the brightest, and its landmarks."""
    signer = SyntheticSigner("B", size=(320, 240))
    _, start, end = signer.letters[0]
    at = (start + end) / 2
    points = signer.landmarks(at)
    assert points is not None
    pixels = signer.render(at) // 3
    x, y = points[12, :2].astype(int).tolist()
    cv2.circle(pixels, (x, y), 6, (255, 255, 255), -1)
    return cut_hand(pixels, points, mirror=False, size=STORED, margin=STORED_MARGIN), points


@pytest.mark.integration
def test_photographs_become_crops_of_right_hands(photographs: Path, hand_model: Path, tmp_path: Path) -> None:
    (photographs / "ann" / "A" / "broken.jpg").write_bytes(b"no picture")
    stills = read_photographs(photographs, hand_model, tmp_path / "cache.npz")
    assert stills.crops is not None
    assert len(stills.labels) >= 14
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


@pytest.mark.integration
def test_a_folder_without_pictures_is_named(tmp_path: Path, hand_model: Path) -> None:
    with pytest.raises(SigncapError, match="No pictures"):
        read_photographs(tmp_path, hand_model)
    for letter in "JZ":
        (tmp_path / "ann" / letter).mkdir(parents=True)
        cv2.imwrite(str(tmp_path / "ann" / letter / "1.jpg"), np.zeros((8, 8, 3), np.uint8))
    with pytest.raises(SigncapError, match="holds only pictures of J and Z"):
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


def test_landmarks_are_turned_and_normalised_as_the_live_path_does_it(still: tuple[Pixels, Landmarks]) -> None:
    _, points = still
    many = np.stack([points, points * 2 + np.float32(50)])
    wanted = np.stack(
        [normalise_landmarks(one, mirror=mirror) for one, mirror in zip(many, (False, True), strict=True)]
    )
    np.testing.assert_allclose(normalise_all(many, np.array([False, True])), wanted, atol=1e-5)
    turned = turn_landmarks(np.repeat(many[:1], 500, 0), np.random.default_rng(0), np.full(500, 90.0))
    across, down = np.median(turned[:, 9, :2] - turned[:, 0, :2], axis=0)
    was = points[9, :2] - points[0, :2]
    np.testing.assert_allclose([across, down], [-was[1], was[0]], atol=0.15 * np.linalg.norm(was))
    alike = turn_landmarks(np.repeat(many[:1], 2, 0), np.random.default_rng(0), 5.0, alike=True)
    np.testing.assert_array_equal(alike[0], alike[1])


def test_an_augmented_crop_shows_the_hand_upright_whichever_way_it_points(still: tuple[Pixels, Landmarks]) -> None:
    crop, points = still
    rng = np.random.default_rng(0)
    for turns in range(4):
        turned, there = np.ascontiguousarray(np.rot90(crop, -turns)), points
        for _ in range(turns):
            there = np.stack([-there[:, 1], there[:, 0], there[:, 2]], 1)
        tips = []
        for _ in range(25):
            seen = augment_crop(turned, there, rng)
            assert seen.shape == (CROP_SIZE, CROP_SIZE, 3)
            smooth = cv2.GaussianBlur(seen.astype(np.float32).mean(2), (0, 0), 3)
            tips.append(np.unravel_index(smooth.argmax(), smooth.shape))
        y, x = np.median(tips, axis=0)
        assert y < CROP_SIZE * 0.35, "the bright tip of the middle finger is above"
        assert abs(x - CROP_SIZE / 2) < CROP_SIZE * 0.25


def test_another_room_is_put_behind_the_hand_but_not_over_it(still: tuple[Pixels, Landmarks]) -> None:
    crop, points = still
    room = np.full_like(crop, 200)
    changed = put_behind(crop, points, room)
    x, y = np.round(points_in_square(points, STORED)[9]).astype(int)
    np.testing.assert_array_equal(changed[y, x], crop[y, x])
    np.testing.assert_array_equal(changed[2, 2], room[2, 2])


def test_edges_are_the_same_in_other_light_and_mirror_with_the_picture() -> None:
    rng = np.random.default_rng(0)
    crop = cv2.GaussianBlur(rng.integers(0, 256, (1, CROP_SIZE, CROP_SIZE, 3), np.uint8)[0], (0, 0), 3)
    crop = np.clip((crop.astype(np.float32) - 127) * 4 + 127, 0, 255)
    edges = Edges()
    plain = edges(torch.from_numpy(crop[None]))
    assert plain.shape == (1, WAYS, CELLS, CELLS)
    darker = edges(torch.from_numpy(crop[None] * 0.5 + 20))
    assert float((darker - plain).abs().mean() / plain.mean()) < 0.2  # half as strong in the picture
    mirrored = edges(torch.from_numpy(np.ascontiguousarray(crop[None, :, ::-1])))
    torch.testing.assert_close(Edges.mirrored(plain), mirrored, atol=1e-3, rtol=1e-3)
    other = edges(torch.from_numpy(np.ascontiguousarray(crop[None].transpose(0, 2, 1, 3))))
    assert float((other - plain).abs().mean() / plain.mean()) > 0.3


@pytest.mark.integration
@pytest.mark.parametrize(("pixels", "landmarks"), [(True, True), (False, True), (True, False)])
def test_an_encoder_learns_with_either_branch_or_both(pixels: bool, landmarks: bool) -> None:
    """Two letters that differ in their landmarks and in their edges."""
    rng = np.random.default_rng(0)
    count = 64
    labels = np.arange(count) % 2
    points = rng.normal(0, 3, (count, 21, 3)).astype(np.float32) + np.linspace(0, 60, 21, dtype=np.float32)[:, None]
    points[labels == 1, 8, 0] += 60
    cells = rng.integers(0, 40, (count, 1, WAYS, CELLS, CELLS), np.uint8)
    cells[labels == 1, :, 0, 3:6] += 120
    examples = [Examples(cells, points, labels, np.full(count, "ann"), 1.0)]
    recipe = EncoderRecipe(steps=30, batch=24, pixels=pixels, landmarks=landmarks)
    encoder, head = train_encoder(examples, recipe)
    with torch.no_grad():
        look = encoder.look(
            torch.from_numpy(cells[:, 0]).float() / Edges.STRENGTH,
            normalised := torch.from_numpy(normalise_all(points)).flatten(1),
        )
        read = head(encoder.join(look * float(pixels), normalised)).argmax(1).numpy()
    assert (read == labels).mean() > 0.95


@pytest.mark.integration
@pytest.mark.slow
def test_both_stages_learn_and_the_exported_model_says_what_pytorch_says(tmp_path: Path) -> None:
    clips = [felt_clip(np.random.default_rng(k), words=1) for k in range(8)]
    landmarks = np.concatenate([clip.landmarks[clip.present & (clip.labels != BLANK)] for clip in clips])
    labels = np.concatenate([clip.labels[clip.present & (clip.labels != BLANK)] for clip in clips])
    stills = Stills(None, landmarks, labels, np.full(len(labels), "synthetic"))
    examples = [prepare(stills, 1.0, np.random.default_rng(0))]
    encoder, head = train_encoder(examples, EncoderRecipe(steps=60, batch=48))
    static = ~np.isin(labels, [LETTERS.index("J"), LETTERS.index("Z")])
    points = torch.from_numpy(np.stack([normalise_landmarks(one, mirror=False).ravel() for one in landmarks]))
    with torch.no_grad():
        right = (head(encoder.felt(points)).argmax(1).numpy() == labels)[static].mean()
    assert right > 0.6  # chance is 0.04

    rng = np.random.default_rng(0)
    sequences = [rows_of_clip(clip, encode_clip(encoder, clip, rng)) for clip in clips]

    def maker(generator: np.random.Generator) -> Rows:
        return sequences[generator.integers(len(sequences))]

    temporal = train_temporal([(maker, 1.0)], TemporalRecipe(steps=50, batch=32))
    sequence = max(sequences, key=lambda rows: len(rows.rows))
    with torch.no_grad():
        answers = temporal.every_step(torch.from_numpy(sequence.rows[None]))[0].argmax(1).numpy()
    assert (answers[DELAY:] == sequence.labels[:-DELAY]).mean() > 0.6

    checks = [(rng.integers(0, 256, (CROP_SIZE, CROP_SIZE, 3), np.uint8), landmarks[0] / 100)]
    export_pair(own_pair(encoder, temporal), tmp_path / "model", name="small", temperature=1.5, examples=checks)
    live = LetterModel(tmp_path / "model")
    assert (live.info.name, live.info.upright, live.needs_no_pixels) == ("small", True, True)
    crop = rng.integers(0, 256, (CROP_SIZE, CROP_SIZE, 3), np.uint8)
    normalised = rng.normal(0, 0.4, (21, 3)).astype(np.float32)
    feature = live.encode(HandCrop(crop, normalised, np.zeros((3, 2), np.float32), 1.0))
    np.testing.assert_allclose(feature, encode_stills(encoder, crop[None], normalised[None])[0], atol=1e-3)
    blind = live.encode(HandCrop(None, normalised, np.zeros((3, 2), np.float32), 1.0))
    np.testing.assert_allclose(blind, encode_stills(encoder, None, normalised[None])[0], atol=1e-3)
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


def test_pixels_can_count_for_less() -> None:
    torch.manual_seed(0)
    encoder = Encoder().eval()
    crop = torch.randint(0, 256, (2, CROP_SIZE, CROP_SIZE, 3), dtype=torch.uint8)
    points = torch.randn(2, 63)
    with torch.no_grad():
        half = encoder(crop, points, torch.full((2,), 0.5))
        assert not torch.allclose(half, encoder(crop, points))
        encoder.trust_pixels(0.5)
        torch.testing.assert_close(encoder(crop, points), half)


def test_the_networks_state_fits_the_shipped_size() -> None:
    parameters = sum(
        p.numel() for network in (Encoder(), Temporal(TemporalRecipe().hidden)) for p in network.parameters()
    )
    assert parameters * 4 < 5_000_000
