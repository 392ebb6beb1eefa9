"""Whether the packages that Signcap needs are there, in the right versions, and can be loaded."""

import importlib
from collections.abc import Callable, Sequence
from importlib import metadata

from overlay.doctor.finding import Finding, good, joined, problem, unknown, warning
from overlay.doctor.machine import Machine
from overlay.doctor.system.python import DISTRIBUTION, pip_command

NAME = "packages"
OPENCV = "opencv-contrib-python"
OTHER_OPENCVS = ("opencv-python", "opencv-python-headless", "opencv-contrib-python-headless")
MODULES = ("cv2", "skia", "mediapipe", "onnxruntime", "av", "pyvirtualcam", "aiohttp")  # those that bring native code
LIBRARIES = "sudo apt install libgl1 libegl1 libgles2 libglib2.0-0"

VersionOf = Callable[[str], str | None]


def version_of(name: str) -> str | None:
    """The installed version of a package; None where it is not installed."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def requirements() -> list[str]:
    """Return the requirements of the installed Signcap, such as "numpy<3,>=2", without its extras.

    Raises:
        PackageNotFoundError: Signcap is not installed as a package.
    """
    from packaging.requirements import Requirement

    listed = [(text, Requirement(text).marker) for text in metadata.requires(DISTRIBUTION) or []]
    return [text for text, marker in listed if marker is None or marker.evaluate({"extra": ""})]


def check_packages(wanted: Sequence[str] | None = None, version: VersionOf = version_of) -> Finding:
    """Compare what is installed with what Signcap asks for.

    Args:
        wanted: requirements; those of the installed distribution by default.
        version: of a package.
    """
    from packaging.requirements import Requirement

    try:
        wanted = requirements() if wanted is None else wanted
    except metadata.PackageNotFoundError:
        return unknown(NAME, "Signcap is not installed as a package here")
    missing, wrong, mended = [], [], []
    for requirement in map(Requirement, wanted):
        there = version(requirement.name)
        if there is None:
            missing.append(requirement.name)
        elif not requirement.specifier.contains(there, prereleases=True):
            wrong.append(f"{requirement.name} {there} (needed: {requirement.specifier})")
        else:
            continue
        mended.append(f'"{requirement.name}{requirement.specifier}"')
    if mended:
        found = [
            f"not installed: {joined(missing)}" if missing else "",
            f"wrong version: {joined(wrong)}" if wrong else "",
        ]
        return problem(NAME, "; ".join(filter(None, found)), f"Run `{pip_command('install ' + ' '.join(mended))}`.")
    return good(NAME, f"all {len(wanted)} that Signcap needs")


def check_opencv(version: VersionOf = version_of, loaded: Callable[[], str] | None = None) -> Finding | None:
    """Look for several packages of OpenCV, which overwrite each other's files.

    Args:
        version: of a package.
        loaded: the version that the module `cv2` says it has.

    Returns:
        None where there is no more than one.
    """
    others = [name for name in OTHER_OPENCVS if version(name) is not None]
    right = version(OPENCV)
    if not others or right is None:
        return None
    found = f"{joined(others)} beside {OPENCV}: they overwrite each other"
    advice = (
        f"Run `{pip_command('uninstall -y ' + ' '.join(others))}` and then "
        f"`{pip_command(f'install --force-reinstall --no-deps {OPENCV}=={right}')}`."
    )
    try:
        here = (loaded or _cv2_version)()
    except Exception:  # whatever a broken module does
        return problem(NAME, found, advice)
    if not right.startswith(here):
        return problem(NAME, f"{found}, and Python loads {here} instead of {right}", advice)
    return warning(NAME, found, advice)


def _cv2_version() -> str:
    import cv2

    return str(cv2.__version__)


def check_loading(
    machine: Machine, modules: Sequence[str] = MODULES, load: Callable[[str], object] = importlib.import_module
) -> Finding | None:
    """Load what brings native code: a library of the system that is missing shows only then.

    Returns:
        None where all can be loaded.
    """
    for module in modules:
        try:
            load(module)
        except ModuleNotFoundError as error:
            if error.name == module:
                continue  # told by `check_packages`
            return _cannot_load(module, error, machine)
        except Exception as error:
            return _cannot_load(module, error, machine)
    return None


def _cannot_load(module: str, error: Exception, machine: Machine) -> Finding:
    reason = (str(error).splitlines() or [type(error).__name__])[0][:200].rstrip(".")
    if machine.platform == "win32":
        advice = "Install Microsoft's Visual C++ Redistributable (aka.ms/vs/17/release/vc_redist.x64.exe)."
    elif ".so" in reason and machine.is_debian:
        advice = f"Run `{LIBRARIES}`."
    elif ".so" in reason:
        advice = "Install the package of your system that holds this library."
    else:
        advice = f"Run `{pip_command(f'install --force-reinstall {DISTRIBUTION}')}`, or set Signcap up again."
    return problem(NAME, f"{module} cannot be loaded ({reason})", advice)
