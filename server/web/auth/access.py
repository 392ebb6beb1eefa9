"""Access: the secrets of a run, and what a request shows of them."""

import hmac
import secrets
from enum import Enum

from aiohttp import web

from server.web.auth.paired_browsers import PairedBrowser, PairedBrowsers
from server.web.auth.viewer_links import ViewerSecrets

LAUNCHES_KEPT = 16  # used launch tokens that are remembered, to tell a used link from a wrong one
_BEARER = "Bearer "


class Role(Enum):
    """The role of a request: what it may do."""

    NOBODY = "nobody"  # static files only
    VIEWER = "viewer"  # read captions, nothing else
    EXTENSION = "extension"  # show captions and picture in a call, and type captions
    OWNER = "owner"  # everything


class Launch(Enum):
    """The outcome of a launch token."""

    ACCEPTED = "accepted"
    USED = "used"
    WRONG = "wrong"


def _same(given: str, secret: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), secret.encode())


def bearer(request: web.Request) -> str | None:
    """The token in a request's Authorization header; None without one, or with more than one."""
    given = request.headers.getall("Authorization", [])
    return given[0].removeprefix(_BEARER) if len(given) == 1 and given[0].startswith(_BEARER) else None


class Access:
    """The secrets, and the addresses under which a run is reached.

    A launch token is good once: it is exchanged for the owner's cookie. The viewer token may be used
    again and again, as it stands in links for second screens, and reads captions only. The owner's secrets
    are of this run.

    Args:
        port: where the server listens; part of the cookies' names, because cookies do not tell ports apart.
        viewer: the viewers' secrets; of this run only by default.
        paired: browsers whose extension may come; none by default.
    """

    def __init__(self, port: int, viewer: ViewerSecrets | None = None, paired: PairedBrowsers | None = None) -> None:
        self.port = port
        self.paired = paired if paired is not None else PairedBrowsers()
        self.hosts = frozenset(f"{name}:{port}" for name in ("127.0.0.1", "localhost", "[::1]"))
        self.owner_cookie = f"signcap-{port}"
        self.viewer_cookie = f"signcap-viewer-{port}"
        viewer = viewer or ViewerSecrets.new()
        self.viewer_token = viewer.token
        self._owner_secret = secrets.token_urlsafe(32)
        self._viewer_secret = viewer.cookie
        self._open: list[str] = []
        self._used: list[str] = []

    @property
    def address(self) -> str:
        """The start page, without any secret."""
        return f"http://127.0.0.1:{self.port}/"

    def launch_url(self) -> str:
        """A new link to the start page that is good once."""
        token = secrets.token_urlsafe(32)
        self._open = [*self._open, token][-LAUNCHES_KEPT:]
        return f"{self.address}?launch={token}"

    def viewer_path(self) -> str:
        """Path and query of the caption page with the viewer token."""
        return f"/captions?viewer={self.viewer_token}"

    def overlay_path(self) -> str:
        """Path and query of the captions for OBS with the viewer token."""
        return f"/overlay?viewer={self.viewer_token}"

    def redeem(self, token: str) -> Launch:
        """Use up a launch token."""
        opened = [other for other in self._open if _same(token, other)]
        if opened:
            self._open = [other for other in self._open if other not in opened]
            self._used = [*self._used, *opened][-LAUNCHES_KEPT:]
            return Launch.ACCEPTED
        used = [other for other in self._used if _same(token, other)]
        return Launch.USED if used else Launch.WRONG

    def is_viewer_token(self, token: str) -> bool:
        """Whether `token` is the one in links for second screens."""
        return _same(token, self.viewer_token)

    def role(self, request: web.Request) -> Role:
        """Return the role that the secrets of a request allow. Where there is a token, its cookies do not count."""
        if "Authorization" in request.headers:
            return Role.NOBODY if self.browser(request) is None else Role.EXTENSION
        if _same(request.cookies.get(self.owner_cookie, ""), self._owner_secret):
            return Role.OWNER
        if _same(request.cookies.get(self.viewer_cookie, ""), self._viewer_secret):
            return Role.VIEWER
        return Role.NOBODY

    def browser(self, request: web.Request) -> PairedBrowser | None:
        """The paired browser whose extension sent a request."""
        token = bearer(request)
        return None if token is None else self.paired.of(token)

    def grant(self, response: web.StreamResponse, role: Role) -> None:
        """Put the cookie of a role into a response. It ends with the browser and no script can read it."""
        name, secret = (
            (self.owner_cookie, self._owner_secret)
            if role is Role.OWNER
            else (self.viewer_cookie, self._viewer_secret)
        )
        response.set_cookie(name, secret, httponly=True, samesite="Strict", path="/")
