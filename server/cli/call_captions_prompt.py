"""Asks for a caption link at the terminal: as an argument, other programs and the shell's history would have it."""

import sys
from getpass import getpass

from overlay.core.errors import SigncapError
from server.call_captions.links import HOW, LONGEST, CaptionLink, recognise


def ask_for_link() -> CaptionLink:
    """The link that is typed or pasted unseen, or the first line of what is piped in.

    Raises:
        SigncapError: there is none, or it is no caption link.
    """
    if sys.stdin.isatty():
        try:
            text = getpass("Caption link of the meeting (it is not shown): ")
        except EOFError:
            text = ""
    else:
        text = sys.stdin.readline(LONGEST + 1)
    if not text.strip():
        raise SigncapError(f"Paste the caption link of the meeting. {HOW}")
    return recognise(text)
