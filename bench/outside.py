"""Whether two commits are the same from outside: what users, pages and scripts meet, not how the code is arranged.

    python bench/outside.py OLD              against the working tree
    python bench/outside.py OLD NEW [--json FILE] [--expected NAME ...]

Compares, each tree run by this interpreter: `--help` of every command, the API document, the settings file after a
change through the API, the files of a kept transcript, what is read in the demo, the files of a tiny training, and
the browser extension. Prints "same" or a diff, OLD to NEW, under the name of each; --expected names one that may
differ ("help" stands for every command's). Exits with 1 where another one differs or cannot be compared. Needs no
camera, no browser and no network. For Linux.
"""

import argparse
import base64
import contextlib
import difflib
import hashlib
import importlib.util
import json
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
import tomllib
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any, TypeVar

import cv2
import numpy as np
import platformdirs

ROOT = Path(__file__).parent.parent
HAND_MODEL = "hand_landmarker.task"  # older trees read nothing without it, and would fetch it
MOST_LINES = 60  # of a diff that is printed
LIMIT = 900.0  # seconds for a command, or for what a server should do
SPELLED = "HI YOU"  # by the demo
CHANGE = {"transcript": {"keep": True}}
TYPED = "typed by hand"
SIGNERS, LETTERS, PICTURES = ("ann", "bob", "cid"), "AB", 4

# Prints the help of every command as JSON. The command line was the module `server.cli` before `server.cli.main`.
HELP = """
import contextlib, importlib, io, json, typer
try:
    app = importlib.import_module("server.cli.main").app
except ModuleNotFoundError:
    app = importlib.import_module("server.cli").app
texts = {}
def add(command, words):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        command.main(["--help"], prog_name=" ".join(["signcap", *words]), standalone_mode=False)
    texts[" ".join(["help", *words])] = out.getvalue()
    if hasattr(command, "list_commands"):
        context = typer.Context(command)
        for name in command.list_commands(context):
            add(command.get_command(context, name), [*words, name])
add(typer.main.get_command(app), [])
print(json.dumps(texts))
"""

Found = TypeVar("Found")


class FailedError(Exception):
    """What should be compared did not come about; says why."""


class Tree:
    """A checked-out tree, and how it is run without touching the user's own files.

    Args:
        folder: where it is checked out.
        scratch: an empty folder for all that running it writes.
    """

    def __init__(self, folder: Path, scratch: Path) -> None:
        self.folder, self.scratch = folder, scratch
        self.home = scratch / "home"
        self.environment = self._environment()
        self._write_metadata(scratch / "installed")
        cached = Path(platformdirs.user_cache_dir("signcap", appauthor=False)) / HAND_MODEL
        if cached.exists():
            own = Path(self.environment["XDG_CACHE_HOME"]) / "signcap"
            own.mkdir(parents=True)
            shutil.copy(cached, own)

    def python(self, *arguments: str) -> str:
        """What a Python of this tree prints.

        Raises:
            FailedError: it fails, or takes too long.
        """
        command = [sys.executable, *arguments]
        try:
            done = subprocess.run(
                command,
                cwd=self.home,
                env=self.environment,
                capture_output=True,
                text=True,
                timeout=LIMIT,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise FailedError(f"{' '.join(arguments)[:80]} took more than {LIMIT:.0f} s") from error
        if done.returncode:
            raise FailedError(f"{' '.join(arguments)[:80]} failed: {(done.stderr or done.stdout)[-800:].strip()}")
        return done.stdout

    def signcap(self, *arguments: str) -> str:
        """What `signcap` with these arguments prints; raises as `python` does."""
        return self.python("-m", "server", *arguments)

    def _environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "TMPDIR", "LD_LIBRARY_PATH") if name in os.environ}
        folders = {"HOME": self.home}
        for name in ("CONFIG", "DATA", "STATE", "CACHE"):
            folders[f"XDG_{name}_HOME"] = self.home / name.lower()
        folders["XDG_RUNTIME_DIR"] = self.home / "runtime"  # no sound server and no desktop is found there
        for folder in folders.values():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        set_here = {
            "PYTHONPATH": os.pathsep.join(map(str, (self.folder, self.scratch / "installed"))),
            "PIP_NO_INDEX": "1",
            "WANDB_MODE": "disabled",
            "LC_ALL": "C.UTF-8",
            "TERM": "dumb",
            "NO_COLOR": "1",
            "COLUMNS": "1000",  # an option's help is one line
            "TERMINAL_WIDTH": "1000",
        }
        return kept | {name: str(folder) for name, folder in folders.items()} | set_here

    def _write_metadata(self, folder: Path) -> None:
        """What an installation would note of this tree, found before what is installed; old ones had entry points."""
        project = tomllib.loads((self.folder / "pyproject.toml").read_text("utf-8"))["project"]
        info = folder / f"{project['name']}-{project['version']}.dist-info"
        info.mkdir(parents=True)
        about = f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
        (info / "METADATA").write_text(about, "utf-8")
        groups = {"console_scripts": project.get("scripts", {})} | project.get("entry-points", {})
        lines = []
        for group, points in groups.items():
            lines += [f"[{group}]", *(f"{name} = {place}" for name, place in points.items())]
        (info / "entry_points.txt").write_text("\n".join(lines) + "\n", "utf-8")


