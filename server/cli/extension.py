"""`signcap extension`: where the browser extension is, and how to load it."""

import zipfile
from pathlib import Path
from typing import Annotated, Final

import typer

EXTENSION: Final = Path(__file__).parents[2] / "extension"
CHECKED_ONLY: Final = ".d.ts"  # of use to the type checker alone
OLDEST: Final = (1980, 1, 1, 0, 0, 0)  # the first day that a zip can hold: the same files give the same zip

HOW: Final = """The Signcap extension puts the captioned picture into Meet, Zoom, Teams and Jitsi, in Chrome,
Chromium, Edge and Brave, without a virtual camera. Its folder is

    {folder}

1. Open chrome://extensions (in Edge edge://extensions) and switch on "Developer mode".
2. Press "Load unpacked" and choose that folder.
3. Press Signcap's button beside the address bar, then Pair, while Signcap runs (`signcap`).
4. Switch on the sites on which you call, and reload their open pages. Choose the camera "Signcap" there."""


def extension(
    zip_file: Annotated[
        Path | None,
        typer.Option("--zip", metavar="FILE.zip", help="Write it into a new zip file.", show_default=False),
    ] = None,
) -> None:
    """Say where the browser extension is and how to load it, or make a zip of it."""
    if zip_file is None:
        print(HOW.format(folder=EXTENSION.resolve()))
        return
    write_zip(zip_file)
    print(zip_file)


def extension_files() -> list[Path]:
    """Return the files of the folder that a browser needs, in order."""
    return sorted(
        path
        for path in EXTENSION.rglob("*")
        if path.is_file() and not path.name.endswith(CHECKED_ONLY) and "__pycache__" not in path.parts
    )


def write_zip(path: Path) -> None:
    """Write the extension as a zip, the manifest at its top.

    Raises:
        SinkError: a file of that name exists, or it cannot be written.
    """
    from overlay.core.files.new_file import NewFile

    new = NewFile(path)
    try:
        with zipfile.ZipFile(new.part, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in extension_files():
                entry = zipfile.ZipInfo(file.relative_to(EXTENSION).as_posix(), OLDEST)
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.external_attr = 0o644 << 16
                archive.writestr(entry, file.read_bytes())
        new.keep()
    except OSError as error:
        raise new.failed(error) from error
    finally:
        new.discard()
