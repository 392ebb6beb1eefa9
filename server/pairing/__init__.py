"""Browsers whose extension may show this computer's captions in a call."""
