"""The files that people sent: what they are by their content, without what they betray, and kept.

Knows formats and folders; not whose a file is, nor how it came or goes out.
"""
