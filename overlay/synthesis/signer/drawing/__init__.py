"""The synthetic signer as pixels, and the room behind."""
