"""The virtual camera of Linux, in each state that its driver can be in."""

from pathlib import Path
from typing import Any

import pytest

from overlay.doctor import Finding
from overlay.doctor.cameras import loopback
from overlay.doctor.cameras.loopback import check_loopback
from overlay.media.sinks.virtual_camera import LOAD, RELOAD, WITH_PIPEWIRE
from overlay.media.v4l2 import VideoDevice

pytestmark = pytest.mark.unit

SECURE_BOOT = "sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"
ON, OFF = b"\x06\0\0\0\x01", b"\x06\0\0\0\x00"
BUILT = "lib/modules/6.1.0-42-amd64/updates/dkms/v4l2loopback.ko.xz"
LASTING = "options v4l2loopback exclusive_caps=1 max_buffers=2\n"


def check(
    computer: Any, *devices: VideoDevice, users: dict[str, list[str]] | None = None, pipewire: bool = False
) -> list[Finding]:
    return check_loopback(
        computer.machine,
        devices,
        used_by=lambda path: (users or {}).get(path.name, []),
        ask=lambda *_: None,
        has_pipewire=lambda: pipewire,
    )


def only(findings: list[Finding]) -> Finding:
    """The one about the device, whatever there is about the next start."""
    assert [one.name for one in findings] in (
        ["virtual camera"],
        ["virtual camera", "virtual camera after a restart"],
    )
    return findings[0]


def test_nothing_installed_is_no_problem_and_says_how(computer: Any) -> None:
    (finding,) = check(computer)
    assert (finding.state, finding.found) == ("warning", "none")
    assert finding.advice is not None
    assert finding.advice.startswith(
        "Install v4l2loopback (on Debian and Ubuntu `sudo apt install v4l2loopback-dkms`"
    )
    assert f"`{LOAD}`" in finding.advice


def test_with_pipewire_there_is_another_way(computer: Any) -> None:
    (finding,) = check(computer, pipewire=True)
    assert finding.advice is not None
    assert finding.advice.endswith(WITH_PIPEWIRE)


@pytest.mark.parametrize(
    ("release", "command"),
    [
        ('ID=fedora\nNAME="Fedora Linux"', "`sudo dnf install v4l2loopback`"),
        ("ID=manjaro\nID_LIKE=arch", "`sudo pacman -S v4l2loopback-dkms linux-headers`"),
        ('ID="opensuse-tumbleweed"\nID_LIKE="opensuse suse"', "`sudo zypper install v4l2loopback-kmp-default`"),
        ("ID=linuxmint\nID_LIKE=ubuntu", "`sudo apt install v4l2loopback-dkms`"),
    ],
)
def test_each_distribution_has_its_own_command(computer: Any, release: str, command: str) -> None:
    computer.write("etc/os-release", f"{release}\n")
    (finding,) = check(computer)
    assert finding.advice is not None
    assert command in finding.advice


@pytest.mark.parametrize("known_by", ["the file", "the list"])
def test_installed_but_not_loaded(computer: Any, known_by: str) -> None:
    if known_by == "the file":
        computer.write(BUILT)
    else:
        computer.write("lib/modules/6.1.0-42-amd64/modules.dep", "extra/v4l2loopback.ko: kernel/videodev.ko\n")
    (finding,) = check(computer)
    assert (finding.state, finding.found) == ("problem", "v4l2loopback is installed, but not loaded")
    assert finding.advice is not None
    assert finding.advice.startswith(f"Run `{LOAD}`.")
    assert "/etc/modules-load.d/v4l2loopback.conf" in finding.advice
    assert "Secure Boot" not in finding.advice


def test_installed_but_built_for_another_kernel(computer: Any) -> None:
    computer.write("etc/debian_version", "12.9")
    computer.write("usr/src/v4l2loopback-0.12.7/Kbuild")
    computer.write(BUILT.replace("42", "41"))
    (finding,) = check(computer)
    assert finding.state == "problem"
    assert finding.found == "v4l2loopback 0.12.7 is installed, but not built for this kernel (6.1.0-42-amd64)"
    assert finding.advice is not None
    assert "linux-headers-$(uname -r) && sudo dkms autoinstall`" in finding.advice


