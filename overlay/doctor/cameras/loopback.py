"""The virtual camera of Linux: whether Signcap can write to one, and whether calls will list it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from overlay.doctor.cameras.camera import is_loopback
from overlay.doctor.cameras.module import (
    BUILD,
    LAST,
    OPTIONS,
    Module,
    how_to_install,
    how_to_sign,
    look_at_module,
    secure_boot,
)
from overlay.doctor.cameras.permission import how_to_get, may_use
from overlay.doctor.finding import Finding, good, joined, problem, warning
from overlay.doctor.machine import Machine, ask_program
from overlay.media.pipewire_cameras import pipewire_is_there
from overlay.media.sinks.virtual_camera import LOAD, RELOAD, WITH_PIPEWIRE
from overlay.media.v4l2 import LOOPBACK_DRIVER, VideoDevice, is_fed, users

NAME = "virtual camera"
AFTER_RESTART = "virtual camera after a restart"
BUFFERS = 2  # fewer give torn pictures

UsedBy = Callable[[Path], list[str]]


def check_loopback(
    machine: Machine,
    devices: Sequence[VideoDevice],
    used_by: UsedBy = users,
    ask: Callable[..., str | None] = ask_program,
    has_pipewire: Callable[[], bool] = pipewire_is_there,
) -> list[Finding]:
    """Check the device that Signcap would write to, and say what to do after a restart.

    Nothing is opened for writing: some drivers can be once only.

    Args:
        machine: a Linux.
        devices: as the system lists them.
        used_by: names of the other programs that have a device open.
        ask: gives what a program of the system prints.
        has_pipewire: browsers could be given a camera without the driver.
    """
    module = look_at_module(machine)
    virtual = [one for one in devices if one.driver == LOOPBACK_DRIVER or is_loopback(machine, one.path)]
    if not virtual:
        finding = _without_device(machine, module, ask)
        return [replace(finding, advice=f"{finding.advice} {WITH_PIPEWIRE}") if has_pipewire() else finding]
    finding = _check_devices(machine, module, virtual, used_by)
    if not module.loaded or (module.lasts and module.keeps_options):
        return [finding]
    missing = "it will not be loaded" if not module.lasts else f"it will be loaded without {OPTIONS.split()[0]}"
    return [finding, warning(AFTER_RESTART, missing, f"To make it last: {LAST}.")]


def _without_device(machine: Machine, module: Module, ask: Callable[..., str | None]) -> Finding:
    if machine.is_wsl:
        return warning(NAME, "none: Linux inside Windows has no drivers for it", "Run Signcap on Windows itself.")
    if module.loaded:
        return problem(NAME, f"{module.called} is loaded without a device", f"Run `{RELOAD}`.")
    signed = f" {how_to_sign(machine)}" if secure_boot(machine, ask) else ""
    if module.built:
        last = f" To have it after each restart: {LAST}." if not module.lasts else ""
        return problem(NAME, f"{module.called} is installed, but not loaded", f"Run `{LOAD}`.{signed}{last}")
    if module.sources:
        headers = (
            f"Run `{BUILD}`" if machine.is_debian else "Install the headers of this kernel and let DKMS build it"
        )
        return problem(
            NAME,
            f"{module.called} is installed, but not built for this kernel ({machine.release})",
            f"{headers}, then `{LOAD}`.{signed}",
        )
    return warning(NAME, "none", f"{how_to_install(machine)}{signed}")


def _check_devices(machine: Machine, module: Module, virtual: Sequence[VideoDevice], used_by: UsedBy) -> Finding:
    allowed = [device for device in virtual if may_use(device.path)]
    if not allowed:
        return problem(NAME, f"{_called(virtual[0])}: this user may not write to it", how_to_get(virtual[0].path))
    fed = [device for device in allowed if _is_fed(machine, device)]
    for device in fed:
        if machine.signcap_use(device.path) == "writes":
            return good(NAME, f"{_called(device)}: in use by Signcap, which runs now")
    free = [device for device in allowed if device.outputs and device not in fed]
    if free:
        chosen = min(free, key=lambda device: device.name != "Signcap")
        taken = [device for device in fed if device.outputs]
        return _check_free(module, chosen, taken[0] if taken else None)
    if not fed:
        return problem(
            NAME,
            f"{_called(allowed[0])}: {module.called} has been written to, and can be only once with exclusive_caps=1",
            f"Run `{RELOAD}`, each time before Signcap starts, or install 0.15 or newer, where this is fixed.",
        )
    programs = [name for device in fed for name in used_by(device.path)]
    return problem(
        NAME,
        f"{joined([_called(device) for device in fed])}: another program writes to it"
        + (f" (open in {joined(sorted(set(programs)))})" if programs else ""),
        f"Close that program, or run `{RELOAD}`.",
    )


def _is_fed(machine: Machine, device: VideoDevice) -> bool:
    """Whether some program writes to it."""
    if device.captures != device.outputs:  # with exclusive_caps=1 it is one or the other
        return device.captures
    return device.outputs and is_fed(device.path, machine.root)


def _check_free(module: Module, device: VideoDevice, taken: VideoDevice | None) -> Finding:
    called = f"{_called(device)}, {module.called}"
    faults, advice = [], []
    if device.captures:
        faults.append("exclusive_caps=0")
        advice.append("Chrome, and calls that run in it, do not list it.")
    elif module.opens_once:
        faults.append("can be written to only once with exclusive_caps=1")
        advice.append("Load this version again each time before Signcap starts; 0.15 and newer need no such thing.")
    if module.buffers is not None and module.buffers < BUFFERS:
        faults.append(f"max_buffers={module.buffers}")
        advice.append("Calls may see torn pictures.")
    if device.name.startswith("Dummy video device"):
        faults.append("no name of its own")
        advice.append("It is hard to find in calls.")
    if faults:
        advice.append(f"Run `{RELOAD}`.")
    if taken is not None:  # only with exclusive_caps=0 can one that is written to be taken for a free one
        faults.append(f"another program writes to {_called(taken)}")
        advice.append(f"Until then, start with `signcap --virtual-camera {device.path}`.")
    if faults:
        return warning(NAME, f"{called}: {', '.join(faults)}", " ".join(advice))
    return good(NAME, f"{called}: free")


def _called(device: VideoDevice) -> str:
    return f"{device.name} ({device.path})"
