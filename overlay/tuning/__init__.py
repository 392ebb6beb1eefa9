"""Finding the settings that suit a signer."""
