"""The server's socket: on 127.0.0.1 and nothing else."""

import errno
import socket

from overlay.core.errors import SigncapError

HOST = "127.0.0.1"
PORT = 8765
TRIED = 10  # ports from `PORT` on, before the system chooses one
_TAKEN = {errno.EADDRINUSE, getattr(errno, "WSAEADDRINUSE", errno.EADDRINUSE)}


def _bind(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):  # Windows lets two programs share a port otherwise
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        listener.listen(128)
    except BaseException:
        listener.close()
        raise
    return listener


def listen(port: int | None) -> socket.socket:
    """A listening socket on that port of this machine.

    Args:
        port: the port; None takes the first free one from `PORT` on.

    Raises:
        SigncapError: the port is taken or not allowed.
    """
    candidates = [port] if port is not None else [*range(PORT, PORT + TRIED), 0]
    for candidate in candidates:
        try:
            return _bind(candidate)
        except PermissionError as error:
            if port is not None:
                raise SigncapError(
                    f"Port {port} is not for ordinary programs: choose one above 1023 with --port, or leave it out."
                ) from error
        except OSError as error:
            if port is not None and error.errno in _TAKEN:
                raise SigncapError(
                    f"Port {port} is taken by another program: choose another with --port, or leave it out."
                ) from error
            if port is not None or error.errno not in _TAKEN:
                raise SigncapError(f"Cannot listen on port {candidate} ({error.strerror}).") from error
    raise SigncapError("There is no free port: close a program that listens, and start again.")
