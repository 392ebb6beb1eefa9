"""The hand of the synthetic signer: bones, flesh, letters and other handshapes."""
