"""Everything that `signcap run` opens before it can serve."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from overlay.core.errors import SigncapError
from server.session.folders import Folders
from server.session.hand_model import HandModelFetch
from server.session.options import DEMO, RunOptions

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from overlay.captions.language import AssistedReader
    from overlay.captions.language.word_list import WordList
    from overlay.core.settings_store import SettingsStore
    from overlay.enrolment.profile import InUse
    from overlay.media.source import Source
    from overlay.pipeline.pipeline import Pipeline
    from overlay.pipeline.result import Captioner
    from overlay.recognition.hands.hand_detector import HandDetector
    from server.session.notices import Notices
    from server.session.source_control import Sources


@dataclass(frozen=True)
class Opened:
    """The parts of a run: the pipeline, not started yet, and what belongs to it."""

    pipeline: "Pipeline"
    notices: "Notices"
    in_use: "InUse"
    store: "SettingsStore"
    sources: "Sources"
    assisted: "AssistedReader | None" = None  # loads when it is first needed
    folders: Folders = Folders()  # noqa: RUF009  # frozen
    hand_model: HandModelFetch | None = None  # fetches it where it is not there


def open_pipeline(options: RunOptions, say: Callable[[str], None]) -> Opened:
    """Open the source; models load when the pipeline starts.

    Args:
        options: of the command line.
        say: tells the person at the terminal.

    Raises:
        SigncapError: something cannot be opened.
    """
    from overlay.captions.language import AssistedReader
    from overlay.captions.language.word_list import WordList
    from overlay.media.sources.switchable import SwitchableSource
    from overlay.pipeline.pipeline import Pipeline
    from server.session.notices import Notices
    from server.session.recording.control import check_record
    from server.session.source_control import Sources

    _check_models(options)
    check_record(options)
    store = _open_store(options)
    if (warning := store.warning) is not None:
        say(warning)
    in_use = _profile_in_use(options, say)
    ready = threading.Event()
    spec, source = _open_source(options, ready, say)
    notices = Notices()
    holder: list[Pipeline] = []
    words = WordList()
    assisted = AssistedReader(store.current.suggesting.hot_words, word_list=words)

    def show(sentence: str | None) -> None:
        notices.notice("reader", sentence)
        holder[0].waiting = sentence

    hand_model = _hand_model_fetch(options, show, say)

    def make_captioner() -> "Captioner":
        return _make_captioner(options, store, hand_model, ready, in_use, words, assisted)

    pipeline = Pipeline(
        SwitchableSource(source, flip=lambda: store.current.camera.flip), make_captioner, store.current
    )
    holder.append(pipeline)
    sources = Sources(pipeline, notices, spec=spec, text=options.text, virtual_camera=options.virtual_camera)
    return Opened(pipeline, notices, in_use, store, sources, assisted, _make_folders(options, pipeline), hand_model)


def _make_folders(options: RunOptions, pipeline: "Pipeline") -> Folders:
    """Make the text file of the captions. Last of all: else it would be in the way of the next try."""
    from overlay.transcripts.text_file import make_text_file

    try:
        transcript = None if options.transcript is None else make_text_file(options.transcript)
    except SigncapError:
        pipeline.stop()
        raise
    return Folders(data=options.data, runs=options.runs, transcript=transcript)


def _open_store(options: RunOptions) -> "SettingsStore":
    from overlay.core.settings_store import SettingsStore

    saved = SettingsStore()
    changes: dict[str, dict[str, Any]] = {"suggesting": {}}
    if options.hand_outline:
        changes["caption"] = {"hand_outline": True}
    if options.flip is not None:
        changes["camera"] = {"flip": options.flip}
    if options.hot_words:
        together = saved.current.with_hot_words(options.hot_words)
        changes["suggesting"]["hot_words"] = list(together.suggesting.hot_words)
    if options.assisted is not None:
        changes["suggesting"]["reading"] = "assisted" if options.assisted else "as spelled"
    if options.transcript_times:
        changes["transcript"] = {"times": True}
    changes = {group: change for group, change in changes.items() if change}
    return SettingsStore(for_this_run=changes) if changes else saved


def _profile_in_use(options: RunOptions, say: Callable[[str], None]) -> "InUse":
    from overlay.enrolment.profile import InUse, Profiles
    from server.session.profile_choice import choose_profile

    if options.no_profile:
        return InUse()
    return InUse(choose_profile(Profiles(), options.model, options.profile, say))


def _check_models(options: RunOptions) -> None:
    """Say at once what is wrong with models of the user's own: loading them comes later."""
    if options.model is not None:
        from overlay.recognition.letter_model import LetterModel

        LetterModel(options.model)
    if options.hand_model is not None:
        from overlay.recognition.hands.hand_model import hand_model_path

        hand_model_path(options.hand_model)


