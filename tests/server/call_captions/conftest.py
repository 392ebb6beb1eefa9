"""What Zoom and Teams document, acted out: in memory, or by servers over TLS to which their names lead.

The rule for hosts is the real one everywhere: only who answers for a name is a test's.
"""

import asyncio
import datetime
import ipaddress
import random
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from yarl import URL

from overlay.core.clock import Clock
from server.call_captions.clients import open_session
from server.call_captions.retry import Pace
from tests.clock import MORNING

SIGNATURE = "nYtXJqRKCWyT5hQz7fPq0VbKd2sLm9Rw.AG.x4yZ"
TOKEN = "gjs44raQ1wE8rT5yU2iO9pA3sD6fG7hJ"
ZOOM = (
    "https://wmcapi.zoom.us/closedcaption?id=200610693&ns=GZHkEA==&expire=86400&sparams=id%2Cns%2Cexpire"
    f"&signature={SIGNATURE}"
)
TEAMS = (
    "https://api.captions.office.microsoft.com/cartcaption?meetingid=%7b%22tId%22%3a%2272f234bf%22%2c%22thId%22%3a"
    f"%2219%3ameeting_NzJi%40thread.v2%22%7d&token={TOKEN}"
)
SECRETS = (SIGNATURE, TOKEN, "200610693", "72f234bf", "GZHkEA")


class Service:
    """A caption service.

    Attributes:
        shown: texts that a reader of the call has seen, in order.
        wrong: requests that no client should make.
        plan: what happens to each next request: a status, or "hang", "cut", "hang-taken", "cut-taken", "500-taken";
            None for nothing.
        headers: more of each answer that is an error.
    """

    path = ""
    must_hold: tuple[str, ...] = ()

    def __init__(self) -> None:
        self.shown: list[str] = []
        self.wrong: list[str] = []
        self.asked: list[str] = []
        self.plan: Callable[[], int | str | None] = lambda: None
        self.headers: dict[str, str] = {}
        self._server: _Server | None = None

    def serve(self, certificate: Path) -> None:
        """Answer over TLS from now on."""
        self._server = _Server(self, certificate)

    @property
    def port(self) -> int:
        """Where it answers."""
        assert self._server is not None
        return self._server.port

    def close(self) -> None:
        """Answer no more."""
        server, self._server = self._server, None
        if server is not None:
            server.close()

    def ask(self, method: str, url: URL, headers: Mapping[str, str], body: bytes) -> tuple[int | str | None, str]:
        """Take a request.

        Returns:
            What happens to it, and the answer's text.
        """
        self.asked.append(f"{method} {url.path}")
        happens = self.plan()
        self._check(method, url, headers)
        return happens, self.answer(url, body) if happens is None or "taken" in str(happens) else ""

    def answer(self, url: URL, body: bytes) -> str:
        """Of a request to which nothing happens."""
        self.take(url, body.decode())
        return "2026-11-24T12:00:00.000"

    def take(self, url: URL, text: str) -> None:
        """Show a caption."""
        self.shown.append(text)

    def _check(self, method: str, url: URL, headers: Mapping[str, str]) -> None:
        missing = [part for part in self.must_hold if part not in url.raw_path_qs]
        if missing or not url.path.startswith(self.path):
            self.wrong.append(f"not as the link says: {method} {url.path}")
        if {"Cookie", "Authorization", "Referer"} & set(headers):
            self.wrong.append("headers that nobody asked for")
        if method == "POST" and headers.get("Content-Type") != "text/plain; charset=utf-8":
            self.wrong.append(f"kind {headers.get('Content-Type')}")


class _Server:
    """Answers for a service over TLS, in a thread of its own."""

    def __init__(self, service: Service, certificate: Path) -> None:
        self._service = service
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._certificate = certificate
        self.port = 0
        self._up = threading.Event()
        self._thread = threading.Thread(target=lambda: self._loop.run_until_complete(self._serve()), daemon=True)
        self._thread.start()
        assert self._up.wait(60)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)
        self._loop.close()

    async def _serve(self) -> None:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
        await runner.setup()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._certificate)
        site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)
        await site.start()
        self.port = runner.addresses[0][1]
        self._up.set()
        await self._stop.wait()
        await runner.cleanup()

    async def _answer(self, request: web.Request) -> web.Response:
        url = URL(f"https://{request.host}{request.raw_path}", encoded=True)
        if request.method == "POST" and request.content_length is None:
            self._service.wrong.append("no length")
        happens, text = self._service.ask(request.method, url, request.headers, await request.read())
        if happens is None:
            return web.Response(text=text)
        if isinstance(happens, int):
            return web.Response(status=happens, headers=self._service.headers)
        if happens.startswith("hang"):
            await asyncio.sleep(30)
        if happens.startswith("cut"):
            assert request.transport
            request.transport.abort()
        return web.Response(status=500)


class ZoomService(Service):
    """Zoom: counts captions; one with a number that it has is not shown again."""

    path = "/closedcaption"
    must_hold = (ZOOM.partition("?")[2],)
    last = 0

    def __init__(self) -> None:
        super().__init__()
        self.page = ""  # what stands in the call: texts are joined up to a line break

    def answer(self, url: URL, body: bytes) -> str:
        return str(self.last) if url.path == "/closedcaption/seq" else super().answer(url, body)

    def take(self, url: URL, text: str) -> None:
        number = int(url.query.get("seq", "-1"))
        if number > self.last + 1 or number < 0 or url.query.get("lang") != "en-US":
            self.wrong.append(f"number {number} after {self.last}, language {url.query.get('lang')}")
        elif number == self.last + 1:
            self.last = number
            self.page += text
            super().take(url, text.removesuffix("\n"))


