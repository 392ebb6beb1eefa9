"""What lives from `signcap run` to Ctrl-C."""
