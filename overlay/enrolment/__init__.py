"""Fitting the recogniser to one signer."""