class TeamsService(Service):
    """Teams: each request is a line."""

    path = "/cartcaption"
    must_hold = (TEAMS.partition("?")[2],)


class Chance:
    """What happens to requests: nothing to most, by a seed.

    Args:
        seed: of the whole run.
        share: of requests to which something happens.
        kinds: of what happens.
    """

    def __init__(self, seed: int, share: float, kinds: tuple[int | str, ...]) -> None:
        self._random = random.Random(seed)
        self._share, self._kinds = share, kinds
        self.happened = 0

    def __call__(self) -> int | str | None:
        if self._random.random() >= self._share:
            return None
        self.happened += 1
        return self._random.choice(self._kinds)


class FakeTime(Clock):
    """A clock that runs while somebody sleeps, and no sooner; `stepped`, only when a test lets it."""

    def __init__(self, seed: int = 1, *, stepped: bool = False) -> None:
        self.at = 1000.0
        self.pauses: list[float] = []
        self._random = random.Random(seed)
        self._stepped = stepped
        self._sleepers: list[tuple[float, asyncio.Future[None]]] = []

    def monotonic(self) -> float:
        return self.at

    def time(self) -> float:
        return MORNING + self.at

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        if self._stepped:
            done = asyncio.get_running_loop().create_future()
            self._sleepers.append((self.at + seconds, done))
            await done
        else:
            self.at += seconds
            await asyncio.sleep(0)

    async def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.at += seconds
        due = [done for at, done in self._sleepers if at <= self.at]
        self._sleepers = [(at, done) for at, done in self._sleepers if at > self.at]
        for done in due:
            if not done.done():  # nobody sleeps any more who was cancelled
                done.set_result(None)
        for _ in range(20):
            await asyncio.sleep(0)

    def pace(self, *, settle: float = 0.0, limit: float = 5.0) -> Pace:
        return Pace(self, self.sleep, self._random.random, settle, limit)


class _Body:
    def __init__(self, text: str) -> None:
        self._text = text

    async def read(self, most: int) -> bytes:
        return self._text.encode()[:most]


class _Answer:
    def __init__(self, status: int, headers: Mapping[str, str], text: str) -> None:
        self.status, self.headers, self.content = status, headers, _Body(text)

    def release(self) -> None:
        pass


class Wire:
    """A client that asks a service in memory. What hangs takes as long as the client waits, or as `free` is not set.

    Attributes:
        free: where it is there, what hangs waits for it first.
    """

    def __init__(self, service: Service, time: FakeTime, limit: float) -> None:
        self._service, self._time, self._limit = service, time, limit
        self.free: asyncio.Event | None = None

    async def request(
        self,
        method: str,
        url: URL,
        *,
        data: bytes | None,
        headers: Mapping[str, str] | None,
        allow_redirects: bool,
    ) -> _Answer:
        assert not allow_redirects
        happens, text = self._service.ask(method, url, headers or {}, data or b"")
        await asyncio.sleep(0)
        if isinstance(happens, int):
            return _Answer(happens, self._service.headers, text)
        if happens is not None and happens.startswith("hang"):
            if self.free is not None:
                await self.free.wait()
            self._time.at += self._limit
            raise TimeoutError
        if happens is not None and happens.startswith("cut"):
            raise aiohttp.ServerDisconnectedError
        return _Answer(200 if happens is None else 500, {}, text)

    async def close(self) -> None:
        pass


class _Everything(AbstractResolver):
    """Finds one port on this machine behind every name."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host,
                host="127.0.0.1",
                port=self._port,
                family=socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
        ]

    async def close(self) -> None:
        pass


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate for the two services' names, by nobody that a system trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    now = datetime.datetime.now(datetime.UTC)
    names = [
        x509.DNSName("wmcapi.zoom.us"),
        x509.DNSName("api.captions.office.microsoft.com"),
        x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
    ]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "service.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


Network = Callable[..., Callable[[float], aiohttp.ClientSession]]


@pytest.fixture
def network(certificate: Path) -> Network:
    """Makes clients for whom every name leads to a service; they trust its certificate, or the system's own alone."""

    def through(service: Service, *, trusting: bool = True) -> Callable[[float], aiohttp.ClientSession]:
        def open_client(limit: float) -> aiohttp.ClientSession:
            trust = ssl.create_default_context(cafile=str(certificate)) if trusting else True
            return open_session(limit, aiohttp.TCPConnector(resolver=_Everything(service.port), ssl=trust))

        return open_client

    return through


@pytest.fixture
def zoom(certificate: Path) -> Iterator[ZoomService]:
    """Zoom's part."""
    service = ZoomService()
    service.serve(certificate)
    yield service
    service.close()
    assert service.wrong == []


@pytest.fixture
def teams(certificate: Path) -> Iterator[TeamsService]:
    """Teams' part."""
    service = TeamsService()
    service.serve(certificate)
    yield service
    service.close()
    assert service.wrong == []


def shows_no_secret(text: str) -> bool:
    """Whether nothing of a link stands there but what may."""
    return not any(secret in text for secret in SECRETS)


@pytest.fixture(autouse=True)
def nothing_secret_comes_out(caplog: Any, capfd: Any) -> Iterator[None]:
    """Whatever a test does: no log at any level, no output and no traceback holds any of a link."""
    caplog.set_level("DEBUG")
    for name in ("aiohttp.client", "aiohttp.internal", "aiohttp.server", "aiohttp.web", "aiohttp.access", "asyncio"):
        caplog.set_level("DEBUG", logger=name)
    yield
    written = capfd.readouterr()
    records = [*caplog.get_records("setup"), *caplog.get_records("call")]
    told = [record.getMessage() + str(record.exc_text or "") + repr(record.args) for record in records]
    for text in (written.out, written.err, caplog.text, *told):
        assert shows_no_secret(text)
