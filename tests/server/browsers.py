"""Browsers that tests look at pages with."""

import contextlib
import os
from collections.abc import Iterator
from typing import Any


@contextlib.contextmanager
def chromium(*arguments: str) -> Iterator[Any]:
    """Chromium without a window; SIGNCAP_CHROMIUM names another one than Debian's.

    Args:
        arguments: of its command line, besides those that every test needs.
    """
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("SIGNCAP_CHROMIUM", "/usr/bin/chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", *arguments],
        )
        yield browser
        browser.close()
