"""`signcap caption`: what is to be written, one file, many files over processes, and what is shown meanwhile."""
