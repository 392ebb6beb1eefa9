"""`signcap`, and `python -m server`: Ctrl-C ends it at once, also while it is still being loaded."""

import signal


def main() -> None:
    """The entry point."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # not where Ctrl-C is for others
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # an interrupted import would print a traceback
    from server.cli import main as cli

    cli.main()


if __name__ == "__main__":
    main()
