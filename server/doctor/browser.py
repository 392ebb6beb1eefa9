"""Whether there is a browser to show the pages in."""

import webbrowser

from overlay.core.process.listener import HOST, PORT
from overlay.doctor.finding import Finding, good, warning

NAME = "browser"


def check_browser(on_desktop: bool | None = None) -> Finding:
    """Look for a desktop and for a browser.

    Args:
        on_desktop: a browser would have a window; found out by default.
    """
    if on_desktop is None:
        from server.cli.run import has_desktop

        on_desktop = has_desktop()
    if not on_desktop:
        return warning(
            NAME,
            "no desktop here",
            "Open the link that Signcap prints in a browser of this computer. From another one, run "
            f"`ssh -L {PORT}:{HOST}:{PORT} THIS-COMPUTER` there first.",
        )
    try:
        webbrowser.get()
    except webbrowser.Error:
        return warning(NAME, "none", "Install one, for example Firefox: Signcap shows its pages in it.")
    return good(NAME, "OK")
