"""All checks, in the order in which people read them."""

import getpass
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from overlay.doctor import Finding, Machine
from overlay.doctor.finding import for_strangers, good, unknown

Check = Callable[[], "Finding | Iterable[Finding] | None"]


@dataclass(frozen=True, slots=True)
class Running:
    """The facts of a Signcap that runs, so that nothing it uses is opened again.

    Attributes:
        port: where it serves.
        camera: the name of the camera that it reads; None: none.
        virtual_camera: that it writes to one.
        milliseconds: that it takes to read a frame; None: not known yet.
        hand_model: as given on the command line.
        settings: its settings file.
    """

    port: int
    camera: str | None = None
    virtual_camera: bool = False
    milliseconds: float | None = None
    hand_model: Path | None = None
    settings: Path | None = None


def all_checks(machine: Machine, running: Running | None = None) -> list[tuple[str, Check]]:
    """Names and checks.

    Args:
        machine: this computer.
        running: of the Signcap that asks; then no camera is opened, and nothing that takes long is done.
    """
    return [
        ("python", _python),
        ("packages", lambda: _packages(machine)),
        ("hand model", lambda: _hand_model(running)),
        ("camera", lambda: _cameras(machine, running)),
        ("virtual camera", lambda: _virtual_camera(machine, running)),
        ("speed", lambda: _speed(running)),
        ("memory", _memory),
        ("port", lambda: _port(running)),
        ("browser", lambda: _browser(running)),
        ("folders", _folders),
        ("settings", lambda: _settings(running)),
    ]


def run_checks(checks: Iterable[tuple[str, Check]]) -> Iterator[Finding]:
    """The findings, each as soon as it is there; a check that fails says so and stops nothing."""
    homes, user = _homes(), _user()
    for name, check in checks:
        try:
            found = check()
            findings = [] if found is None else [found] if isinstance(found, Finding) else list(found)
        except Exception as error:  # whatever this computer has in store
            reason = (str(error).splitlines() or [""])[0][:200]
            findings = [unknown(name, f"could not be checked ({type(error).__name__}: {reason})")]
        for finding in findings:
            yield for_strangers(finding, homes, user)


def _homes() -> list[Path]:
    try:
        return [Path.home(), Path.home().resolve()]
    except (RuntimeError, OSError):  # a user without one
        return []


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # one that the system does not know
        return ""


def _python() -> Finding:
    from overlay.doctor.system.python import check_python

    return check_python()


def _packages(machine: Machine) -> list[Finding]:
    from overlay.doctor.system.packages import check_loading, check_opencv, check_packages

    first = check_packages()
    others = [finding for finding in (check_opencv(), check_loading(machine)) if finding is not None]
    return others if others and first.state == "good" else [first, *others]


def _hand_model(running: Running | None) -> Finding:
    from overlay.doctor.system.hand_model import check_hand_model

    return check_hand_model(None if running is None else running.hand_model)


def _cameras(machine: Machine, running: Running | None) -> list[Finding]:
    from overlay.doctor.cameras.camera import check_cameras
    from overlay.doctor.cameras.camera_elsewhere import check_cameras_elsewhere
    from overlay.doctor.cameras.looking import look_through
    from overlay.media.pipewire_cameras import list_pipewire_cameras
    from overlay.media.v4l2 import video_devices

    if machine.is_linux:
        look = look_through if running is None else None
        return check_cameras(machine, video_devices(), look, pipewire=list_pipewire_cameras())
    if running is None:
        return check_cameras_elsewhere(machine)
    if running.camera is not None:
        return [good("camera", f"{running.camera}: in use by Signcap, which runs now")]
    return [unknown("camera", "not opened while Signcap runs", "Choose one as the source on the page Live.")]


def _virtual_camera(machine: Machine, running: Running | None) -> list[Finding]:
    from overlay.doctor.cameras.loopback import check_loopback
    from overlay.doctor.cameras.obs import check_obs
    from overlay.media.v4l2 import video_devices

    if machine.is_linux:
        devices = video_devices()
        if (
            running is not None
            and running.virtual_camera
            and not any(machine.signcap_use(one.path) == "writes" for one in devices)
        ):
            return [good("virtual camera", "PipeWire's, in use by Signcap: browsers list it")]
        return check_loopback(machine, devices)
    if running is not None and running.virtual_camera:
        return [good("virtual camera", "in use by Signcap, which runs now")]
    return [check_obs(machine)]


def _speed(running: Running | None) -> Finding:
    from overlay.doctor.system.hand_model import here
    from overlay.doctor.system.port import signcap_runs
    from overlay.doctor.system.speed import NAME, judge, measure

    if running is None:
        if signcap_runs():
            return unknown(NAME, "not measured while Signcap runs", "Look on its page, under the gear.")
        model = here()
        return judge(None if model is None else measure(model))
    if running.milliseconds is None:
        return unknown(NAME, "known as soon as Signcap has read for some seconds", None)
    return judge(running.milliseconds)


def _memory() -> Finding:
    from overlay.doctor.system.resources import check_memory

    return check_memory()


def _port(running: Running | None) -> Finding:
    from overlay.doctor.system.port import NAME, check_port

    return check_port() if running is None else good(NAME, f"Signcap runs at {running.port}")


def _browser(running: Running | None) -> Finding:
    from server.doctor.browser import NAME, check_browser

    return check_browser() if running is None else good(NAME, "OK")


def _folders() -> list[Finding]:
    from overlay.core.settings import settings_path
    from overlay.doctor.system.resources import check_folder
    from overlay.recognition.hands.hand_model import cached_bundle

    found = [
        check_folder("settings folder", settings_path().parent),
        check_folder("folder of the hand model", cached_bundle().parent),
    ]
    bad = [finding for finding in found if finding.state != "good"]
    return bad or [good("folders", "can be written to")]


def _settings(running: Running | None) -> Finding:
    from overlay.doctor.system.settings import check_settings

    return check_settings(None if running is None else running.settings)
