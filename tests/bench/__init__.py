"""What the service does in a second, measured beside something simpler on the same machine.

`python -m tests.bench`, or `make bench`: some five minutes, no network but loopback. Ratios within
one run count; the absolute figures are the machine's.
"""
