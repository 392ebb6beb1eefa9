"""The web application: who may ask, what is answered, and what goes on being sent."""
