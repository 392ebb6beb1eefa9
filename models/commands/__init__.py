"""The commands that `signcap` finds through the package's entry points; light to import, torch comes when asked."""
