"""The contrast of captions against the picture, as WCAG 2.2 (1.4.3) counts it."""

from typing import Final

from overlay.core.settings import CaptionStyle

ENOUGH: Final = 4.5
_BEHIND: Final = ("#000000", "#ffffff")  # the darkest and the lightest picture that can be behind a box


def contrast(one: str, other: str) -> float:
    """Contrast of two colours such as #ffd75e, 1 to 21."""
    lighter, darker = sorted((_luminance(_channels(one)), _luminance(_channels(other))), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def contrast_warnings(style: CaptionStyle) -> list[str]:
    """A sentence for each text of captions that may be hard to read over the lightest or darkest picture."""
    warnings = []
    for what, colour in (("Final text", style.colour), ("Text that may still change", style.partial_colour)):
        boxes = [_over(style.box_colour, style.box_opacity, behind) for behind in _BEHIND]
        least = min(contrast(colour, box) for box in boxes)
        if least < ENOUGH:
            warnings.append(
                f"{what} has too little contrast on "
                f"{'bright' if contrast(colour, boxes[1]) < contrast(colour, boxes[0]) else 'dark'} backgrounds "
                f"({least:.1f}:1, recommended {ENOUGH}:1). Use a denser box or another text colour."
            )
    return warnings


def _over(box: str, opacity: float, behind: str) -> str:
    mixed = (
        round(opacity * over + (1 - opacity) * under)
        for over, under in zip(_channels(box), _channels(behind), strict=True)
    )
    return "#" + "".join(f"{channel:02x}" for channel in mixed)


def _channels(colour: str) -> tuple[int, int, int]:
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return red, green, blue


def _luminance(channels: tuple[int, int, int]) -> float:
    red, green, blue = (
        share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4
        for share in (channel / 255 for channel in channels)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
