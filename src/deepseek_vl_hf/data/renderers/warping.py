"""A flat picture comes in; the picture bent along an arc, laid around a bottle or seen from the side goes out.

Shapes: corners are (4, 2): upper left, upper right, lower right, lower left, in pixels.
"""

import math
from collections.abc import Callable

import numpy as np
from PIL import Image


CELLS = 16  # of the mesh, a side
Inverse = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]


def warp(picture: Image.Image, size: tuple[int, int], inverse: Inverse) -> Image.Image:
    """Bend a picture.

    Args:
        picture: RGBA.
        size: Of the outcome.
        inverse: Says which place of the picture comes to a place (x, y) of the outcome.
    """
    across = np.linspace(0, size[0], CELLS + 1).round()
    down = np.linspace(0, size[1], CELLS + 1).round()
    x, y = inverse(*np.meshgrid(across, down))
    mesh = []
    for row in range(CELLS):
        for column in range(CELLS):
            box = tuple(int(side) for side in (across[column], down[row], across[column + 1], down[row + 1]))
            corners = ((row, column), (row + 1, column), (row + 1, column + 1), (row, column + 1))
            mesh.append((box, tuple(float(side) for at in corners for side in (x[at], y[at]))))
    return picture.transform(size, Image.Transform.MESH, mesh, Image.Resampling.BICUBIC)


def arc(picture: Image.Image, degrees: float, up: bool) -> Image.Image:
    """Bend a strip of letters along a circle, the middle highest if `up`, else lowest."""
    if not up:
        flipped = arc(picture.transpose(Image.Transpose.FLIP_TOP_BOTTOM), degrees, True)
        return flipped.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    angle = math.radians(degrees)
    width, height = picture.size
    radius = width / angle
    outer = radius + height / 2
    size = (
        math.ceil(2 * outer * math.sin(angle / 2)),
        math.ceil(outer - (radius - height / 2) * math.cos(angle / 2)),
    )

    def inverse(x, y):
        away, over = x - size[0] / 2, outer - y
        return width / 2 + np.arctan2(away, over) * radius, height / 2 + radius - np.hypot(away, over)

    return warp(picture, size, inverse)


def around(picture: Image.Image, half: float, sag: float) -> Image.Image:
    """Lay a label around a bottle.

    Args:
        picture: The label.
        half: Half the angle that it spans, in radians.
        sag: How far its middle hangs below its sides, as seen from above, in pixels.
    """
    width, height = picture.size
    radius = width / 2 / half
    reach = radius * math.sin(half)
    size = (math.ceil(2 * reach), math.ceil(height + sag))

    def inverse(x, y):
        share = ((x - size[0] / 2) / radius).clip(-1, 1)
        hang = sag * (np.sqrt(1 - share**2) - math.cos(half)) / (1 - math.cos(half))
        return width / 2 + np.arcsin(share) * radius, y - hang

    return warp(picture, size, inverse)


def homography(corners: np.ndarray, others: np.ndarray) -> np.ndarray:
    """The projective map (3, 3) that takes four corners to four others."""
    rows, values = [], []
    for (x, y), (u, v) in zip(corners.tolist(), others.tolist(), strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    return np.append(np.linalg.solve(np.array(rows), np.array(values)), 1).reshape(3, 3)


def rectangle(width: float, height: float) -> np.ndarray:
    """Corners of a rectangle that begins at 0, 0."""
    return np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float64)


def seen_at(picture: Image.Image, corners: np.ndarray, size: tuple[int, int]) -> Image.Image:
    """Show a picture with its corners at some places of a canvas of a size."""
    back = homography(corners, rectangle(*picture.size)).ravel()[:8].tolist()
    return picture.transform(size, Image.Transform.PERSPECTIVE, back, Image.Resampling.BICUBIC)


def project(box, matrix: np.ndarray) -> tuple[float, float, float, float]:
    """The upright box around a box that was taken through a map."""
    left, top, right, bottom = box
    corners = np.array([(left, top, 1), (right, top, 1), (right, bottom, 1), (left, bottom, 1)]) @ matrix.T
    places = corners[:, :2] / corners[:, 2:]
    return (*places.min(0).tolist(), *places.max(0).tolist())
