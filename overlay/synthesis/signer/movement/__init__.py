"""How the hand of the synthetic signer moves from letter to letter."""
