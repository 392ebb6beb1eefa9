"""`signcap doctor` and the page *Check*: all checks of this computer, in order, and their report."""
