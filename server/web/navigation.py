"""The pages for the owner, by tab, and the addresses that they had before."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from aiohttp import web

from server.web.auth.access import Role
from server.web.auth.security import Handler, requires_role


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the owner's.

    Attributes:
        path: where it is.
        name: as the navigation calls it.
    """

    path: str
    name: str


@dataclass(frozen=True, slots=True)
class Tab:
    """Pages that belong together; the first opens with the tab.

    Attributes:
        name: as the header calls it.
        pages: in the order of the second row.
    """

    name: str
    pages: tuple[Page, ...]

    @property
    def path(self) -> str:
        """Where the tab leads."""
        return self.pages[0].path

    def holds(self, path: str) -> bool:
        """Whether the page at `path` is one of the tab's."""
        return any(page.path == path for page in self.pages)


TABS: Final = (
    Tab("Live", (Page("/", "Live"),)),
    Tab(
        "Captions",
        (
            Page("/captions/style", "Style"),
            Page("/captions/tune", "Tune"),
            Page("/captions/words", "Names to expect"),
            Page("/captions/history", "History"),
        ),
    ),
    Tab(
        "Practise",
        (
            Page("/practise/enrol", "Enrol"),
            Page("/practise/shown", "Spell what is shown"),
            Page("/practise/spell", "Spell it"),
            Page("/practise/sign", "Signing practice"),
        ),
    ),
    Tab(
        "Train",
        (
            Page("/train/collect", "Collect"),
            Page("/train/data", "Data"),
            Page("/train/runs", "Runs"),
            Page("/train/try", "Try it"),
        ),
    ),
)
GEAR: Final = Tab(
    "Settings",
    (
        Page("/settings/computer", "Check this computer"),
        Page("/settings/browsers", "Paired browsers"),
        Page("/settings/devices", "Recording, voice and camera"),
    ),
)
MOVED: Final = {
    "/calls": "/settings/browsers",
    "/tune": "/captions/tune",
    "/style": "/captions/style",
    "/history": "/captions/history",
    "/enrol": "/practise/enrol",
    "/enrol/shown": "/practise/shown",
    "/collect": "/train/collect",
    "/runs": "/train/runs",
    "/try": "/train/try",
    "/spell": "/practise/spell",
    "/doctor": "/settings/computer",
    "/practise": "/practise/enrol",
    "/train": "/train/collect",
    "/settings": "/settings/computer",
}  # what was bookmarked, printed or written down leads on


def add_moved_pages(app: web.Application) -> None:
    """Add the addresses that pages had before, and those of the tabs."""
    for path, now in MOVED.items():
        app.router.add_get(path, _leading_to(now))


def _leading_to(path: str) -> Handler:
    @requires_role(Role.OWNER)
    async def moved(request: web.Request) -> web.StreamResponse:
        raise web.HTTPSeeOther(f"{path}?{urlencode(list(request.query.items()))}" if request.query else path)

    return moved
