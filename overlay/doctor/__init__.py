"""Checks of this computer: what is there, what is wrong with it, and what to do."""

from overlay.doctor.finding import Finding, State
from overlay.doctor.machine import Machine

__all__ = ["Finding", "Machine", "State"]
