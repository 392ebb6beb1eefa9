"""Collections of pictures on disk: reading, cropping, splitting, loading. Runs without torch but for `loading`."""
