"""The session: all that lives from `signcap run` to Ctrl-C."""
