"""The synthetic signer, the demo, and signed videos."""
