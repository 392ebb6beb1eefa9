"""Files that get their names when they are complete, and never take the place of others."""

import errno
import os
from pathlib import Path
from typing import Final

from overlay.core.errors import SinkError
from overlay.core.files.atomic import make_part, usual_mode

NO_LINKS: Final = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EACCES}


class NewFile:
    """A file under way: until it is kept, and if the program is stopped, there is nothing of its name.

    Args:
        path: of the file, which must not exist.

    Attributes:
        part: where to write it until it is kept; hidden, in the same folder.

    Raises:
        SinkError: a file of that name exists, or its folder cannot be written to.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        if os.path.lexists(path):
            raise SinkError(f"{path} exists already: choose another name, or remove it first.")
        try:
            self.part = make_part(path, path.stem)
        except OSError as error:
            raise SinkError(
                f"Cannot write {path} ({error.strerror}): choose a folder that exists and that you may write to."
            ) from error

    @property
    def path(self) -> Path:
        """The path that the file will have."""
        return self._path

    @property
    def under_way(self) -> bool:
        """Neither kept nor discarded."""
        return self.part.exists()

    def write(self, text: str) -> None:
        """Write all of it as UTF-8, and keep it.

        Raises:
            SinkError: it cannot be written, as when the disk is full, or its name is taken.
        """
        try:
            self.part.write_text(text, "utf-8", newline="\n")
            self.keep()
        except OSError as error:
            self.discard()
            raise self.failed(error) from error

    def keep(self) -> None:
        """Give it its name.

        Raises:
            OSError: a file of that name has come up meanwhile, or the folder is gone.
        """
        self.part.chmod(usual_mode())
        try:
            os.link(self.part, self._path)  # fails where the name is taken, at whatever moment
        except FileExistsError:
            raise self._taken() from None
        except OSError as error:
            if error.errno not in NO_LINKS:
                raise
            if os.path.lexists(self._path):
                raise self._taken() from None
            self.part.rename(self._path)
        else:
            self.part.unlink()

    def discard(self) -> None:
        """Give up: nothing stays on the disk."""
        self.part.unlink(missing_ok=True)

    def failed(self, error: Exception) -> SinkError:
        """The sentence for what went wrong while it was written."""
        reason = getattr(error, "strerror", None) or error
        return SinkError(f"Cannot write {self._path} ({reason}): choose another folder, or make room on the disk.")

    def _taken(self) -> FileExistsError:
        return FileExistsError(errno.EEXIST, "a file of that name has come up meanwhile")