def wait_for(look: Callable[[], Found | None], what: str, process: subprocess.Popen[str]) -> Found:
    """What `look` finds, at last.

    Raises:
        FailedError: the process has ended, or it takes too long.
    """
    until = time.monotonic() + LIMIT
    while (found := look()) is None:
        if process.poll() is not None:
            raise FailedError(f"signcap run ended with {process.returncode} before there was {what}")
        if time.monotonic() > until:
            raise FailedError(f"no {what} within {LIMIT:.0f} s")
        time.sleep(0.1)
    return found


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


@contextlib.contextmanager
def running(tree: Tree) -> Iterator[tuple[subprocess.Popen[str], Callable[..., Any]]]:
    """A `signcap run` of the demo, and a function that asks its API: path, what is sent there, method."""
    port = free_port()
    command = [sys.executable, "-m", "server", "run", "--source", "demo", "--text", SPELLED, "--no-browser"]
    command += ["--virtual-camera", "off", "--port", str(port)]
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(CookieJar())
    )

    def ask(path: str, sent: object = None, method: str = "GET") -> Any:
        headers = {"X-Signcap": "1", "Content-Type": "application/json"} if sent is not None else {}
        body = None if sent is None else json.dumps(sent).encode()
        url = f"http://127.0.0.1:{port}/api/v1/{path}"
        with opener.open(urllib.request.Request(url, body, headers, method=method), timeout=LIMIT) as answer:
            return json.load(answer)

    said = tree.scratch / "said.txt"
    with said.open("w") as out:
        process = subprocess.Popen(command, cwd=tree.home, env=tree.environment, stdout=out, stderr=out, text=True)
    try:
        link = wait_for(lambda: re.search(r"http://\S+launch=\S+", said.read_text()), "a link", process)
        opener.open(link.group(), timeout=LIMIT).read()
        yield process, ask
        process.send_signal(signal.SIGINT)
        if process.wait(LIMIT):
            raise FailedError(f"signcap run ended with {process.returncode} after Ctrl-C")
    except FailedError as error:
        raise FailedError(f"{error}; it said: {said.read_text()[-800:].strip()}") from error
    finally:
        process.kill()
        process.wait()


def describe_files(files: list[Path], told: Callable[[Path], list[str]]) -> list[str]:
    """Mode and normalised name of each file, and what `told` says of what is in it."""
    lines = []
    for file in sorted(files):
        name = re.sub(r"\d{4}-\d\d-\d\d-\d{6}-[0-9a-f]{6}", "DAY-TIME-CHANCE", file.name)
        lines += [f"{stat.S_IMODE(file.stat().st_mode):o} {name}", *(f"    {line}" for line in told(file))]
    return lines


def normal(line: str) -> str:
    """A line of a transcript without what differs from run to run: times, and the number of a caption."""
    line = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d", "MOMENT", line)
    line = re.sub(r'"(start|end)": \d+\.\d+', r'"\1": SECONDS', line)
    return re.sub(r'"cue": \d+', '"cue": NUMBER', line)


def help_texts(tree: Tree) -> dict[str, str]:
    """What every command says to --help, whatever the widths of its columns."""
    texts: dict[str, str] = json.loads(tree.python("-c", HELP))
    return {name: re.sub(r" {2,}", "  ", re.sub(r"─{2,}", "──", text)) for name, text in texts.items()}


