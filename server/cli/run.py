"""`signcap run`: everything at once, from the camera to the pages."""

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

from overlay.core.errors import SigncapError
from overlay.core.files.scratch import remove_left_behind
from overlay.core.process.listener import PORT, listen
from overlay.core.process.malloc import share_arenas
from overlay.core.process.offline import users_environment
from server.session.options import RunOptions
from server.session.recording.hotkey import ignore_for_now
from server.session.shutdown import Stopping, end_now, in_thread
from server.session.startup import Opened, open_pipeline

if TYPE_CHECKING:
    from overlay.pipeline.pipeline import Pipeline
    from server.session.session import Session, StopServing
    from server.web.auth.access import Access

END_LIMIT = 2.0  # seconds for threads to end in, before the process ends without them


def run(options: RunOptions) -> int:
    """Run until Ctrl-C.

    Returns:
        The exit status.

    Raises:
        SigncapError: it cannot start, or cannot go on.
    """
    share_arenas()
    ignore_for_now()
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
    opening = in_thread(lambda: open_pipeline(options, say), "open source")
    importing = in_thread(_import_server, "import server")
    in_thread(lambda: _preload(options), "load what reads")
    in_thread(remove_left_behind, "remove what was left behind")
    await stopping.unless(asyncio.gather(opening, importing))
    if stopping.asked.is_set():
        # Threads are still loading libraries, and a library that is taken down meanwhile aborts the process.
        end_now(0)
    return await _serve(options, listener, opening.result(), stopping)


def _preload(options: RunOptions) -> None:
    import overlay.pipeline.live_captioner  # noqa: F401
    from overlay.recognition.hands.detector_choice import preload

    preload(options.hand_model)


def _import_server() -> None:
    import server.web.app  # noqa: F401  # 0.4 s, meanwhile the source opens


async def _serve(options: RunOptions, listener: socket.socket, opened: Opened, stopping: Stopping) -> int:
    from server.session.session import Session
    from server.web.app import PREVIEW, make_app
    from server.web.auth.access import Access
    from server.web.auth.paired_browsers import PairedBrowsers, paired_browsers_path
    from server.web.auth.viewer_links import kept_viewer_secrets
    from server.web.server import start_serving

    viewer_secrets, sentence = kept_viewer_secrets(renew=options.new_viewer_link)
    if sentence is not None:
        say(sentence)
    access = Access(listener.getsockname()[1], viewer_secrets, PairedBrowsers(paired_browsers_path()))
    session = Session(opened, options, tell=say)
    if (sentence := session.transcripts.sentence) is not None:
        say(sentence)
    stop_serving: StopServing | None = None
    try:
        await session.prepare()
        app = make_app(session, access, new_link=_say_new_link)
        stop_serving = (await start_serving(app, listener)).cleanup
        _announce(options, access, session.pipeline)
        app[PREVIEW].prepare()
        session.start()
        await _until_stopped(session, stopping)
    finally:
        if not await session.close(stop_serving, limit=END_LIMIT):
            # A thread hangs in a driver or a library: interpreter shutdown could wait for it, or crash over it.
            error = sys.exc_info()[1]
            if isinstance(error, SigncapError):
                print(error, file=sys.stderr)
            end_now(0 if error is None else 1)
    return 0


async def _until_stopped(session: "Session", stopping: Stopping) -> None:
    """Wait for Ctrl-C; a video ends before it.

    Raises:
        SigncapError: it cannot go on.
    """
    pipeline = session.pipeline
    await stopping.unless(in_thread(pipeline.finished.wait, "wait for the end"))
    if not stopping.asked.is_set():
        if pipeline.error is not None:
            raise pipeline.error
        await session.finish_recording()
        say("The video has ended. The captions stay on the page until you press Ctrl-C.")
        await stopping.asked.wait()


def _announce(options: RunOptions, access: "Access", pipeline: "Pipeline") -> None:
    url = access.launch_url()
    say(
        f"Signcap is running ({pipeline.source.name}). Open this link (it works once):\n\n    {url}\n\n"
        "Press Ctrl-C to quit."
    )
    if options.open_browser and has_desktop():
        in_thread(lambda: _open_browser(url), "open browser")


def _open_browser(url: str) -> None:
    """Open the page in a process of its own: a browser that is started must find its user's own proxy settings."""
    script = "import sys, webbrowser; webbrowser.open(sys.argv[1])"
    with contextlib.suppress(OSError):
        subprocess.run(
            [sys.executable, "-c", script, url], check=False, stdin=subprocess.DEVNULL, env=users_environment()
        )


def has_desktop() -> bool:
    """Whether a browser would have a window; without one, a text browser could take over the terminal."""
    if not sys.platform.startswith("linux"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME"))


def _say_new_link(url: str) -> None:
    say(f"That link was already used. Here is a new one:\n\n    {url}\n")
