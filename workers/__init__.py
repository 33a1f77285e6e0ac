"""Processes beside the web: those that do queued work, and the clock that finds what is due."""