def served(tree: Tree) -> dict[str, str]:
    """The API document, the settings file, and a kept session.

    Of its captions the one that was typed: what is read beside it depends on how busy the machine is.
    """
    config, kept = (Path(tree.environment[f"XDG_{name}_HOME"]) / "signcap" for name in ("CONFIG", "DATA"))

    def types() -> bool | None:
        try:
            ask("captions/edits", {"edit": "type", "text": TYPED, "end": True, "alone": True}, "POST")
        except urllib.error.HTTPError as error:
            if error.code != 408:  # models are still loaded
                raise
            return None
        return True

    def keeps() -> bool | None:
        return True if any(TYPED in file.read_text("utf-8") for file in kept.glob("transcripts/*.txt")) else None

    with running(tree) as (process, ask):
        ask("settings", CHANGE, "PATCH")
        document = ask("openapi.json")
        wait_for(types, "edited caption", process)
        wait_for(keeps, "kept caption", process)

    def captions(file: Path) -> list[str]:
        lines = file.read_text("utf-8").splitlines()
        return list(dict.fromkeys(normal(line) for line in lines if TYPED in line or '"began"' in line))

    def settings(file: Path) -> list[str]:
        return file.read_text("utf-8").replace(str(tree.home), "HOME").splitlines()

    return {
        "openapi": json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False),
        "settings": "\n".join(describe_files(list(config.glob("settings*")), settings)),
        "transcript": "\n".join(describe_files(list(kept.glob("transcripts/*")), captions)),
    }


def keys_of(value: object, at: str = "") -> Iterator[str]:
    """The keys of parsed JSON, each with those that it lies in; an array's items count as one."""
    if isinstance(value, dict):
        for key, inside in value.items():
            yield f"{at}.{key}"
            yield from keys_of(inside, f"{at}.{key}")
    elif isinstance(value, list):
        for inside in value:
            yield from keys_of(inside, f"{at}[]")


def json_keys(file: Path) -> list[str]:
    """The keys of a JSON file, of one with JSON lines, or of the tensors in a file of weights."""
    if file.suffix == ".json":
        values = [json.loads(file.read_text("utf-8"))]
    elif file.suffix == ".jsonl":
        values = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    elif file.suffix == ".safetensors":
        content = file.read_bytes()
        values = [json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])]
    else:
        values = []
    return sorted({key for value in values for key in keys_of(value)})


def captions_of_demo(tree: Tree) -> dict[str, str]:
    """What `signcap caption` reads: every frame, so it does not depend on how busy the machine is."""
    files = {kind: tree.scratch / f"demo.{kind}" for kind in ("vtt", "srt", "jsonl")}
    outputs = [part for kind, file in files.items() for part in (f"--{kind}", str(file))]
    printed = tree.signcap("caption", "demo", "--text", SPELLED, "--quiet", *outputs)
    lines = [line for kind in ("vtt", "srt") for line in files[kind].read_text("utf-8").splitlines()]
    return {"captions": "\n".join([printed, *lines, *json_keys(files["jsonl"])])}


def write_pictures(folder: Path) -> None:
    """Pictures that a training takes: noise, brighter for the second letter."""
    dice = np.random.default_rng(0)
    for signer in SIGNERS:
        for number, letter in enumerate(LETTERS):
            take = folder / signer / letter / "001"
            take.mkdir(parents=True)
            for index in range(PICTURES):
                noise = dice.integers(100 * number, 100 * number + 100, (64, 64, 3), np.uint8)
                cv2.imwrite(str(take / f"{index + 1:04}.jpg"), noise)


def trained(tree: Tree) -> dict[str, str]:
    """What `signcap split` and `signcap train` leave."""
    data, runs = tree.scratch / "pictures", tree.scratch / "runs"
    write_pictures(data)
    tree.signcap("split", str(data), "--validation-signers", SIGNERS[1], "--test-signers", SIGNERS[2])
    options = ["--network", "cnn", "--size", "32", "--epochs", "1", "--batch", "4", "--letters", LETTERS]
    options += ["--workers", "0", "--no-wandb", "--quiet", "--runs", str(runs), "--name", "tiny"]
    tree.signcap("train", str(data), *options)
    lines = describe_files([data / "split.json"], json_keys)
    for folder in sorted(path for path in (runs, *runs.rglob("*")) if path.is_dir()):
        files = describe_files([path for path in folder.iterdir() if path.is_file()], json_keys)
        lines += [f"{folder.relative_to(tree.scratch)}/", *files]
    return {"training": "\n".join(lines)}