@pytest.mark.parametrize("key", ["var/lib/dkms/mok.pub", "var/lib/shim-signed/mok/MOK.der"])
def test_secure_boot_wants_the_module_signed(computer: Any, key: str) -> None:
    computer.write(BUILT)
    computer.write(key)
    computer.write(SECURE_BOOT, ON)
    (finding,) = check(computer)
    assert finding.advice is not None
    assert f"`sudo mokutil --import /{key}`" in finding.advice
    computer.write(SECURE_BOOT, OFF)
    (finding,) = check(computer)
    assert finding.advice is not None
    assert "mokutil" not in finding.advice


@pytest.mark.parametrize(("said", "asked"), [("SecureBoot enabled\n", True), ("SecureBoot disabled\n", False)])
def test_secure_boot_is_asked_for_where_the_variable_cannot_be_read(computer: Any, said: str, asked: bool) -> None:
    computer.write(BUILT)
    (computer.root / "sys/firmware/efi").mkdir(parents=True)
    (finding,) = check_loopback(computer.machine, [], ask=lambda *_: said, has_pipewire=lambda: False)
    assert finding.advice is not None
    assert ("mokutil" in finding.advice) == asked


def test_loaded_without_a_device(computer: Any) -> None:
    computer.load_module()
    (finding,) = check(computer)
    assert (finding.state, finding.found) == ("problem", "v4l2loopback 0.15.0 is loaded without a device")
    assert finding.advice == f"Run `{RELOAD}`."


def test_a_free_device_that_lasts_is_all_well(computer: Any) -> None:
    computer.load_module()
    computer.write("etc/modules-load.d/v4l2loopback.conf", "# cameras\nv4l2loopback\n")
    computer.write("etc/modprobe.d/v4l2loopback.conf", LASTING)
    device = computer.loopback()
    assert check(computer, device) == [
        Finding("virtual camera", "good", f"Signcap ({device.path}), v4l2loopback 0.15.0: free")
    ]


@pytest.mark.parametrize(
    ("files", "found"),
    [
        ({}, "it will not be loaded"),
        ({"etc/modules": "# v4l2loopback\n"}, "it will not be loaded"),
        ({"etc/modules": "v4l2loopback\n"}, "it will be loaded without exclusive_caps=1"),
        (
            {"etc/modules": "v4l2loopback\n", "etc/modprobe.d/a.conf": "options v4l2loopback exclusive_caps=0\n"},
            "it will be loaded without exclusive_caps=1",
        ),
    ],
)
def test_what_is_lost_at_a_restart_is_told(computer: Any, files: dict[str, str], found: str) -> None:
    computer.load_module()
    for path, text in files.items():
        computer.write(path, text)
    free, restart = check(computer, computer.loopback())
    assert free.state == "good"
    assert (restart.name, restart.state, restart.found) == ("virtual camera after a restart", "warning", found)
    assert restart.advice is not None
    assert "exclusive_caps=1" in restart.advice


def test_without_exclusive_caps_chrome_does_not_list_it(computer: Any) -> None:
    computer.load_module()
    finding = only(check(computer, computer.loopback(caps="both")))
    assert finding.state == "warning"
    assert finding.found.endswith(": exclusive_caps=0")
    assert finding.advice == f"Chrome, and calls that run in it, do not list it. Run `{RELOAD}`."


def test_other_options_that_do_harm(computer: Any) -> None:
    computer.load_module(buffers=1)
    finding = only(check(computer, computer.loopback(name="Dummy video device (0x0000)")))
    assert finding.state == "warning"
    assert finding.found.endswith(": max_buffers=1, no name of its own")


@pytest.mark.parametrize("sources", [None, "0.12.7", "0.15.1"])
def test_version_0_12_opens_once_and_is_recognised_by_what_it_does_not_tell(
    computer: Any, sources: str | None
) -> None:
    computer.load_module(version=None)
    if sources is not None:
        computer.write(f"usr/src/v4l2loopback-{sources}/Kbuild")
    finding = only(check(computer, computer.loopback(state=None)))
    called = "0.12.7" if sources == "0.12.7" else "0.12"
    assert finding.state == "warning"
    assert finding.found.endswith(f"v4l2loopback {called}: can be written to only once with exclusive_caps=1")
    assert finding.advice is not None
    assert "0.15" in finding.advice
    assert RELOAD in finding.advice


