"""Caption links: which service one is of, and whether captions may be trusted to it.

A link is a credential: whoever has it can write captions into the meeting. It is kept in memory alone, in one
attribute that nothing shows, and no sentence here repeats any of it.
"""

import re
from dataclasses import dataclass
from enum import Enum
from typing import Final

from pydantic import SecretStr
from yarl import URL

from overlay.core.errors import SigncapError

LONGEST: Final = 4096  # characters
SHOWN: Final = 4  # characters at the end, for telling one link from another
_ENOUGH: Final = 12  # characters of a secret from which its last ones may be shown

# Everything that is taken, and nothing else: no user info, no fragment, no other port, no letter beyond ASCII.
_LINK: Final = re.compile(
    r"https://(?P<host>[a-z0-9-]+(?:\.[a-z0-9-]+)+)(?::443)?(?P<path>/[a-z]+)/?\?(?P<query>[!-~]+)",
    re.ASCII | re.IGNORECASE,
)
_UNFIT: Final = re.compile(r'[#<>"\\^`|]|://')  # of a query; two links in one are none

TEAMS_HOST: Final = "api.captions.office.microsoft.com"
HOW: Final = (
    "In Zoom, copy the API token (the arrow beside Show captions, then Set up manual captioner); in Teams, copy the "
    "CART link (Meeting options, then Provide CART captions)."
)


class Service(Enum):
    """The service that a meeting is on; the value is its name for people."""

    ZOOM = "Zoom"
    TEAMS = "Teams"


_PATHS: Final = {Service.ZOOM: "/closedcaption", Service.TEAMS: "/cartcaption"}
_KEYS: Final = {Service.ZOOM: ("id", "signature"), Service.TEAMS: ("meetingid", "token")}  # the last is the secret


@dataclass(frozen=True, slots=True)
class CaptionLink:
    """A link that was checked by `recognise`.

    Attributes:
        service: whose it is.
        masked: what may be shown of it.
        secret: all of it.
    """

    service: Service
    masked: str
    secret: SecretStr

    def url(self, *more: tuple[str, str], below: str = "") -> URL:
        """Return the address to send to, exactly as the service wrote it.

        Args:
            more: put at the end of the query.
            below: put at the end of the path.
        """
        base, _, query = self.secret.get_secret_value().partition("?")
        added = "".join(f"&{name}={value}" for name, value in more)
        return URL(f"{base}{below}?{query}{added}", encoded=True)  # encoded anew, a signature might not fit


def recognise(text: str) -> CaptionLink:
    """The caption link that was pasted.

    Raises:
        SigncapError: it is none of Zoom's or Teams'; says where to find one, and repeats nothing.
    """
    text = text.strip()
    if text[:7].lower() == "http://":
        raise SigncapError(f"A caption link begins with https://. {HOW}")
    found = _LINK.fullmatch(text) if len(text) <= LONGEST else None
    if found is None or _UNFIT.search(found["query"]):
        raise SigncapError(f"This is no caption link. {HOW}")
    host, path = found["host"].lower(), found["path"].lower()
    service = _service(host)
    if service is None:
        raise SigncapError(f"Captions go to zoom.us and {TEAMS_HOST} alone, and this link leads elsewhere. {HOW}")
    names = {name.lower() for name, equals, value in _pairs(found["query"]) if equals and value}
    if path != _PATHS[service] or not names.issuperset(_KEYS[service]):
        raise SigncapError(f"This link is from {service.value}, but it is none for captions. {HOW}")
    query = found["query"]
    if service is Service.ZOOM:  # both are ours to say
        query = "&".join(name + is_ + value for name, is_, value in _pairs(query) if name not in ("seq", "lang"))
    secret = next(value for name, _, value in _pairs(query) if name.lower() == _KEYS[service][-1])
    address = f"https://{host}{path}?{query}"
    if URL(address, encoded=True).host != host:  # what is asked is what was checked
        raise SigncapError(f"This is no caption link. {HOW}")
    end = f" …{query[-SHOWN:]}" if len(secret) >= _ENOUGH else " …"
    return CaptionLink(service, f"{host}{end}", SecretStr(address))


def _service(host: str) -> Service | None:
    labels = host.split(".")
    if any(label.startswith(("-", "xn--")) for label in labels):  # no foreign letters in disguise
        return None
    if labels[-2:] == ["zoom", "us"]:
        return Service.ZOOM
    return Service.TEAMS if host == TEAMS_HOST else None


def _pairs(query: str) -> list[tuple[str, str, str]]:
    return [pair.partition("=") for pair in query.split("&")]
