"""`signcap run` in this process, for command lines with which it must not begin to serve."""

import socket
import subprocess
from collections.abc import Callable

import pytest

from overlay.core.process.listener import listen

Refused = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def refused(here: Refused, monkeypatch: pytest.MonkeyPatch) -> Refused:
    """Runs a command line as `here` does; one that is served all the same is a failure."""

    def listen_somewhere(port: int | None) -> socket.socket:
        """The usual port may be another test's, of which nothing is to be said."""
        if port is not None:
            return listen(port)
        free = listen(0)
        monkeypatch.setattr("server.cli.run.PORT", free.getsockname()[1])
        return free

    async def serve(*_: object) -> None:
        raise AssertionError("It serves.")

    monkeypatch.setattr("server.cli.run.listen", listen_somewhere)
    monkeypatch.setattr("server.cli.run.END_LIMIT", 60.0)  # seconds, after which it would end this process
    monkeypatch.setattr("server.web.server.start_serving", serve)
    return here