def test_used_up(computer: Any) -> None:
    """As 0.12.7 leaves a device that was written to: it can neither be read nor written."""
    computer.load_module(version=None)
    finding = only(check(computer, computer.loopback(caps="neither", state=None)))
    assert finding.state == "problem"
    assert "has been written to, and can be only once" in finding.found
    assert finding.advice is not None
    assert RELOAD in finding.advice


@pytest.mark.parametrize(("caps", "state", "shown"), [
    ("capture", "capture", "YU12:640x360@30"),
    ("both", "capture", "YU12:640x360@30"),
    ("both", None, "YU12:640x360@30"),
])  # fmt: skip
def test_another_program_writes_to_it(computer: Any, caps: str, state: str | None, shown: str) -> None:
    computer.load_module()
    device = computer.loopback(caps=caps, state=state, shown_format=shown)
    finding = only(check(computer, device, users={"video0": ["ffmpeg", "obs"]}))
    assert finding.state == "problem"
    assert finding.found == f"Signcap ({device.path}): another program writes to it (open in ffmpeg and obs)"


@pytest.mark.parametrize("process", ["4242", "self"])
@pytest.mark.parametrize("caps", ["capture", "both"])
def test_signcap_itself_writes_to_it(computer: Any, process: str, caps: str) -> None:
    computer.load_module()
    device = computer.loopback(caps=caps, state="capture")
    computer.signcap_opens(device, to_write=True, process=process)
    finding = only(check(computer, device, users={"video0": ["chromium", "signcap"]}))
    assert (finding.state, finding.found) == ("good", f"Signcap ({device.path}): in use by Signcap, which runs now")


def test_one_that_signcap_reads_is_not_taken_for_its_own(computer: Any) -> None:
    computer.load_module()
    phone = computer.loopback(0, "Phone", caps="capture", state="capture")
    computer.signcap_opens(phone, to_write=False)
    assert only(check(computer, phone)).state == "problem"
    free = computer.loopback(1, "Second")
    assert only(check(computer, phone, free)).found.startswith(f"Second ({free.path})")


def test_of_several_the_free_one_counts_and_the_taken_one_is_named(computer: Any) -> None:
    computer.load_module()
    taken = computer.loopback(0, "OBS", caps="capture", state="capture")
    free = computer.loopback(1, "Second")
    named = computer.loopback(2, "Signcap")
    assert only(check(computer, taken, free)).found == f"Second ({free.path}), v4l2loopback 0.15.0: free"
    assert only(check(computer, taken, free, named)).found.startswith(f"Signcap ({named.path})")
    taken = computer.loopback(0, "OBS", caps="both", state="capture")
    finding = only(check(computer, taken, computer.loopback(1, "Second", caps="both")))
    assert finding.advice is not None
    assert f"`signcap --virtual-camera {free.path}`" in finding.advice


def test_a_user_who_may_not_write_to_it(computer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Such a user cannot even ask the device what it is."""
    computer.load_module()
    device = computer.loopback()
    locked = VideoDevice(device.path, "Signcap")

    def may_not(_device: Path) -> bool:
        return False

    monkeypatch.setattr(loopback, "may_use", may_not)
    monkeypatch.setattr(loopback, "how_to_get", lambda _device: "Ask.")
    finding = only(check(computer, locked))
    assert finding == Finding(
        "virtual camera", "problem", f"Signcap ({device.path}): this user may not write to it", "Ask."
    )


def test_linux_inside_windows_has_none(computer: Any) -> None:
    machine = type(computer.machine)("linux", computer.root, "5.15.167.4-microsoft-standard-WSL2")
    (finding,) = check_loopback(machine, [], has_pipewire=lambda: False)
    assert finding.state == "warning"
    assert finding.advice == "Run Signcap on Windows itself."
