"""Sets of thresholds and pauses for people who sign at different speeds."""

from typing import Any, Final

PRESETS: Final[dict[str, dict[str, dict[str, Any]]]] = {
    # A letter counts once it was held: nothing on the way from one to the next is read.
    "beginner": {
        "decoding": {
            "letter_confidence": 0.7,
            "release_confidence": 0.35,
            "least_hold": 0.6,
            "final_hold": 0.8,
            "double_gap": 0.2,
            "double_slide": 0.0,
            "smoothing": 0.1,
        },
        "endpointing": {"word_pause": 2.5, "word_lowered": 0.6, "caption_silence": 5.0},
    },
    "normal": {
        "decoding": {
            "letter_confidence": 0.6,
            "release_confidence": 0.2,
            "least_hold": 0.07,
            "final_hold": 0.25,
            "double_gap": 0.1,
            "double_slide": 0.0,
            "smoothing": 0.0,
        },
        "endpointing": {"word_pause": 0.7, "word_lowered": 0.25, "caption_silence": 2.4},
    },
    # For four letters a second and more: short letters count, and words end sooner.
    "fast": {
        "decoding": {
            "letter_confidence": 0.5,
            "release_confidence": 0.2,
            "least_hold": 0.03,
            "final_hold": 0.2,
            "double_gap": 0.07,
            "double_slide": 0.0,
            "smoothing": 0.0,
        },
        "endpointing": {"word_pause": 0.5, "word_lowered": 0.2, "caption_silence": 1.8},
    },
}
