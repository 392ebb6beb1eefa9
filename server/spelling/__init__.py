"""*Spell it*: typed text, signed in the page. Drawing is a process of its own, so that captions never wait."""
