"""Enrolment of a signer: prompts, takes and the fit, for the terminal and the page alike."""