def _open_source(options: RunOptions, ready: threading.Event, say: Callable[[str], None]) -> "tuple[str, Source]":
    """What the source is called on the command line, and itself."""
    from overlay.media.sources.webcam import default_camera, list_cameras, open_source

    if options.source is not None:
        return options.source, open_source(options.source, text=options.text, ready=ready)
    if options.text is not None:
        return DEMO, open_source(DEMO, text=options.text, ready=ready)
    if (camera := default_camera()) is not None:
        return camera.spec, open_source(camera.spec)
    if others := list_cameras():
        say(
            f"The only camera found is infrared ({others[0].name}), so you see the demo. Plug in another camera and "
            f"choose it on the page, or use this one with --source {others[0].spec}."
        )
    else:
        say("No camera found, so you see the demo. Plug in a camera and choose it on the page.")
    return DEMO, open_source(DEMO, ready=ready)


def _hand_model_fetch(
    options: RunOptions, show: Callable[[str | None], None], say: Callable[[str], None]
) -> HandModelFetch:
    from overlay.recognition.hands.hand_model import hand_model_path

    return HandModelFetch(lambda progress: hand_model_path(options.hand_model, progress), show, say)


def _make_captioner(
    options: RunOptions,
    store: "SettingsStore",
    fetching: HandModelFetch,
    ready: threading.Event,
    in_use: "InUse",
    words: "WordList",
    assisted: "AssistedReader",
) -> "Captioner":
    from overlay.captions.language import Assisted
    from overlay.captions.suggestions import Suggester
    from overlay.pipeline.live_captioner import LiveCaptioner

    suggester = Suggester(store.current.suggesting.hot_words, words)
    started = threading.Event()

    def follow() -> None:
        suggester.expect(store.current.suggesting.hot_words)
        assisted.expect(store.current.suggesting.hot_words)
        if store.current.suggesting.enabled and not started.is_set():
            started.set()
            suggester.start()
        if is_assisted():
            assisted.start()

    def is_assisted() -> bool:
        return store.current.suggesting.reading == "assisted"

    def assist(word: str, posteriors: "NDArray[np.float32]") -> Assisted | None:
        return assisted.read(word, posteriors) if is_assisted() else None

    captioner = LiveCaptioner(
        store.current,
        model=options.model,
        finder=_open_finder(options, fetching, ready),
        suggest=lambda read: suggester.suggest(read) if store.current.suggesting.enabled else (),
        assist=assist,
        in_use=in_use,
    )
    follow()
    store.listen(follow)
    return captioner


def _open_finder(options: RunOptions, fetching: HandModelFetch, ready: threading.Event) -> "HandDetector":
    """What finds hands; where the model is not there yet, from when it has been fetched."""
    from overlay.recognition.hands.detector_choice import open_detector
    from overlay.recognition.hands.hand_model import hand_model_here
    from overlay.recognition.hands.late_detector import LateDetector

    def loaded() -> None:
        fetching.loaded()
        ready.set()

    model = hand_model_here(options.hand_model)
    if model is None:
        fetching.start()
        return LateDetector(fetching.path, loaded)
    fetching.loading()
    finder = open_detector(model)
    loaded()
    return finder
