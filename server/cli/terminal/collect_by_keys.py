"""Collecting with the keys of a terminal and a live view in it."""

from overlay.core.errors import SigncapError
from overlay.media.source import Source
from overlay.recognition.hands.hand_detector import HandDetector
from server.cli.terminal.camera_thread import watching
from server.cli.terminal.collect_screen import Screen
from server.cli.terminal.collect_unattended import start_next
from server.cli.terminal.keys import ESCAPE, LEFT, RIGHT, pressed, single_keys
from server.collection.collector import Collector
from server.collection.state import Phase


def collect_by_keys(collector: Collector, source: Source, finder: HandDetector, *, auto: bool = False) -> None:
    """Collect until Q is pressed, the source ends, or, with `auto`, all letters are complete.

    Raises:
        SigncapError: the source cannot go on; with `auto`, also when pictures cannot be written.
    """
    screen, keyboard = Screen(collector.letters), _Keyboard(collector)
    with watching(source, finder) as frames, screen.open(), single_keys():
        for seen in frames:
            if seen is not None:
                collector.accept(*seen)
            for key in pressed():
                if key == "q":
                    return
                keyboard.press(key)
                auto = auto and key not in ("x", "u", ESCAPE)
            if auto and not start_next(collector):
                return
            if seen is not None or source.notice:
                frame, hand = seen or (None, None)
                screen.show(collector.state, frame, hand, keyboard.note or source.notice or "")


class _Keyboard:
    """What each key does.

    Attributes:
        note: why the last key could not do it; "" when it could.
    """

    def __init__(self, collector: Collector) -> None:
        self.note = ""
        self._collector = collector
        self._older_asked = False  # undo was pressed for a take from before: the second time means it

    def press(self, key: str) -> None:
        older, self._older_asked = self._older_asked, False
        self.note = ""
        try:
            self._do(key, older)
        except SigncapError as error:
            self.note = str(error)

    def _do(self, key: str, older: bool) -> None:
        collector = self._collector
        if key == "s":
            collector.start()
        elif key in ("p", " "):
            (collector.resume if collector.state.phase is Phase.PAUSED else collector.pause)()
        elif key in ("x", ESCAPE):
            collector.stop()
        elif key == "u":
            self._undo(older)
        elif key in ("n", RIGHT):
            self._step(1)
        elif key in ("b", LEFT):
            self._step(-1)

    def _undo(self, older: bool) -> None:
        undo = self._collector.state.undo
        if undo is not None and undo.older and not older:
            self._older_asked = True
            self.note = (
                f"Take {undo.take} of {undo.letter} with {undo.count} pictures is from before: "
                "press U again to delete it."
            )
        else:
            self._collector.undo(older=older)

    def _step(self, by: int) -> None:
        state, letters = self._collector.state, self._collector.letters
        if by > 0 and state.phase is Phase.DONE and state.next_letter is not None:
            self._collector.choose(letter=state.next_letter)
        else:
            place = letters.find(state.choice.letter) + by
            self._collector.choose(letter=letters[place % len(letters)])
