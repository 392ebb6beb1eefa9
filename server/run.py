"""`signcap run`: everything at once, from the camera to the pages."""

import asyncio
import contextlib
import os
import socket
import sys
import threading
import webbrowser
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from overlay.errors import SigncapError
from server.listening import PORT, listen
from server.stopping import Stopping, end_now, in_thread

if TYPE_CHECKING:
    from overlay.pipeline import Pipeline
    from overlay.profile import InUse
    from overlay.reading import Reader
    from overlay.settings import Settings
    from overlay.source import Source
    from server.access import Access
    from server.status import Situation

DEMO = "demo"
END_LIMIT = 2.0  # seconds for threads to end in, before the process ends without them


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What the command line asks for.

    Attributes:
        source: "demo", a camera's number or path, or a video file; None for the first camera, else the demo.
        text: what the demo spells; None for its own text.
        port: where to listen; None for the first free one.
        open_browser: open the start page.
        virtual_camera: "auto", "off", or the name of one.
        model: folder of a model; None for the shipped one.
        hand_model: MediaPipe's bundle; None for the one that is fetched on first use.
        hand_outline: draw the hand into the picture.
        profile: name of the profile to use; None for the one that was enrolled or switched on last.
        no_profile: use none.
        new_viewer_link: make links for second screens and OBS anew; those of before end.
        hot_words: names and other words to expect, besides those in the settings.
        data: folder of collected pictures.
        runs: folder of trainings.
    """

    source: str | None = None
    text: str | None = None
    port: int | None = None
    open_browser: bool = True
    virtual_camera: str = "auto"
    model: Path | None = None
    hand_model: Path | None = None
    hand_outline: bool = False
    profile: str | None = None
    no_profile: bool = False
    new_viewer_link: bool = False
    hot_words: tuple[str, ...] = ()
    data: Path = Path("data")
    runs: Path = Path("runs")


class _StoppedError(SigncapError):
    """Work was given up because the program ends."""


def run(options: RunOptions) -> int:
    """Run until Ctrl-C.

    Returns:
        The exit status.

    Raises:
        SigncapError: it cannot start, or cannot go on.
    """
    listener = listen(options.port)
    if options.port is None and listener.getsockname()[1] != PORT:
        say(f"Port {PORT} is taken, perhaps by another Signcap: using {listener.getsockname()[1]}.")
    with listener:
        return asyncio.run(_run(options, listener))


def say(sentence: str) -> None:
    """Tell the person at the terminal."""
    print(sentence, flush=True)


async def _run(options: RunOptions, listener: socket.socket) -> int:
    stopping = Stopping()
    opening = in_thread(lambda: _open_pipeline(options), "open source")
    importing = in_thread(_import_server, "import server")
    await stopping.unless(asyncio.gather(opening, importing))
    if stopping.asked.is_set():
        return 0
    pipeline, situation, in_use = opening.result()
    try:
        return await _serve(options, listener, pipeline, situation, in_use, stopping)
    finally:
        ending = in_thread(pipeline.stop, "stop")
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(ending, END_LIMIT)
        if not ending.done() or ending.cancelled():
            # A thread hangs in a driver or a library: interpreter shutdown could wait for it, or crash over it.
            error = sys.exc_info()[1]
            if isinstance(error, SigncapError):
                print(error, file=sys.stderr)
            end_now(0 if error is None else 1)


def _import_server() -> None:
    import server.app  # noqa: F401  # 0.4 s, meanwhile the source opens


def _open_pipeline(options: RunOptions) -> "tuple[Pipeline, Situation, InUse]":
    from overlay.pipeline import Pipeline
    from overlay.settings import load_settings
    from server.status import Situation

    _check_models(options)
    settings = load_settings()
    if options.hand_outline:
        settings = settings.with_hand_outline()
    settings = settings.with_hot_words(options.hot_words)
    in_use = _profile_in_use(options)
    ready = threading.Event()
    source = _open_source(options, ready)
    situation = Situation()
    holder: list[Pipeline] = []

    def make_reader() -> "Reader":
        reader = _make_reader(options, settings, situation, in_use, lambda: holder[0].finished.is_set())
        ready.set()
        return reader

    holder.append(Pipeline(source, make_reader, settings))
    return holder[0], situation, in_use


def _profile_in_use(options: RunOptions) -> "InUse":
    from overlay.profile import InUse, Profiles
    from server.chosen_profile import choose_profile

    if options.no_profile:
        return InUse()
    profile, sentence = choose_profile(Profiles(), options.model, options.profile)
    if sentence is not None:
        say(sentence)
    return InUse(profile)


def _check_models(options: RunOptions) -> None:
    """Say at once what is wrong with models of the user's own: loading them comes later."""
    if options.model is not None:
        from overlay.recognizer import Recognizer

        Recognizer(options.model)
    if options.hand_model is not None:
        from overlay.hand_model import hand_model_path

        hand_model_path(options.hand_model)


