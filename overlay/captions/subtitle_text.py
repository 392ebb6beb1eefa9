"""Typed text for subtitle formats: as text, where players would take parts of it for markup.

WebVTT can escape tags. SRT and an MP4's timed text cannot, and players read three languages of markup in them: tags
(`<b>`), what they turn into Advanced SubStation (`{note}`, `{\\an8}`, `\\N`), and some the names of characters
(`&lt;`). Where a text would be taken for one of those, it is written so that none fits:

- `<b>` becomes `‹b›`, and `{note}` becomes `❴note❵`: no invisible sign helps, as players hide a tag that they do not
  know, and all that braces hold.
- After the `\\` of `\\N`, `\\n` and `\\h`, and after the `&` of `&lt;`, a word joiner (U+2060) is put, as FFmpeg does
  where it makes Advanced SubStation of WebVTT: it has no width, and what follows is no longer one word with them.
- `-->`, which SRT has between its times, becomes `→`.

All other text stays as it is: `I <3 YOU`, `C:\\Users`, `AT&T`. Older releases of FFmpeg (5.1, for one) take `\\N`
for a line break in WebVTT as well, so it gets the joiner there, too.
"""

import re
from typing import Final

_VTT: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_JOINER: Final = "\u2060"
_TAG: Final = re.compile(r"<[^<>]*>|<[A-Za-z/!?]")
_ANGLES: Final = str.maketrans("<>", "‹›")  # in Windows' Western code page: every font has them
_BRACES: Final = str.maketrans("{}", "❴❵")
_ESCAPE: Final = re.compile(r"\\(?=[Nnh])")  # a line break and a space of Advanced SubStation
_NAMED: Final = re.compile(r"&(?=#?\w+;)")


def vtt_text(text: str) -> str:
    """Return a text escaped for WebVTT."""
    return _joined(text).translate(_VTT)


def unmarked_text(text: str) -> str:
    """Return a text for SRT or timed text: as it is, but for what players would take for markup."""
    text = text.replace("-->", "→")
    if _TAG.search(text):
        text = text.translate(_ANGLES)
    text = text.translate(_BRACES)
    return _NAMED.sub(f"&{_JOINER}", _joined(text))


def _joined(text: str) -> str:
    return _ESCAPE.sub(rf"\\{_JOINER}", text)
