"""Whether this user may use a device of Linux."""

import os
from pathlib import Path


def may_use(device: Path) -> bool:
    """Whether it can be read and written."""
    return os.access(device, os.R_OK | os.W_OK)


def how_to_get(device: Path) -> str:
    """Return how to get leave to use a device."""
    import grp  # Windows has neither groups nor this
    import pwd

    try:
        group = grp.getgrgid(device.stat().st_gid)
        user = pwd.getpwuid(os.getuid()).pw_name
    except (KeyError, OSError):
        return "Ask an administrator to let this user use it."
    if group.gr_gid == 0:
        return f"Run `sudo chgrp video {device} && sudo chmod g+rw {device}`, then try again."
    if user in group.gr_mem and group.gr_gid not in os.getgroups():
        return f"This user is in the group {group.gr_name} since a short while: log out and in again."
    return f"Run `sudo usermod -aG {group.gr_name} $USER`, then log out and in again."
