"""Whether Signcap's port is free, and who has it."""

import http.client

from overlay.core.errors import SigncapError
from overlay.core.process.listener import HOST, PORT, listen
from overlay.doctor.finding import Finding, good, warning

NAME = "port"
PATIENCE = 2.0  # seconds


def check_port(port: int = PORT) -> Finding:
    """Try to listen there; where that fails, ask who does."""
    try:
        listen(port).close()
    except SigncapError:
        if signcap_runs(port):
            return good(NAME, f"Signcap runs at {port}; another one takes the next free port")
        program = _listener(port)
        found = f"{port} is taken by {program or 'another program'}"
        return warning(NAME, found, "Signcap takes the next free one, so links to its pages change: use the newest.")
    return good(NAME, f"{port} is free")


def signcap_runs(port: int = PORT) -> bool:
    """Whether it is Signcap that answers there."""
    connection = http.client.HTTPConnection(HOST, port, timeout=PATIENCE)
    try:
        connection.request("HEAD", "/")
        return connection.getresponse().headers["Server"] == "signcap"
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _listener(port: int) -> str | None:
    """The name of the program, where the system tells it to this user."""
    import psutil

    try:
        for one in psutil.net_connections("tcp"):
            if one.status == psutil.CONN_LISTEN and one.laddr.port == port and one.pid is not None:
                return str(psutil.Process(one.pid).name())
    except (psutil.Error, OSError, AttributeError):
        return None
    return None
