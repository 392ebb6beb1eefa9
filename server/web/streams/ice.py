"""Keeps WebRTC on this machine: addresses that are offered, and those that are answered.

aioice offers every address of the machine but 127.0.0.1: a laptop without a network would have none, and
with one the preview would listen on it.
"""

import aioice.ice

LOOPBACK = "127.0.0.1"


def _loopback_only(use_ipv4: bool, use_ipv6: bool) -> list[str]:
    return [LOOPBACK]


def offer_loopback_only() -> None:
    """Make WebRTC connections of this process bind 127.0.0.1 and nothing else from now on."""
    aioice.ice.get_host_addresses = _loopback_only


def without_candidates(sdp: str) -> str:
    """An offer without the browser's own addresses.

    They are not needed: the browser begins by sending to our 127.0.0.1, and where that came from is
    answered. Browsers hide their addresses behind names that end in .local, and to look those up takes a
    second each. Without the end mark we go on waiting for the browser to begin.
    """
    lines = sdp.splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith(("a=candidate:", "a=end-of-candidates")))
