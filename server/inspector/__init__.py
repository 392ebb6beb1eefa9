"""*Try it*: one picture or one clip, read and shown with all that was made of it."""
