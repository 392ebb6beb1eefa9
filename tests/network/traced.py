"""A program whose system calls are traced: where it, and whatever it started, has sent anything."""

import contextlib
import ipaddress
import re
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import psutil

CALLS = "connect,sendto,sendmsg,sendmmsg,bind,getsockname"
_ADDRESS = re.compile(
    r"sa_family=AF_INET6?, sin6?_port=htons\((?P<port>\d+)\),"
    r'.*?(?:inet_addr\(|inet_pton\(AF_INET6, )"(?P<host>[^"]+)"'
)
_OWN_PORT = re.compile(r"^\d+ +(bind|getsockname)\(|<\.\.\. getsockname resumed>")
# systemd's resolver looks names up for others, who then need no network of their own.
_RESOLVER = re.compile(r'sun_path="[^"]*resolve[^"]*"', re.IGNORECASE)


class Traced:
    """A command under strace.

    Args:
        command: the program and its arguments.
        log: a new file for its system calls.
        environment: of the program.
    """

    def __init__(self, command: list[str], log: Path, environment: Mapping[str, str]) -> None:
        self._log = log
        self._said = log.with_suffix(".said")
        with self._said.open("wb") as said:
            # A shell lets what it starts in the background not hear Ctrl-C.
            tracing = "env --default-signal=INT strace -f --seccomp-bpf -qq -s 64".split()
            self.process = subprocess.Popen(
                [*tracing, "-e", f"trace={CALLS}", "-o", str(log), *command],
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                env=dict(environment),
                start_new_session=True,
            )

    def _numbers(self) -> list[int]:
        """Of the program and what it started. psutil would look at all processes of the machine each time."""
        found: list[int] = []
        waiting = [self.process.pid]
        while waiting:
            for task in Path(f"/proc/{waiting.pop(0)}/task").glob("*/children"):
                with contextlib.suppress(OSError):
                    numbers = [int(number) for number in task.read_text().split()]
                    waiting += numbers
                    found += numbers
        return found

    def _processes(self) -> list[psutil.Process]:
        found = []
        for number in self._numbers():
            with contextlib.suppress(psutil.NoSuchProcess):
                found.append(psutil.Process(number))
        return found

    @property
    def seconds(self) -> float:
        """Processor time that the program has taken, and what it started and is still there."""
        taken = 0.0
        for process in self._processes():
            with contextlib.suppress(psutil.NoSuchProcess):
                taken += sum(process.cpu_times()[:2])
        return taken

    def freeze(self) -> None:
        """Let the program stand still."""
        self._each("suspend")

    def thaw(self) -> None:
        """Let it go on."""
        self._each("resume")

    def end(self, *, interrupt: bool) -> None:
        """Wait for its end, after Ctrl-C or by itself."""
        if interrupt:
            for process in self._processes()[:1]:  # those that it started are its own to end
                process.send_signal(signal.SIGINT)
        self.process.wait(120)

    def kill(self) -> None:
        """End all of it, whatever it is doing."""
        self._each("kill")
        self.process.wait(60)

    def _each(self, name: str) -> None:
        for process in self._processes():
            try:
                getattr(process, name)()
            except psutil.NoSuchProcess:
                continue

    def has_thread(self, name: str) -> bool:
        """Whether it, or a process that it started, has a thread that a library gave this name."""
        for number in self._numbers():
            for thread in Path(f"/proc/{number}/task").glob("*/comm"):
                with contextlib.suppress(OSError):
                    if thread.read_text().strip() == name:
                        return True
        return False

    @property
    def said(self) -> str:
        """What it wrote to its standard output and error."""
        return self._said.read_text("utf-8", "replace")

    def strangers(self) -> list[str]:
        """The lines of the trace in which something went to a place that is not the program's own."""
        lines = self._log.read_text("utf-8", "replace").splitlines()
        own = {int(found["port"]) for line in lines if _OWN_PORT.search(line) and (found := _ADDRESS.search(line))}
        return [line for line in lines if not _OWN_PORT.search(line) and _is_strange(line, own)]


def _is_strange(line: str, own: set[int]) -> bool:
    if _RESOLVER.search(line):
        return True
    return any(
        not ipaddress.ip_address(found["host"]).is_loopback or int(found["port"]) not in own
        for found in _ADDRESS.finditer(line)
    )


def can_trace() -> bool:
    """Whether programs can be traced here."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        return subprocess.run(["strace", "-qq", "true"], capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False
