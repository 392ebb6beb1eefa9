"""Captions over server-sent events, over real HTTP."""

import http.client
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from overlay.captions.state import CaptionState, Cue
from server.session import caption_feed
from server.web.streams import caption_events as events
from tests.waiting import until

pytestmark = pytest.mark.integration

EVENTS = "/api/v1/captions/events"


class Stream:
    """One open event stream."""

    def __init__(self, running: Any, cookie: str, page: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=60)
        self._connection.request("GET", f"{EVENTS}?page={page}", headers={"Cookie": cookie})
        self.response = self._connection.getresponse()

    def next(self) -> dict[str, Any]:
        """The next event's data; checks that the id is its revision."""
        fields: dict[str, str] = {}
        while line := self.response.readline():
            text = line.decode().rstrip("\n")
            if not text and "data" in fields:
                data: dict[str, Any] = json.loads(fields["data"])
                assert fields["event"] == "captions"
                assert fields["id"] == str(data["revision"])
                return data
            name, _, value = text.partition(":")
            if name:
                fields[name] = value.strip()
        raise EOFError

    def close(self) -> None:
        self.response.close()
        self._connection.close()


@contextmanager
def stream(running: Any, cookie: str, page: str = "captions") -> Iterator[Stream]:
    opened = Stream(running, cookie, page)
    try:
        yield opened
    finally:
        opened.close()


def cue(index: int, text: str) -> Cue:
    return Cue(index, text, index * 10.0, index * 10.0 + 5)


def test_begins_with_the_whole_text_and_goes_on_with_what_changes(running: Any) -> None:
    cookie = running.viewer_cookie()
    running.say(CaptionState(7, (cue(0, "HELLO"), cue(1, "WORLD")), "HOW A", "R"))
    feed = running.session.viewers.captions
    until(lambda: feed.state.revision == 7)
    with stream(running, cookie) as captions:
        assert captions.response.headers["Content-Type"] == "text/event-stream; charset=utf-8"
        first = captions.next()
        assert [(line["index"], line["text"]) for line in first["cues"]] == [(0, "HELLO"), (1, "WORLD")]
        assert (first["committed"], first["partial"], first["revision"]) == ("HOW A", "R", 7)
        running.say(CaptionState(8, (cue(0, "HELLO"), cue(1, "WORLD")), "HOW AR", ""))
        second = captions.next()
        assert (second["cues"], second["committed"], second["partial"]) == ([], "HOW AR", "")
        running.say(CaptionState(9, (cue(0, "HELLO"), cue(1, "WORLD"), cue(2, "HOW ARE"))))
        assert captions.next()["cues"] == [{"index": 2, "text": "HOW ARE"}]


def test_after_a_cut_the_whole_text_comes_again(running: Any) -> None:
    cookie = running.viewer_cookie()
    running.say(CaptionState(1, (cue(0, "ONE"),)))
    with stream(running, cookie) as captions:
        while not (first := captions.next())["cues"]:
            pass
    running.say(CaptionState(2, (cue(0, "ONE"), cue(1, "TWO"))))
    until(lambda: running.session.viewers.captions.state.revision == 2)
    with stream(running, cookie) as captions:
        again = captions.next()
    assert [line["index"] for line in again["cues"]] == [0, 1]
    assert again["run"] == first["run"]


def test_a_changed_line_is_sent_again(running: Any) -> None:
    with stream(running, running.viewer_cookie()) as captions:
        captions.next()
        running.say(CaptionState(1, (cue(0, "HELO"),)))
        assert captions.next()["cues"][0]["text"] == "HELO"
        running.say(CaptionState(2, (cue(0, "HELLO"),)))
        assert captions.next()["cues"] == [{"index": 0, "text": "HELLO"}]


