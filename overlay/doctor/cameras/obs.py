"""The virtual camera of macOS and Windows, which is OBS's."""

from collections.abc import Callable

from overlay.doctor.cameras.camera_elsewhere import read_registry
from overlay.doctor.finding import Finding, good, problem, unknown, warning, what_to_do
from overlay.doctor.machine import Machine
from overlay.media.sinks.virtual_camera import WITH_OBS

NAME = "virtual camera"
# As pyvirtualcam, and OBS itself, look for it.
_CLASS = r"CLSID\{A3FCE0F5-3493-419F-958A-ABA1250EC20B}"
_PROGRAM = r"SOFTWARE\OBS Studio"
_UNITY = r"CLSID\{5C2CD55C-92AD-4999-8666-912BD3E70010}"
_APP = "Applications/OBS.app"
_PLUGIN = "Library/CoreMediaIO/Plug-Ins/DAL/obs-mac-virtualcam.plugin"
_EXTENSION = "Library/SystemExtensions/*/com.obsproject.obs-studio.mac-camera-extension.systemextension"
PRESS = {
    "darwin": (
        "Open OBS, press Start Virtual Camera in it once, allow its extension in System Settings (General, Login "
        "Items & Extensions, Camera Extensions), restart the computer if it asks for it, and close OBS."
    ),
    "win32": "Open OBS, press Start Virtual Camera in it once, and close it. If that fails, install it again.",
}


def open_obs() -> str:
    """Open its virtual camera, and close it.

    Returns:
        Its name.

    Raises:
        Exception: whatever a backend of pyvirtualcam raises.
    """
    import pyvirtualcam

    with pyvirtualcam.Camera(1280, 720, 30, fmt=pyvirtualcam.PixelFormat.I420) as camera:
        return str(camera.device)


def check_obs(
    machine: Machine,
    open_one: Callable[[], str] = open_obs,
    registry: Callable[[str, str, str], str | None] = read_registry,
) -> Finding:
    """Open the virtual camera as Signcap would; where that fails, see what is missing.

    Args:
        machine: a macOS or a Windows.
        open_one: opens it and closes it; gives its name.
        registry: reads Windows' registry.
    """
    try:
        return good(NAME, f"{open_one()}: free")
    except Exception as error:
        reason = (str(error).splitlines() or ["no reason given"])[0]
    if machine.platform == "win32":
        registered = any(registry("HKEY_CLASSES_ROOT", key, "") is not None for key in (_CLASS, _UNITY))
        installed = registry("HKEY_LOCAL_MACHINE", _PROGRAM, "") is not None
    elif machine.platform == "darwin":
        registered = (machine.root / _PLUGIN).exists() or any(machine.root.glob(_EXTENSION))
        registered = registered and "not installed" not in reason  # there, but not allowed yet
        installed = (machine.root / _APP).exists()
    else:
        return unknown(NAME, f"not known on this system ({reason[:120].rstrip('.')})")
    if registered:
        return problem(
            NAME,
            f"OBS's cannot be used ({reason[:120].rstrip('.')})",
            "Press Stop Virtual Camera in OBS, close OBS and other programs that write to it, and start again.",
        )
    if installed:
        return problem(
            NAME, "OBS is installed, but its virtual camera has not been started yet", PRESS[machine.platform]
        )
    return warning(NAME, "none", what_to_do(WITH_OBS))
