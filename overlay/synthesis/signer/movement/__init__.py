"""Movement of the synthetic signer's hand from letter to letter."""
