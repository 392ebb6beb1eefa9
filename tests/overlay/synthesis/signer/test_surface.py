import numpy as np
import pytest

from overlay.synthesis.signer.drawing.surface import EMPTY, Cone, height_field

pytestmark = pytest.mark.unit


def _field(*cones: Cone, size: int = 61, blend: float = 1e-3) -> tuple[np.ndarray, np.ndarray]:
    return height_field(list(cones), size, size, blend)


def test_a_sphere_has_a_spheres_height() -> None:
    ball = Cone((30.5, 30.5, 5.0), (30.5, 30.5, 5.0), 20.0, 20.0, 3)
    depth, paint = _field(ball)
    y, x = np.mgrid[:61, :61] - 30.0
    inside = x * x + y * y < 19.0**2
    np.testing.assert_allclose(depth[inside], 5 + np.sqrt(400 - (x * x + y * y)[inside]), atol=0.05)
    assert (depth[x * x + y * y > 20.5**2] == EMPTY).all()
    assert (paint[inside] == 3).all()


@pytest.mark.parametrize(
    "cone",
    [
        Cone((15.0, 20.0, -5.0), (45.0, 38.0, 12.0), 9.0, 5.0, 1),
        Cone((45.0, 15.0, 8.0), (14.0, 44.0, -20.0), 4.0, 11.0, 1),
        Cone((30.0, 30.0, -20.0), (33.0, 31.0, 15.0), 8.0, 6.0, 1),  # nearly along the line of sight
        Cone((30.0, 30.0, -20.0), (30.0, 30.0, 15.0), 6.0, 8.0, 1),  # along it
        Cone((30.0, 30.0, 0.0), (32.0, 30.0, 0.0), 12.0, 5.0, 1),  # one end within the other
    ],
)
def test_a_cone_is_the_hull_of_its_spheres(cone: Cone) -> None:
    depth, _ = _field(cone)
    y, x = np.mgrid[:61, :61] + 0.5
    best = np.full((61, 61), EMPTY)
    a, b = np.array(cone.start), np.array(cone.end)
    for h in np.linspace(0, 1, 400):
        centre, radius = a + (b - a) * h, cone.start_radius + (cone.end_radius - cone.start_radius) * h
        rise = radius**2 - (x - centre[0]) ** 2 - (y - centre[1]) ** 2
        best = np.where(rise > 0, np.maximum(best, centre[2] + np.sqrt(np.maximum(rise, 0))), best)
    both = (best > EMPTY) & (depth > EMPTY)
    assert both.sum() > 50
    assert ((best > EMPTY) != (depth > EMPTY)).sum() <= 0.03 * both.sum() + 2  # the rim only
    assert np.percentile(np.abs(best - depth)[both], 98) < 0.35


def test_the_nearer_cone_is_on_top() -> None:
    back, front = Cone((20, 30, 0), (40, 30, 0), 10, 10, 1), Cone((30, 20, 15), (30, 40, 15), 6, 6, 2)
    for order in ((back, front), (front, back)):
        depth, paint = _field(*order)
        assert paint[30, 30] == 2
        assert paint[30, 20] == 1
        assert depth[30, 30] == pytest.approx(21, abs=0.1)


def test_blending_only_fills_where_cones_meet() -> None:
    one, two = Cone((15, 30, 0), (45, 30, 0), 8, 8, 1), Cone((30, 15, 0), (30, 45, 0), 8, 8, 1)
    sharp, _ = _field(one, two)
    soft, _ = _field(one, two, blend=4.0)
    assert (soft >= sharp - 1e-3).all()
    assert soft[30, 30] > sharp[30, 30] + 0.5
    assert soft[30, 15] == pytest.approx(sharp[30, 15])


def test_parts_outside_the_picture_are_left_out() -> None:
    depth, _ = _field(
        Cone((-80.0, -80.0, 0.0), (-60.0, -70.0, 0.0), 8.0, 8.0, 1), Cone((0, 30, 0), (5, 30, 0), 9, 9, 2)
    )
    assert depth[30, 2] > EMPTY
    assert depth[30, 40] == EMPTY
