"""Everything that can be done to the service at once, and the book that is kept of it.

`python -m tests.chaos --seconds N --seed S`: real processes under load, killed and cut off at
random. The parts also serve the fault tests in `tests/workers`.
"""
