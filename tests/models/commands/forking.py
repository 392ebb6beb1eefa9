"""Processes that train, each there at once: one process loads PyTorch and all else, and forks for each of them.

As a script, with more arguments, it is what `torchrun` starts in a test: it asks for a fork with its own environment
and outputs, and ends as that does. For this it loads nothing of the project or its libraries.
"""

import contextlib
import json
import os
import runpy
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

WAIT = 120.0  # seconds for a process to end


class Forked:
    """A process that was forked.

    Args:
        forks: the socket of the process that forks.
        module: that it runs as `python -m` does, or the path of a script.
        arguments: of its command line.
        environment: all of it.
        said: files for its standard output and error; the files of this process when none are given.
    """

    def __init__(
        self,
        forks: str,
        module: str,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        said: tuple[Path, Path] | None = None,
    ) -> None:
        self.returncode: int | None = None
        self._said = said
        self._connection = socket.socket(socket.AF_UNIX)
        self._connection.settimeout(WAIT)
        self._connection.connect(forks)
        with contextlib.ExitStack() as stack:
            outputs = [stack.enter_context(path.open("wb")).fileno() for path in said] if said else [1, 2]
            socket.send_fds(self._connection, [b"\n"], outputs)
        self._connection.sendall(json.dumps([module, list(arguments), dict(environment)]).encode() + b"\n")
        self._answers = self._connection.makefile("r")
        self.pid = int(self._answers.readline())

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)

    def poll(self) -> int | None:
        """Its status where it has ended."""
        if self.returncode is None:
            self._connection.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                if self._connection.recv(1, socket.MSG_PEEK):
                    self.wait()
            self._connection.settimeout(WAIT)
        return self.returncode

    def wait(self) -> int:
        """Its status, when it has ended; as of `subprocess`."""
        if self.returncode is None:
            self._connection.settimeout(WAIT)
            self.returncode = int(self._answers.readline())
            self._connection.close()
        return self.returncode

    def communicate(self) -> tuple[str, str]:
        """What it said on standard output and error until its end."""
        self.wait()
        assert self._said is not None
        out, err = (path.read_text("utf-8") for path in self._said)
        return out, err


def serve(path: str) -> None:
    """Fork for whoever asks. Returns in a process that was asked for, when what it is for is done."""
    import optuna  # noqa: F401
    import pydantic.type_adapter  # noqa: F401
    import torch.distributed.launcher.api
    import torch.profiler  # noqa: F401

    import models.training.compare
    import models.training.sweep  # noqa: F401
    import server.cli.main

    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen()
    print("ready", flush=True)
    while True:
        connection, _ = listener.accept()
        asked, outputs, _, _ = socket.recv_fds(connection, 1, 2)
        if not asked:  # nobody needs it any more
            with contextlib.suppress(ChildProcessError):
                while True:
                    os.wait()
            return
        order = json.loads(connection.makefile("r").readline())
        if os.fork() == 0:
            listener.close()
            break
        connection.close()
        for output in outputs:
            os.close(output)
    process = os.fork()
    if process:
        connection.sendall(b"%d\n" % process)
        _, status = os.waitpid(process, 0)
        connection.sendall(b"%d\n" % os.waitstatus_to_exitcode(status))
        os._exit(0)
    connection.close()
    for number, output in enumerate(outputs, 1):
        os.dup2(output, number)
        os.close(output)
    module, arguments, environment = order
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = [module, *arguments]
    if module == "server.cli.main":  # which is loaded
        sys.argv[0] = "signcap"
        server.cli.main.main()
    elif module.endswith(".py"):
        runpy.run_path(module, run_name="__main__")
    else:
        runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    if len(sys.argv) == 2:
        serve(sys.argv[1])
    else:
        sys.exit(Forked(sys.argv[1], sys.argv[2], sys.argv[3:], os.environ).wait())
