"""Browsers that tests look at pages with."""

import contextlib
import os
import shutil
from collections.abc import Iterator
from typing import Any

CHROMIUM = os.environ.get("SIGNCAP_CHROMIUM", "/usr/bin/chromium")


def bare_chromium() -> str:
    """Chromium without what stands around a page, where there is one: pages are the same, at a third of the cost."""
    return os.environ.get("SIGNCAP_CHROMIUM") or shutil.which("chromium-headless-shell") or CHROMIUM


@contextlib.contextmanager
def chromium(*arguments: str, executable: str = CHROMIUM) -> Iterator[Any]:
    """Chromium without a window; SIGNCAP_CHROMIUM names another one than Debian's.

    Args:
        arguments: of its command line, besides those that every test needs.
        executable: the whole browser, as people have it, where nothing else is said.
    """
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", *arguments],
        )
        yield browser
        browser.close()