def extension(tree: Tree) -> dict[str, str]:
    """The extension's id, as Chrome makes it of the key in the manifest, and its files, as `signcap extension` packs
    them.
    """
    path = tree.scratch / "extension.zip"
    tree.signcap("extension", "--zip", str(path))
    with zipfile.ZipFile(path) as archive:
        key = base64.b64decode(json.loads(archive.read("manifest.json"))["key"])
        names = sorted(archive.namelist())
    digest = hashlib.sha256(key).hexdigest()[:32]
    return {"extension": "\n".join(["".join(chr(ord("a") + int(digit, 16)) for digit in digest), *names])}


# What is looked at, and under which names it is told where that fails.
LOOKS: tuple[tuple[Callable[[Tree], dict[str, str]], tuple[str, ...]], ...] = (
    (help_texts, ("help",)),
    (served, ("openapi", "settings", "transcript")),
    (captions_of_demo, ("captions",)),
    (trained, ("training",)),
    (extension, ("extension",)),
)


def git(*arguments: str) -> None:
    """Have git do something here; Ctrl-C does not break it off.

    Raises:
        SystemExit: git says why not.
    """
    command = ["git", "-C", str(ROOT), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, start_new_session=True, check=False)
    if done.returncode:
        sys.exit(done.stderr.strip())


@contextlib.contextmanager
def checked_out(commit: str | None, scratch: Path) -> Iterator[Tree]:
    """The tree of a commit, in a worktree that is removed afterwards; None: the working tree."""
    scratch.mkdir()
    if commit is None:
        yield Tree(ROOT, scratch)
        return
    folder = scratch / "tree"
    try:
        git("worktree", "add", "--detach", str(folder), commit)
        yield Tree(folder, scratch)
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)  # a second Ctrl-C would leave it behind
        with contextlib.suppress(SystemExit):  # it was interrupted before there was one
            git("worktree", "remove", "--force", "--force", str(folder))  # also one that is half made


def compare(old: Tree, new: Tree) -> Iterator[tuple[str, list[str] | None, str]]:
    """Names, with the lines of a diff, or None and the reason where there is nothing to compare."""
    for look, names in LOOKS:
        if look is trained and importlib.util.find_spec("torch") is None:
            yield "training", [], "not compared: there is no torch here"
            continue
        found = []
        for side, tree in (("OLD", old), ("NEW", new)):
            try:
                found.append(look(tree))
            except (FailedError, OSError, ValueError, LookupError, subprocess.SubprocessError) as error:
                yield from ((name, None, f"not compared: in {side}, {error}") for name in names)
                break
        if len(found) == 2:
            before, after = found
            for name in dict.fromkeys([*before, *after]):
                one, other = before.get(name, "").splitlines(), after.get(name, "").splitlines()
                lines = list(difflib.unified_diff(one, other, "OLD", "NEW", lineterm=""))
                yield name, lines, "differs" if lines else "same"


def main() -> int:
    """Compare, and print how it went."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("old", metavar="OLD", help="a commit")
    parser.add_argument("new", metavar="NEW", nargs="?", help="a commit; the working tree by default")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write it there too, with whole diffs")
    parser.add_argument("--expected", action="append", default=[], metavar="NAME", help="may differ")
    given = parser.parse_args()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda which, _frame: sys.exit(128 + which))
    results: dict[str, dict[str, Any]] = {}
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        checked_out(given.old, Path(folder, "old")) as old,
        checked_out(given.new, Path(folder, "new")) as new,
    ):
        for name, lines, how in compare(old, new):
            expected = any(name == one or name.startswith(f"{one} ") for one in given.expected)
            results[name] = {"how": how, "expected": expected, "diff": lines}
            print(f"{name}: {how}{' (expected)' if lines != [] and expected else ''}", flush=True)
            print("".join(f"    {line}\n" for line in (lines or [])[:MOST_LINES]), end="")
            if (left := len(lines or []) - MOST_LINES) > 0:
                print(f"    ... and {left} more lines")
    if given.json is not None:
        given.json.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return int(any(one["diff"] != [] and not one["expected"] for one in results.values()))


if __name__ == "__main__":
    sys.exit(main())
