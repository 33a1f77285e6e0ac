"""Loaded by Python in every process whose clock is set wrong: libfaketime 0.9.10 fails the sleep of
Python 3.11 and later where running time is left alone (wolfcw/libfaketime issue 426)."""

import select
import time
from typing import SupportsIndex


def _sleep(seconds: SupportsIndex | float, /) -> None:
    select.select([], [], [], max(float(seconds), 0.0))


time.sleep = _sleep
