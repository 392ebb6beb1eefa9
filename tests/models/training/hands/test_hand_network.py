"""The network that finds landmarks: what it learns from, how, and what is exported."""

import copy
import zipfile
from pathlib import Path

import cv2
import numpy as np
import onnx
import onnxruntime as ort
import pytest
import torch

from models.training.hands.augmentation import Away, look, spoil
from models.training.hands.equalisation import equalised
from models.training.hands.export import as_tensor
from models.training.hands.export import hand_model as export
from models.training.hands.full import correct_biases, correct_presence, crops_of, measure_ranges, without_weights
from models.training.hands.letters import LetterEyes
from models.training.hands.network import HandNetwork
from models.training.hands.palm import convert
from models.training.hands.pictures import (
    CLOSE,
    NOTHING,
    PHOTOGRAPH,
    RENDERED,
    STORED,
    HandPictures,
    collect_pictures,
)
from models.training.hands.pruning import looked_at, pruned, useful_channels
from models.training.hands.teacher import MEMBER, SIDE, read_teacher
from models.training.hands.train import HandRecipe, train
from overlay.core.errors import SigncapError
from overlay.recognition.hands.mediapipe_hands import MediaPipeHands
from overlay.recognition.hands.square import DEPTH, square_of_landmarks
from overlay.recognition.hands.tracker import HandTracker, LandmarkNetwork, shipped_networks
from overlay.recognition.hands.weights import four_pixels_at_once, give_weights
from overlay.recognition.letter_model import shipped_model
from overlay.recognition.onnx_options import one_thread
from overlay.synthesis.signer import SignerLook, SyntheticSigner

pytestmark = pytest.mark.integration

STILL = Away(0, 0, 0, 1)


@pytest.fixture(scope="module")
def landmark_file(hand_model: Path) -> bytes:
    """MediaPipe's landmark network."""
    with zipfile.ZipFile(hand_model) as bundle:
        return bundle.read(MEMBER)


@pytest.fixture(scope="module")
def shown() -> list[tuple[np.ndarray, np.ndarray]]:
    """Frames of a signer who holds letters, with the exact landmarks."""
    pictures = []
    for number, letter in enumerate("ABLY"):
        look = SignerLook.random(number)
        signer = SyntheticSigner(letter, look=look, size=(480, 360))
        at = (signer.letters[0].start + signer.letters[0].end) / 2
        points = signer.landmarks(at)
        assert points is not None
        pictures.append((signer.render(at), points))
    return pictures


def exported(network: HandNetwork) -> onnx.ModelProto:
    return export(network, SIDE, 1.0)


def session(model: onnx.ModelProto) -> ort.InferenceSession:
    return ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])


