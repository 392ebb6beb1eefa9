"""Trials with synthetic people, who spell what training never drew."""
