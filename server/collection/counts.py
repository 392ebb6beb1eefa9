"""Counts of a signer's pictures: on disk, and in takes that are still being written."""

from server.collection.state import Undo
from server.collection.store import Store
from server.collection.take_writer import Recording


class Ledger:
    """Counts pictures, and knows which take was the last.

    Args:
        store: where takes are.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._signer = ""
        self._on_disk: dict[str, int] = {}
        self._recordings: list[Recording] = []  # of this program and all signers, oldest first
        self._counted: set[int] = set()  # those of them that `_on_disk` holds
        self._older: Undo | None = None

    def look(self, signer: str, letter: str) -> None:
        """Count anew what is on disk; waits for takes that have ended."""
        self.settle()
        self._signer = signer
        self._on_disk = self._store.counts(signer) if signer else {}
        self._counted = {id(recording) for recording in self._recordings}
        last = self._store.last_take(signer, letter) if signer else None
        self._older = Undo(letter, *last, older=True) if last is not None else None

    def add(self, recording: Recording) -> None:
        """A take begins."""
        self._recordings.append(recording)

    def forget(self, recording: Recording) -> None:
        """A take was undone."""
        self._recordings = [other for other in self._recordings if other is not recording]

    def settle(self) -> None:
        """Wait until the takes that have ended are written."""
        for recording in list(self._recordings):
            if recording.ending:
                recording.wait()

    def counts(self) -> dict[str, int]:
        """Pictures on disk of each letter; empty without a signer."""
        counts = dict(self._on_disk)
        for recording in self._uncounted():
            counts[recording.take.info.letter] += recording.written
        return counts

    def count(self, letter: str) -> int:
        """Pictures of a letter, with those that wait to be written."""
        waiting = (one.accepted for one in self._uncounted() if one.take.info.letter == letter)
        return self._on_disk.get(letter, 0) + sum(waiting)

    def last(self) -> Recording | None:
        """The signer's last take that this program collected."""
        own = [one for one in self._recordings if one.take.info.signer == self._signer and one.accepted]
        return own[-1] if own else None

    def undoable(self) -> Undo | None:
        """Return what an undo takes back: the last take of this program, else the last one on disk of the letter."""
        last = self.last()
        if last is None:
            return self._older
        return Undo(last.take.info.letter, last.take.name, last.accepted)

    def taken_now(self) -> tuple[int, int]:
        """Pictures that this program wrote and nobody undid, and how many of them have no hand."""
        frames = [frame for recording in self._recordings for frame in recording.take.frames]
        return len(frames), sum(frame["hand"] is None for frame in frames)

    def new_error(self) -> str | None:
        """Return why one of the last takes could not be written; each sentence is told once."""
        for recording in self._recordings[-2:]:
            if recording.error is not None and not recording.told:
                recording.told = True
                return recording.error
        return None

    def _uncounted(self) -> list[Recording]:
        return [
            one for one in self._recordings if id(one) not in self._counted and one.take.info.signer == self._signer
        ]