def test_the_teacher_gives_the_landmarks_that_mediapipe_gives(
    hand_model: Path, landmark_file: bytes, shown: list[tuple[np.ndarray, np.ndarray]], tmp_path: Path
) -> None:
    """The square, the network and the way back are the same: what differs is how the picture is scaled."""
    for file in shipped_networks().glob("palm.*"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    onnx.save(exported(read_teacher(landmark_file)), tmp_path / "hand.onnx")
    ours, theirs = HandTracker(hand_model, video=False, networks=tmp_path), MediaPipeHands(hand_model, video=False)
    for frame, _ in shown:
        hand, wanted = ours.find(frame, 0.0), theirs.find(frame, 0.0)
        assert hand is not None
        assert wanted is not None
        palm = np.linalg.norm(wanted.landmarks[9] - wanted.landmarks[0])
        assert np.median(np.linalg.norm(hand.landmarks - wanted.landmarks, axis=1)) < 0.03 * palm
        assert hand.handedness == wanted.handedness
        assert hand.score == pytest.approx(wanted.score, abs=0.05)


@pytest.mark.unit
@pytest.mark.parametrize("content", [b"", b"TFL3", b"no network at all" * 100])
def test_a_file_that_is_no_such_network_is_one_sentence(content: bytes) -> None:
    with pytest.raises(SigncapError, match="fetch the hand model anew"):
        read_teacher(content)


def test_the_palm_detector_is_not_taken_for_the_landmark_network(hand_model: Path) -> None:
    with zipfile.ZipFile(hand_model) as bundle, pytest.raises(SigncapError, match="fetch the hand model anew"):
        read_teacher(bundle.read("hand_detector.tflite"))


def test_the_palm_detectors_graph_that_ships_is_the_one_that_is_made(hand_model: Path) -> None:
    with zipfile.ZipFile(hand_model) as bundle:
        model, places = convert(bundle.read("hand_detector.tflite"))
    shipped = onnx.load(shipped_networks() / "palm.onnx", load_external_data=False)
    assert [node.op_type for node in shipped.graph.node] == [node.op_type for node in model.graph.node]
    assert len(places) == sum(
        weight.data_location == onnx.TensorProto.EXTERNAL for weight in shipped.graph.initializer
    )
    assert (shipped_networks() / "palm.onnx").stat().st_size < 50_000, "the weights are not in it"


@pytest.mark.unit
@pytest.mark.parametrize("size", [96, 144, 160])
def test_what_is_exported_gives_what_the_network_gives(size: int) -> None:
    torch.manual_seed(0)
    network = HandNetwork().eval()
    crop = np.random.default_rng(0).integers(0, 256, (1, size, size, 3), dtype=np.uint8)
    with torch.no_grad():
        points, presence, right = network(as_tensor(crop))
    given = session(export(network, size, 0.85)).run(None, {"crop": crop})
    np.testing.assert_allclose(given[0], points[0], rtol=1e-3, atol=1e-3 * float(points.abs().max()))
    np.testing.assert_allclose(given[1:], [presence.sigmoid().numpy(), right.sigmoid().numpy()], atol=1e-3)


def test_in_whole_numbers_it_gives_nearly_the_same(
    landmark_file: bytes, shown: list[tuple[np.ndarray, np.ndarray]]
) -> None:
    network = read_teacher(landmark_file).eval()
    crops = np.stack([look(frame, points, STILL, SIDE)[0] for frame, points in shown])
    with torch.no_grad():
        wanted, _, _ = network(as_tensor(crops))
        network.round()
        network.train()
        network(as_tensor(crops))  # the ranges are followed
        network.eval()
        rounded, _, _ = network(as_tensor(crops))
    run = session(export(network, SIDE, 1.0))
    given = np.stack([run.run(None, {"crop": crop[None]})[0] for crop in crops])
    assert float((rounded - wanted).abs().median()) < 0.02
    assert float(np.median(np.abs(given - rounded.numpy()))) < 0.01


@pytest.mark.unit
@pytest.mark.parametrize("mirror", [False, True])
@pytest.mark.parametrize("away", [STILL, Away(0.1, -0.05, 0.4, 1.2)])
def test_landmarks_stay_where_they_are_in_the_crop(mirror: bool, away: Away) -> None:
    signer = SyntheticSigner("V", size=(640, 480))
    points = signer.landmarks((signer.letters[0].start + signer.letters[0].end) / 2)
    assert points is not None
    picture = np.zeros((480, 640, 3), np.uint8)
    cv2.circle(picture, np.rint(points[8, :2]).astype(int).tolist(), 3, (255, 255, 255), -1)
    crop, given = look(picture, points, away, 160, share=0.85, mirror=mirror)
    rows, columns = np.indices(crop.shape[:2])
    bright = crop[..., 0].astype(float)
    spot = np.array([(columns * bright).sum(), (rows * bright).sum()]) / bright.sum()
    np.testing.assert_allclose(given[8, :2] * 160 - 0.5, spot, atol=1.5)
    side = square_of_landmarks(points).side * away.size * 0.85
    np.testing.assert_allclose(given[:, 2] * side * DEPTH, points[:, 2], atol=1e-3)


@pytest.mark.unit
def test_spoiling_keeps_the_place_of_things_and_the_kind_of_picture() -> None:
    crop = np.full((144, 144, 3), 40, np.uint8)
    crop[60:80, 60:80] = 220
    for seed in range(60):
        spoiled = spoil(crop.copy(), np.random.default_rng(seed))
        assert (spoiled.shape, spoiled.dtype) == (crop.shape, np.uint8)
        bright = spoiled.astype(float).mean(2)
        assert bright[62:78, 62:78].mean() > bright[:40].mean() + 10


def test_pictures_are_found_once_and_kept(
    hand_model: Path, shown: list[tuple[np.ndarray, np.ndarray]], tmp_path: Path
) -> None:
    for number, (frame, points) in enumerate(shown):
        folder = tmp_path / "photographs" / "ada" / "ABLY"[number]
        folder.mkdir(parents=True)
        cv2.imwrite(str(folder / "1.jpg"), frame)
        low, high = points[:, :2].min(0).astype(int) - 12, points[:, :2].max(0).astype(int) + 12
        near = tmp_path / "close" / "grace" / str(number)
        near.mkdir(parents=True)
        cv2.imwrite(
            str(near / "1.jpg"), cv2.resize(frame[max(low[1], 0) : high[1], max(low[0], 0) : high[0]], (100, 100))
        )
    (tmp_path / "photographs" / "ada" / "A" / "2.jpg").write_bytes(b"no picture")

    def collect() -> HandPictures:
        return collect_pictures(
            tmp_path / "photographs",
            tmp_path / "close",
            hand_model,
            shipped_networks(),
            tmp_path / "work",
            signers=1,
            gesturing=1,
            jobs=1,
        )

    pictures = collect()
    kinds = pictures.kinds.tolist()
    assert kinds.count(PHOTOGRAPH) == 4
    assert kinds.count(CLOSE) >= 3
    assert kinds.count(RENDERED) >= 10
    assert pictures.pixels.shape == (len(kinds), STORED, STORED, 3)
    hands = pictures.kinds != NOTHING
    assert (pictures.landmarks[hands][:, :, :2] > 0).all()
    assert (pictures.landmarks[hands][:, :, :2] < STORED).all()
    for folder in ("photographs", "close"):
        (tmp_path / folder).rename(tmp_path / f"{folder} are gone")
    np.testing.assert_array_equal(collect().landmarks, pictures.landmarks)


def of_signers(shown: list[tuple[np.ndarray, np.ndarray]]) -> HandPictures:
    """Pictures to learn from."""
    pixels, landmarks = [], []
    for frame, points in shown:
        middle = points[:, :2].mean(0)
        matrix = np.array([[1, 0, STORED / 2 - middle[0]], [0, 1, STORED / 2 - middle[1]]])
        pixels.append(cv2.warpAffine(frame, matrix, (STORED, STORED), borderMode=cv2.BORDER_REPLICATE))
        moved = points.copy()
        moved[:, :2] += matrix[:, 2]
        landmarks.append(moved)
    right = np.array([float(SignerLook.random(number).handedness == "right") for number in range(len(shown))])
    return HandPictures(
        np.stack(pixels).astype(np.uint8),
        np.stack(landmarks).astype(np.float32),
        right.astype(np.float32),
        np.full(len(shown), RENDERED),
    )


def test_a_network_learns(landmark_file: bytes, shown: list[tuple[np.ndarray, np.ndarray]]) -> None:
    """From its teacher's weights, on a smaller crop, where those are of little use."""
    pictures = of_signers(shown)
    said: list[str] = []
    recipe = HandRecipe(size=96, share=1.0, steps=10, batch=8, probed=64, astray=8, whole_from=0.8, rate=1e-4)
    network = train(
        read_teacher(landmark_file),
        read_teacher(landmark_file),
        LetterEyes(shipped_model()),
        pictures,
        recipe,
        said.append,
    )
    crops, wanted = zip(
        *(look(*pair, STILL, 96) for pair in zip(pictures.pixels, pictures.landmarks, strict=True)), strict=True
    )
    with torch.no_grad():
        before = (read_teacher(landmark_file).eval()(as_tensor(np.stack(crops)))[0].numpy() - wanted)[..., :2]
        after = (network(as_tensor(np.stack(crops)))[0].numpy() - wanted)[..., :2]
    assert np.abs(after).mean() < 0.6 * np.abs(before).mean()
    assert session(export(network, 96, 1.0)).run(None, {"crop": crops[0][None]})[0].shape == (21, 3)


def test_the_graph_that_ships_has_no_weights_and_gives_what_googles_network_gives(
    hand_model: Path, landmark_file: bytes, shown: list[tuple[np.ndarray, np.ndarray]]
) -> None:
    graph = onnx.load(shipped_networks() / "hand.onnx", load_external_data=False).graph
    weights = [tensor for tensor in graph.initializer if tensor.name.endswith(".weight")]
    assert len(weights) == 47 + 3
    assert all(tensor.data_location == onnx.TensorProto.EXTERNAL for tensor in weights)
    network = LandmarkNetwork(shipped_networks() / "hand.onnx", hand_model)
    exact = session(exported(read_teacher(landmark_file)))
    for frame, points in shown:
        square = square_of_landmarks(points)
        wanted, presence, right = exact.run(None, {"crop": square.cut(frame, SIDE)[None]})
        seen = network.look(frame, square)
        off = np.linalg.norm(seen.landmarks - square.project(wanted), axis=1)
        assert np.median(off) < 0.04 * np.linalg.norm(points[9] - points[0])
        assert (seen.presence, seen.right) == (pytest.approx(presence[0], abs=0.1), pytest.approx(right[0], abs=0.1))


def test_channels_that_never_say_anything_are_taken_out_and_nothing_else_changes(
    landmark_file: bytes, shown: list[tuple[np.ndarray, np.ndarray]]
) -> None:
    pictures = of_signers(shown)
    exact, crops = read_teacher(landmark_file).eval(), crops_of(pictures, 8)
    kept = useful_channels(exact, looked_at(pictures, 48))
    lean, gains = equalised(pruned(exact, kept), crops)
    with torch.no_grad():
        wanted, given = exact(as_tensor(crops)), lean(as_tensor(crops))
    torch.testing.assert_close(given[0], wanted[0], rtol=0, atol=0.005)
    torch.testing.assert_close(given[1].sigmoid(), wanted[1].sigmoid(), rtol=0, atol=0.02)
    widths = kept.widths
    assert widths.stem == 32, "a whole number of what depthwise kernels take at once"
    assert {inside % 16 for inside in widths.inside} == {0}
    assert sum(widths.inside[-3:]) < 0.6 * 3 * 1152
    assert widths.features < 0.5 * 1152
    assert max(gain.max() for gain in gains.values()) > 1


@pytest.mark.unit
def test_four_pixels_at_once_are_the_same_convolution() -> None:
    torch.manual_seed(0)
    kernel, picture = torch.randn(5, 3, 3, 3), torch.randn(1, 3, 16, 24)
    wanted = torch.nn.functional.conv2d(torch.nn.functional.pad(picture, (0, 1, 0, 1)), kernel, stride=2)
    rows = picture.permute(0, 2, 3, 1).reshape(1, 16, 6, 12).permute(0, 3, 1, 2)
    grouped = torch.from_numpy(four_pixels_at_once(kernel.numpy()))
    given = torch.nn.functional.conv2d(torch.nn.functional.pad(rows, (0, 1, 0, 1)), grouped, stride=(2, 1))
    apart = given.permute(0, 2, 3, 1).reshape(1, 8, 12, 5).permute(0, 3, 1, 2)
    torch.testing.assert_close(apart, wanted)


def test_ranges_are_measured_biases_corrected_and_both_written_without_weights(
    landmark_file: bytes, shown: list[tuple[np.ndarray, np.ndarray]]
) -> None:
    """What rounding shifts is taken back: the landmarks come nearer to those of the exact network."""
    pictures = of_signers(shown)
    crops = crops_of(pictures, 8)
    exact = read_teacher(landmark_file).eval()
    kept = useful_channels(exact, looked_at(pictures, 32))
    lean, gains = equalised(pruned(exact, kept), crops)
    network = copy.deepcopy(lean)
    measure_ranges(network, pictures, 32)
    with torch.no_grad():
        wanted = exact(as_tensor(crops))[0]
        before = float((network(as_tensor(crops))[0] - wanted).abs().median())
        correct_biases(network, lean, crops)
        after = float((network(as_tensor(crops))[0] - wanted).abs().median())
    assert after < before
    looked = looked_at(pictures, 48)
    with torch.no_grad():
        doubted = (sure := lean(as_tensor(looked))[1]).abs() < 3
        correct_presence(network, lean, looked)
        assert float((network(as_tensor(looked))[1] - sure)[doubted].mean()) == pytest.approx(0, abs=1e-3)
    model, places = without_weights(network, exact, kept, gains, landmark_file)
    assert len(model.SerializeToString()) < 200_000
    options = one_thread()
    weights = give_weights(options, places, landmark_file)
    run = ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    given = np.stack([run.run(None, {"crop": crop[None]})[0] for crop in crops])
    assert weights
    assert float(np.median(np.abs(given - wanted.numpy()))) < 1.5 * before
