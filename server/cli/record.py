"""`signcap record`: starts and stops the recording of the Signcap that runs; made for a key of the desktop."""

import os
import signal
import time
from typing import Final

import typer

from overlay.core.errors import SigncapError

ANSWER_LIMIT: Final = 15.0  # seconds: opening a file on a slow disk or a busy machine takes some
LOOK_EVERY: Final = 0.05


def record() -> None:
    """Start or stop the recording of the Signcap that runs: bind a key of your desktop to it."""
    from server.session.recording.running_instance import find_running  # in vain for every other command

    number = getattr(signal, "SIGUSR1", None)
    if number is None:
        raise SigncapError("This needs Linux or macOS: press Alt+R on the page instead.")
    before = find_running()
    if before is None:
        raise SigncapError("No Signcap is running: start it with `signcap`, or `signcap run --record FOLDER`.")
    try:
        os.kill(before.pid, number)
    except OSError as error:
        raise SigncapError(f"Signcap does not answer ({error.strerror}): use its page.") from error
    deadline = time.monotonic() + ANSWER_LIMIT
    while time.monotonic() < deadline:
        now = find_running()
        if now is None or now.recording != before.recording:
            break
        time.sleep(LOOK_EVERY)
    else:
        raise SigncapError("Signcap did not start or stop the recording: its page and its terminal say why.")
    if now is not None and now.recording is not None:
        typer.echo(f"Recording to {now.recording}.")
    elif before.recording is not None:
        typer.echo(f"Recording saved: {before.recording}.")