def test_a_slow_client_gets_the_newest_text_and_every_line(running: Any) -> None:
    """States that came while a client was busy replace each other; its next event makes up for all."""
    feed = running.session.viewers.captions
    with stream(running, running.viewer_cookie()) as captions:
        captions.next()
        blocked, go_on = threading.Event(), threading.Event()

        def block() -> None:  # the event loop stands still: no stream can send meanwhile
            blocked.set()
            go_on.wait(60)

        running.loop.call_soon_threadsafe(block)
        assert blocked.wait(60)
        for number in range(1, 51):
            running.say(CaptionState(number, tuple(cue(index, f"LINE {index}") for index in range(number))))
        until(lambda: running.pipeline.reading.state.revision == 50)
        newest = running.pipeline.reading.at
        until(lambda: running.pipeline.reading.at > newest)  # so the feed has heard of the one before
        go_on.set()
        event = captions.next()
        assert event["revision"] == 50
        assert [line["text"] for line in event["cues"]] == [f"LINE {index}" for index in range(50)]
    assert feed.state.revision == 50


def test_heartbeats_keep_the_stream_alive(running: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "HEARTBEAT", 0.05)
    with stream(running, running.viewer_cookie()) as captions:
        captions.next()
        while (line := captions.response.readline().decode()) != ": still here\n":
            assert line == "\n"
        running.say(CaptionState(1, (), "A"))
        assert captions.next()["committed"] == "A"


def test_there_is_a_limit_and_who_leaves_makes_room(running: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caption_feed, "STREAMS", 2)
    cookie = running.viewer_cookie()
    with stream(running, cookie), stream(running, cookie):
        until(lambda: running.session.viewers.captions.count("captions") == 2)
        with stream(running, cookie) as third:
            assert third.response.status == 503
            assert "close one" in json.loads(third.response.read())["error"]
    until(lambda: running.session.viewers.captions.count("captions") == 0)
    with stream(running, cookie) as captions:
        assert captions.next()["cues"] == []


def test_pages_are_counted_by_kind(running: Any) -> None:
    cookie = running.owner_cookie()
    with stream(running, cookie, "captions"), stream(running, cookie, "start"):
        until(lambda: json.loads(running.get("/api/v1/status", Cookie=cookie).body)["caption_pages"] == 1)


def test_without_a_secret_no_stream_begins(running: Any) -> None:
    with stream(running, "") as refused:
        assert refused.response.status == 401
        assert refused.response.headers["Content-Type"].startswith("application/json")
    assert running.session.viewers.captions.count("captions") == 0


def test_the_caption_page_and_the_overlay_show_text_as_the_settings_say(running: Any) -> None:
    """At once, when a setting changes; the start page, where text is corrected, has it as it was read."""
    running.say(CaptionState(5, (cue(0, "HELLO ANNA"),), "HOW A", "R"))
    feed, settings = running.session.viewers.captions, running.session.settings
    until(lambda: feed.state.revision == 5)
    with stream(running, running.viewer_cookie()) as shown, stream(running, running.owner_cookie(), "start") as read:
        first = shown.next()
        assert (first["committed"], first["partial"]) == ("HOW A", "R")
        assert (first["look"]["place"], first["look"]["font"], first["look"]["shown_after"]) == ("bottom", "", 6.0)
        assert "look" not in read.next()

        settings.change({"caption": {"case": "sentence"}, "suggesting": {"hot_words": ["Anna"]}})
        after = shown.next()
        assert ([line["text"] for line in after["cues"]], after["committed"]) == (["Hello Anna"], "How a")
        assert after["partial"] == "r"

        settings.change({"caption": {"settled_only": True, "font": "serif", "place": "top"}})
        after = shown.next()
        assert (after["partial"], after["cues"]) == ("", [])
        assert (after["look"]["font"], after["look"]["place"]) == ("serif", "top")

        settings.change({"endpointing": {"shown_after": 9.0}})
        assert shown.next()["look"]["shown_after"] == 9.0
        settings.change({"decoding": {"letter_confidence": 0.7}})  # which is no matter of looks
        running.say(CaptionState(6, (cue(0, "HELLO ANNA"),), "HOW AR"))
        assert shown.next()["committed"] == "How ar"
        assert read.next()["committed"] == "HOW AR"
