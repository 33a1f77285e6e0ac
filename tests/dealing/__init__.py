"""Dealing held to an independent optimum over random communities."""
