"""How many of fifty small faults in the product the tests find: each is put in, the tests run, and it is taken out.

    python bench/mutants.py                 in this tree
    python bench/mutants.py --tree DIR      in another one, with that one's own tests and environment (DIR/.venv)

The faults are by hand, of the kinds that people make: a comparison turned, a bound moved, a line left out, a
condition dropped. They are in what decides about letters, the ends of words and captions, the transcript, who may ask
what of the server, and the settings. For each only the tests that are about that file run, up to the first failure.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

DECODER = "overlay/recognition/decoder.py"
ENDPOINT = "overlay/captions/endpointing.py"
TRANSCRIPT = "overlay/captions/transcript.py"
SECURITY = "server/web/auth/security.py"
SETTINGS = "overlay/core/settings.py"

TESTS = {
    DECODER: ["tests/overlay/recognition/test_decoder.py", "tests/overlay/pipeline/test_replay.py"],
    ENDPOINT: ["tests/overlay/captions/test_endpointing.py", "tests/overlay/captions/test_transcript.py"],
    TRANSCRIPT: [
        "tests/overlay/captions/test_transcript.py",
        "tests/overlay/enrolment/test_adaptation.py",
        "tests/server/web/routes/test_edits.py",
    ],
    SECURITY: [
        "tests/server/web/auth/test_security.py",
        "tests/server/web/routes/test_pairing_routes.py",
        "tests/server/web/test_every_route.py",
        "tests/server/web/routes/test_try_pages.py",
    ],
    SETTINGS: [
        "tests/overlay/core/test_settings.py",
        "tests/overlay/core/test_settings_store.py",
        "tests/overlay/core/test_hotwords.py",
    ],
}

# File, what stands there, what stands there instead.
MUTANTS = [
    (DECODER, "return self.end - self.start + STEP", "return self.end - self.start"),
    (DECODER, "min(self.total / self.steps, 1.0)", "self.total"),
    (DECODER, "if run is None or not self.signing or run.final:", "if run is None or not self.signing:"),
    (DECODER, "return Letter(waiting.text + letter.text,", "return Letter(letter.text,"),
    (DECODER, ">= self.rules.confidence_of(LETTERS[best])", "> self.rules.confidence_of(LETTERS[best]) + 0.05"),
    (DECODER, "and not (confident and best != run.label)", "and not confident"),
    (DECODER, "run.held >= self.rules.final_hold - STEP / 2", "run.held > self.rules.final_hold + STEP / 2"),
    (DECODER, "at - self._drawn >= STILL_FOR", "at - self._drawn >= 0"),
    (DECODER, "share = np.float32(1 - math.exp(", "share = np.float32(math.exp("),
    (DECODER, "at - self._waiting.end > STROKE_SOON", "at - self._waiting.end > 2 * STROKE_SOON"),
    (DECODER, "and letter.end - letter.start + STEP < REST_OF_STROKE", "and False"),
    (DECODER, "and slid and not carried", "and slid"),
    (DECODER, "if run is None or not self._counts(run):", "if run is None:"),
    (ENDPOINT, "if not in_caption:", "if False:"),
    (ENDPOINT, "if idle >= rules.caption_silence:", "if idle > rules.caption_silence:"),
    (ENDPOINT, "idle >= rules.word_pause or", "idle > rules.word_pause or"),
    (ENDPOINT, "and idle >= rules.word_lowered", ""),
    (ENDPOINT, "(word_ends or not in_word)", "word_ends"),
    (ENDPOINT, "word_ends = in_word and (", "word_ends = ("),
    (TRANSCRIPT, "elif at - self._last_hand >= self.rules.word_lowered:", "else:"),
    (TRANSCRIPT, "self._end_what_ended(letter.start, lowered", "self._end_what_ended(letter.end, lowered"),
    (TRANSCRIPT, "        if signing:\n", "        if False:\n"),
    (TRANSCRIPT, "self._edit(self._state.committed[:-1])", "self._edit(self._state.committed[1:])"),
    (TRANSCRIPT, 'self._edit(self._state.committed.rstrip() + " ") if', 'self._edit(self._state.committed + " ") if'),
    (TRANSCRIPT, "and chosen in offer.words", ""),
    (TRANSCRIPT, "del self._undo[:-UNDO_KEPT]", "pass"),
    (TRANSCRIPT, "if word >= len(words) or words[word].group() != old:", "if word >= len(words):"),
    (TRANSCRIPT, "self._keep_choices_in(range(self._cue_count + bool(self._state.committed)))", "pass"),
    (TRANSCRIPT, "max(0.0, min(back, start) - max(gone, self._last_letter))", "max(0.0, back - gone)"),
    (TRANSCRIPT, "cues=(*self._state.cues, cue)[-CUES_KEPT:]", "cues=(*self._state.cues, cue)"),
    (TRANSCRIPT, 'committed[: committed.rfind(" ") + 1]', "committed"),
    (SECURITY, "if len(host) != 1 or host[0] not in access.hosts:", "if host[:1] and host[0] not in access.hosts:"),
    (SECURITY, "if len(given) > 1 or not origins.issuperset(given):", "if given and given[0] not in origins:"),
    (SECURITY, 'issuperset(request.headers.getall("Sec-Fetch-Site", []))', "issuperset(())"),
    (SECURITY, "        origins.add(EXTENSION_ORIGIN)", "        pass"),
    (SECURITY, "    if _is_for_extension(request.match_info.handler):", "    if True:"),
    (SECURITY, 'if request.headers.get(CUSTOM_HEADER) != "1":', "if CUSTOM_HEADER not in request.headers:"),
    (SECURITY, 'elif request.content_type != "application/json":', "elif False:"),
    (SECURITY, "        upload.check_size(size)\n", ""),
    (SECURITY, "if upload is None and (request.content_length or 0) > BODY_LIMIT:", "if False:"),
    (SECURITY, "role in _ENOUGH.get(least, ())", "role is least"),
    (
        SECURITY,
        'least = getattr(handler, "least_role", Role.OWNER)',
        'least = getattr(handler, "least_role", Role.VIEWER)',
    ),
    (SECURITY, 'if static and response.status < 400 else "no-store"', 'if response.status < 400 else "no-store"'),
    (SETTINGS, "if is_whole:\n", "if True:\n"),
    (SETTINGS, "Field(ge=0.2, le=0.99)", "Field(ge=0.0, le=1.0)"),
    (SETTINGS, "letter_confidence if own is None else own", "letter_confidence"),
    (SETTINGS, "hot_words((*words, *self.suggesting.hot_words))", "hot_words(words)"),
    (SETTINGS, 'text.count("\\n", 0, place) + 1 if place', 'text.count("\\n", 0, place) if place'),
    (SETTINGS, "if value is not None or (key in old and not _is_letter(key))", "if value is not None"),
    (SETTINGS, "{**old, **{key: _merge(old.get(key), value)", "{**{key: _merge(old.get(key), value)"),
]


def caught(tree: Path, file: str, before: str, after: str) -> bool:
    """Whether the tests of a tree find a fault; the file is as it was when this returns.

    Raises:
        ValueError: what should be changed does not stand there exactly once.
    """
    path = tree / file
    text = path.read_text("utf-8")
    if text.count(before) != 1:
        raise ValueError(f"{file} has {text.count(before)} times: {before!r}")
    try:
        path.write_text(text.replace(before, after), "utf-8")
        return bool(run(tree, TESTS[file]))
    finally:
        path.write_text(text, "utf-8")


def run(tree: Path, tests: list[str]) -> int:
    """Run these tests and say how they ended."""
    command = [tree.resolve() / ".venv/bin/pytest", "-q", "-x", "-n0", "-pno:cacheprovider", *tests]
    own = os.environ | {"PYTHONPATH": str(tree.resolve())}
    nowhere = subprocess.DEVNULL
    return subprocess.run(command, cwd=tree, env=own, stdout=nowhere, stderr=nowhere, check=False).returncode


def main() -> int:
    """Try them all and print what was found."""
    parser = argparse.ArgumentParser(description="How many of fifty small faults the tests find.")
    parser.add_argument(
        "--tree", type=Path, default=Path(__file__).parent.parent, help="the repository, as checked out"
    )
    tree = parser.parse_args().tree
    for file, tests in TESTS.items():
        if run(tree, tests):
            print(f"The tests of {file} fail without any fault: mend them first.", file=sys.stderr)
            return 1
    found = 0
    for number, (file, before, after) in enumerate(MUTANTS, 1):
        ok = caught(tree, file, before, after)
        found += ok
        print(
            f"{number:2} {'found' if ok else 'MISSED'} {file}: {before.strip()} -> {after.strip() or 'nothing'}",
            flush=True,
        )
    print(f"{found} of {len(MUTANTS)} found")
    return 0


if __name__ == "__main__":
    sys.exit(main())
