"""A signer led through an enrolment, prompt by prompt."""
