"""Hands taken apart into the turn of the palm and the bones of each finger, so that they can be bent and mixed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.training.data.rotations import rotations

KNUCKLES: Final = (5, 9, 13, 17)
FINGERS: Final = 5
PARTS: Final = FINGERS + 1  # thumb to little finger, and the palm, which each has a pace of its own
PALM_PART: Final = FINGERS
BONES: Final = 3  # of a finger, beyond its root

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Poses:
    """Hands taken apart: how the palm is turned, and the fingers in the palm's own axes. All lengths in palms.

    Attributes:
        turn: (N, 3, 3), rows are the palm's axes: towards the index, towards the fingers, out of the palm.
        roots: (N, 5, 3), where each finger begins, from the wrist.
        bones: (N, 5, 3, 3), the three bones of each finger, as vectors.
    """

    turn: Floats
    roots: Floats
    bones: Floats

    @classmethod
    def of(cls, landmarks: Floats) -> "Poses":
        """Take hands with landmarks (N, 21, 3), right ones, apart."""
        wrist = landmarks[:, :1]
        up = landmarks[:, KNUCKLES].mean(1) - wrist[:, 0]
        palm = np.maximum(np.linalg.norm(up, axis=1), 1e-6)[:, None]
        up = up / palm
        side = landmarks[:, 5] - landmarks[:, 17]
        side = side - (side * up).sum(1, keepdims=True) * up
        side = side / np.maximum(np.linalg.norm(side, axis=1, keepdims=True), 1e-6)
        turn = np.stack([side, up, np.cross(side, up)], 1)
        local = np.einsum("npi,nai->npa", (landmarks - wrist) / palm[..., None], turn)
        fingers = local[:, 1:].reshape(-1, FINGERS, BONES + 1, 3)
        return cls(
            turn.astype(np.float32), fingers[:, :, 0].astype(np.float32), np.diff(fingers, axis=2).astype(np.float32)
        )

    def __getitem__(self, index: NDArray[np.int64]) -> "Poses":
        return Poses(self.turn[index], self.roots[index], self.bones[index])

    def landmarks(self) -> Floats:
        """Put them together again: (N, 21, 3), the wrist at 0."""
        joints = np.concatenate([self.roots[:, :, None], self.bones], 2).cumsum(2)
        local = joints.reshape(len(joints), FINGERS * (BONES + 1), 3)
        local = np.concatenate([np.zeros_like(local[:, :1]), local], 1)
        return np.asarray(np.einsum("npa,nai->npi", local, self.turn), np.float32)

    def bent(self, angles: NDArray[np.float64]) -> "Poses":
        """With fingers bent further, by angles (N, 5, 3) in radians at each joint; the thumb's is left alone."""
        bones = self.bones.copy()
        for joint in range(BONES):
            turned = angles[:, 1:, joint, None]
            cos, sin = np.cos(turned), np.sin(turned)
            later = bones[:, 1:, joint:]
            y, z = later[..., 1].copy(), later[..., 2].copy()
            later[..., 1], later[..., 2] = y * cos - z * sin, y * sin + z * cos
        return replace(self, bones=bones)


def blend(poses: Sequence[Poses], weights: Floats) -> Poses:
    """Mix poses, each finger and the palm by weights of its own.

    Fingers are mixed by how far they are bent, so that one on its way is half bent; of the thumb, which turns about
    other axes, directions are averaged. No bone shrinks.

    Args:
        poses: K, of T moments each.
        weights: (T, PARTS, K), that sum to 1 over K.
    """
    shares = [weights[:, :FINGERS, k, None, None] for k in range(len(poses))]
    palm = weights[:, PALM_PART]
    roots = sum(pose.roots * share[..., 0] for pose, share in zip(poses, shares, strict=True))
    lengths = [np.linalg.norm(pose.bones, axis=-1, keepdims=True) for pose in poses]
    length = sum(one * share for one, share in zip(lengths, shares, strict=True))
    ways = [pose.bones / np.maximum(one, 1e-6) for pose, one in zip(poses, lengths, strict=True)]
    way = np.asarray(sum(one * share for one, share in zip(ways, shares, strict=True)))
    way = way / np.maximum(np.linalg.norm(way, axis=-1, keepdims=True), 1e-3)
    fingers = [share[:, 1:, 0] for share in shares]
    bent = np.asarray(sum(_bend(one[:, 1:]) * share for one, share in zip(ways, fingers, strict=True)))
    aside = np.asarray(sum(one[:, 1:, :, 0] * share for one, share in zip(ways, fingers, strict=True)))
    along = np.sqrt(np.maximum(1 - aside * aside, 0))
    way[:, 1:] = np.stack([aside, along * np.cos(bent), along * np.sin(bent)], -1)
    bones = way * length
    turn = sum(pose.turn * palm[:, k, None, None] for k, pose in enumerate(poses))
    return Poses(
        nearest_rotations(np.asarray(turn, np.float32)), np.asarray(roots, np.float32), np.asarray(bones, np.float32)
    )


def _bend(ways: Floats) -> NDArray[np.float64]:
    """How far bones (..., 3) of unit length are bent towards the palm, in radians from a quarter backwards on."""
    angles = np.arctan2(ways[..., 2], ways[..., 1])
    return np.asarray(np.where(angles < -np.pi / 2, angles + 2 * np.pi, angles))


def nearest_rotations(matrices: NDArray[Any]) -> Floats:
    """The rotations nearest to matrices (N, 3, 3)."""
    u, _, v = np.linalg.svd(matrices.astype(np.float32))
    u[..., -1] *= np.sign(np.linalg.det(u @ v))[:, None]
    return np.asarray(u @ v, np.float32)


def about(axis: int, angles: NDArray[np.float64]) -> Floats:
    """Rotations (N, 3, 3) about an axis by angles (N,) in radians, see `rotations`."""
    return rotations(axis, angles).astype(np.float32)
