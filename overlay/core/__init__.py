"""What every room stands on: errors, settings, time, and what is measured."""
