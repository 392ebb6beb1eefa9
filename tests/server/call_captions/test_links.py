"""Which links are taken for captions, and that nothing shows them."""

import copy
import traceback

import pytest

from overlay.core.errors import SigncapError
from server.call_captions.links import LONGEST, Service, recognise
from tests.server.call_captions.conftest import SIGNATURE, TEAMS, TOKEN, ZOOM, shows_no_secret

pytestmark = pytest.mark.unit

QUERY = ZOOM.partition("?")[2]


def test_zoom_is_recognised_and_sent_to_exactly_as_it_wrote() -> None:
    link = recognise(f"  {ZOOM}\n")
    assert (link.service, link.masked) == (Service.ZOOM, "wmcapi.zoom.us …x4yZ")
    assert str(link.url()) == ZOOM
    assert str(link.url(("seq", "7"), ("lang", "en-US"))) == f"{ZOOM}&seq=7&lang=en-US"
    assert str(link.url(below="/seq")) == ZOOM.replace("/closedcaption?", "/closedcaption/seq?")


def test_teams_is_recognised_and_not_changed() -> None:
    link = recognise(TEAMS)
    assert (link.service, link.masked) == (Service.TEAMS, "api.captions.office.microsoft.com …G7hJ")
    assert str(link.url()) == TEAMS


@pytest.mark.parametrize(
    "host", ["zoom.us", "us04wmcc.zoom.us", "WMCAPI.ZOOM.US", "a.b.zoom.us", "wmcapi.zoom.us:443"]
)
def test_zoom_and_what_is_below_it_is_taken(host: str) -> None:
    link = recognise(f"https://{host}/closedcaption?{QUERY}")
    assert link.url().host == host.lower().removesuffix(":443")
    assert link.url().port == 443


@pytest.mark.parametrize(
    "host",
    [
        "evilzoom.us",
        "zoom.us.evil.com",
        "zoom.us.",
        ".zoom.us",
        "zoom.us@evil.com",
        "user:word@zoom.us",
        "user@zoom.us",
        "evil.com#zoom.us",
        "evil.com\\@zoom.us",
        "evil.com/zoom.us",
        "evil.com?zoom.us",
        "zoom.us:444",
        "zoom.us:",
        "zoom.us:0443",
        "zoom.us:443@evil.com",
        "zoom.us%2eevil.com",
        "zoom%2eus",
        "zоom.us",  # a Cyrillic o
        "xn--zom-tdd.us",
        "xn--zom-tdd.zoom.us",
        "zoom。us",  # a full stop that some turn into a dot
        "zoom.uſ",  # a long s, which lower case leaves and upper case makes an S
        "zoom.com",
        "zoom",
        "us",
        "127.0.0.1",
        "[::1]",
        "localhost",
        "zoom.us\tevil.com",
        "zoom.us\nevil.com",
        "zoom.us evil.com",
        "api.captions.office.microsoft.com.evil.com",
        "evil.api.captions.office.microsoft.com",
        "captions.office.microsoft.com",
        "microsoft.com",
        "",
    ],
)
@pytest.mark.parametrize("rest", [f"/closedcaption?{QUERY}", f"/cartcaption?{TEAMS.partition('?')[2]}"])
def test_every_other_host_is_refused(host: str, rest: str) -> None:
    with pytest.raises(SigncapError) as refused:
        recognise(f"https://{host}{rest}")
    assert shows_no_secret(str(refused.value))
    assert host == "" or "evil" not in str(refused.value)


@pytest.mark.parametrize(
    ("link", "said"),
    [
        (ZOOM.replace("https", "http"), "begins with https://"),
        (ZOOM.replace("https", "ftp"), "no caption link"),
        (ZOOM.removeprefix("https:"), "no caption link"),
        (ZOOM.removeprefix("https://"), "no caption link"),
        ("https://zoom.us/j/200610693?pwd=abc", "no caption link"),
        ("https://zoom.us/join?pwd=abc", "from Zoom, but it is none"),
        (ZOOM.replace("closedcaption", "somewhere"), "from Zoom, but it is none"),
        (ZOOM.replace("/closedcaption", "/closedcaption/../x"), "no caption link"),
        (ZOOM.replace(f"&signature={SIGNATURE}", ""), "from Zoom, but it is none"),
        (ZOOM.replace(SIGNATURE, ""), "from Zoom, but it is none"),
        (ZOOM.replace("id=200610693", "id="), "from Zoom, but it is none"),
        (ZOOM.partition("?")[0], "no caption link"),
        (f"{ZOOM}#{SIGNATURE}", "no caption link"),
        (f"{ZOOM} and more", "no caption link"),
        (ZOOM + ZOOM, "no caption link"),
        (f"{ZOOM}\r\nHost: evil.com", "no caption link"),
        (f"{ZOOM}é", "no caption link"),
        (f"{ZOOM}&x={'y' * LONGEST}", "no caption link"),
        (TEAMS.replace(TOKEN, ""), "from Teams, but it is none"),
        (TEAMS.replace("/cartcaption", "/closedcaption"), "from Teams, but it is none"),
        ("HELLO", "no caption link"),
        ("", "no caption link"),
    ],
)
def test_what_is_no_caption_link_is_refused_with_what_to_do(link: str, said: str) -> None:
    with pytest.raises(SigncapError, match=said) as refused:
        recognise(link)
    assert shows_no_secret(str(refused.value))
    assert "copy" in str(refused.value)


def test_numbers_and_languages_that_are_in_a_link_are_not_sent_twice() -> None:
    link = recognise(ZOOM.replace("&expire", "&seq=9&lang=de-DE&expire"))
    assert str(link.url()) == ZOOM


def test_of_a_short_secret_nothing_is_shown() -> None:
    link = recognise(TEAMS.replace(TOKEN, "gjs44ra"))
    assert link.masked == "api.captions.office.microsoft.com …"


def test_nothing_that_is_made_of_a_link_shows_it() -> None:
    for text in (ZOOM, TEAMS):
        link = recognise(text)
        for shown in (repr(link), str(link), f"{link}", repr([link]), repr(copy.copy(link)), link.masked):
            assert shows_no_secret(shown)
        try:
            raise ValueError(link)
        except ValueError:
            assert shows_no_secret(traceback.format_exc())