def _open_source(options: RunOptions, ready: threading.Event) -> "Source":
    from overlay.camera import list_cameras, open_source

    if options.source is not None:
        return open_source(options.source, text=options.text, ready=ready)
    if options.text is not None:
        return open_source(DEMO, text=options.text, ready=ready)
    cameras = list_cameras()
    if cameras:
        return open_source(cameras[0].spec)
    say("There is no camera on this machine: showing the demo. Plug one in and start again, or choose a --source.")
    return open_source(DEMO, ready=ready)


def _make_reader(
    options: RunOptions,
    settings: "Settings",
    situation: "Situation",
    in_use: "InUse",
    stopped: Callable[[], bool],
) -> "Reader":
    from overlay.captioner import Captioner
    from overlay.hand_model import hand_model_path
    from overlay.suggestions import Suggester
    from server.progress import progress_bar

    situation.notice("reader", "Loading the hand model: captions come in a moment.")
    with progress_bar() as show:

        def progress(fraction: float, message: str) -> None:
            if stopped():
                raise _StoppedError("Stopped while the hand model was being fetched.")
            show(fraction, message)
            situation.notice(
                "reader", f"{message}, once only: {fraction:.0%} of 35 MB. The picture is live, captions come soon."
            )

        hand_model = hand_model_path(options.hand_model, progress=progress)
    suggester = Suggester(settings.suggesting.hot_words)
    captioner = Captioner(
        settings, model=options.model, hand_model=hand_model, suggest=suggester.suggest, in_use=in_use
    )
    if settings.suggesting.enabled:
        suggester.start()
    situation.notice("reader", None)
    return captioner


async def _serve(
    options: RunOptions,
    listener: socket.socket,
    pipeline: "Pipeline",
    situation: "Situation",
    in_use: "InUse",
    stopping: Stopping,
) -> int:
    from aiohttp import web

    from server.access import Access
    from server.app import PREVIEW, make_app
    from server.folders import Folders
    from server.try_pages import ModelFiles
    from server.viewer_secrets import kept_viewer_secrets

    viewer_secrets, sentence = kept_viewer_secrets(renew=options.new_viewer_link)
    if sentence is not None:
        say(sentence)
    access = Access(listener.getsockname()[1], viewer_secrets)
    folders = Folders(data=options.data, runs=options.runs)
    app = make_app(
        pipeline,
        access,
        situation=situation,
        folders=folders,
        model_files=ModelFiles(options.model, options.hand_model),
        in_use=in_use,
        new_link=_say_new_link,
    )
    # The access log would hold launch links.
    runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.2)
    await runner.setup()
    await web.SockSite(runner, listener).start()
    pipeline.start()
    _announce(options, access, pipeline)
    app[PREVIEW].prepare()
    in_thread(lambda: _add_virtual_camera(options, pipeline, situation), "open virtual camera")
    try:
        await stopping.unless(in_thread(pipeline.finished.wait, "wait for the end"))
        if not stopping.asked.is_set():
            if pipeline.error is not None:
                raise pipeline.error
            say("The video has ended. The captions stay on the page until you press Ctrl-C.")
            await stopping.asked.wait()
    finally:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(runner.cleanup(), END_LIMIT)
    return 0


def _announce(options: RunOptions, access: "Access", pipeline: "Pipeline") -> None:
    url = access.launch_url()
    say(f"Signcap is running ({pipeline.source.name}). This link opens it, once:\n\n    {url}\n\nCtrl-C ends it.")
    if options.open_browser and _has_desktop():
        in_thread(lambda: webbrowser.open(url), "open browser")


def _has_desktop() -> bool:
    """Whether a browser would have a window; without one, a text browser could take over the terminal."""
    if not sys.platform.startswith("linux"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME"))


def _say_new_link(url: str) -> None:
    say(f"A link was opened that had been used before. Here is a new one:\n\n    {url}\n")


def _add_virtual_camera(options: RunOptions, pipeline: "Pipeline", situation: "Situation") -> None:
    from server.virtual_camera import add_virtual_camera

    status = add_virtual_camera(pipeline, options.virtual_camera)
    if status is not None:
        situation.virtual_camera = status
        if options.virtual_camera != "off":
            say(f"Virtual camera {status.sentence}" if status.on else status.sentence)
