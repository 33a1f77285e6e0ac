"""Draws a QR code as WeChat's showqrcode does, as PNG or SVG.

Knows version 4, level L, byte mode (ISO/IEC 18004): up to 78 bytes, ample for WeChat's
short addresses. Must not know tickets or scenes.
"""

from __future__ import annotations

import struct
import zlib

SIZE = 33
DATA, CHECK = 80, 20  # codewords of version 4-L, in one block
LONGEST = 78
QUIET = 4
FORMAT = 0b111011111000100  # level L, mask 0, already masked
FREE = -1

Grid = list[list[int]]


def qr_modules(text: str) -> Grid:
    """33 × 33 of 0 (light) and 1 (dark); ValueError past 78 bytes."""
    data = text.encode()
    if len(data) > LONGEST:
        raise ValueError(f"{len(data)} bytes do not fit into {LONGEST}")
    words = _codewords(data)
    grid = [[FREE] * SIZE for _ in range(SIZE)]
    _draw_patterns(grid)
    _draw_format(grid)
    _draw_words(grid, words + _check_words(words))
    return grid


def qr_png(text: str, scale: int = 10) -> bytes:
    """A grey-scale PNG with the quiet zone."""
    light = bytes([255])
    blank = light * ((SIZE + 2 * QUIET) * scale)
    rows = [blank] * (QUIET * scale)
    for line in qr_modules(text):
        dots = b"".join(bytes([0 if dark else 255]) * scale for dark in line)
        rows += [light * (QUIET * scale) + dots + light * (QUIET * scale)] * scale
    rows += [blank] * (QUIET * scale)
    pixels = b"".join(b"\0" + row for row in rows)
    head = struct.pack(">IIBBBBB", len(blank), len(rows), 8, 0, 0, 0, 0)
    parts = [(b"IHDR", head), (b"IDAT", zlib.compress(pixels)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, body) for kind, body in parts)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _codewords(data: bytes) -> list[int]:
    bits = f"0100{len(data):08b}" + "".join(f"{byte:08b}" for byte in data) + "0000"
    words = [int(bits[at : at + 8], 2) for at in range(0, len(bits), 8)]
    filler = [0xEC, 0x11] * DATA
    return words + filler[: DATA - len(words)]


def _tables() -> tuple[list[int], list[int]]:
    powers, logs, value = [0] * 255, [0] * 256, 1
    for exponent in range(255):
        powers[exponent], logs[value] = value, exponent
        value = value << 1 ^ (0x11D if value & 0x80 else 0)
    return powers, logs


POWERS, LOGS = _tables()


def _times(left: int, right: int) -> int:
    return POWERS[(LOGS[left] + LOGS[right]) % 255] if left and right else 0


def _check_words(words: list[int]) -> list[int]:
    """Reed–Solomon remainder."""
    divisor = [1]
    for exponent in range(CHECK):
        shifted = [*divisor, 0]
        for at, value in enumerate(divisor):
            shifted[at + 1] ^= _times(value, POWERS[exponent])
        divisor = shifted
    rest = [0] * CHECK
    for word in words:
        factor = word ^ rest[0]
        rest = [*rest[1:], 0]
        rest = [left ^ _times(right, factor) for left, right in zip(rest, divisor[1:], strict=True)]
    return rest


def _draw_patterns(grid: Grid) -> None:
    for row, column in ((0, 0), (0, SIZE - 7), (SIZE - 7, 0)):
        _draw_square(grid, row + 3, column + 3, (0, 1, 3), 4)
    _draw_square(grid, SIZE - 7, SIZE - 7, (0, 2), 2)
    for at in range(8, SIZE - 8):
        grid[6][at] = grid[at][6] = 1 - at % 2
    grid[SIZE - 8][8] = 1


def _draw_square(grid: Grid, row: int, column: int, dark: tuple[int, ...], reach: int) -> None:
    for down in range(-reach, reach + 1):
        for right in range(-reach, reach + 1):
            if 0 <= row + down < SIZE and 0 <= column + right < SIZE:
                grid[row + down][column + right] = int(max(abs(down), abs(right)) in dark)


def _draw_format(grid: Grid) -> None:
    last = SIZE - 1
    beside = [(8, at) for at in (0, 1, 2, 3, 4, 5, 7, 8)]
    above = [(at, 8) for at in (7, 5, 4, 3, 2, 1, 0)]
    below = [(last - at, 8) for at in range(7)]
    right = [(8, last - 7 + at) for at in range(8)]
    for number, (first, second) in enumerate(zip(beside + above, below + right, strict=True)):
        bit = FORMAT >> (14 - number) & 1
        grid[first[0]][first[1]] = grid[second[0]][second[1]] = bit


def _draw_words(grid: Grid, words: list[int]) -> None:
    bits = iter("".join(f"{word:08b}" for word in words))
    columns = [at for at in range(SIZE - 1, 0, -2) if at > 6] + [5, 3, 1]
    for turn, column in enumerate(columns):
        rows = range(SIZE) if turn % 2 else range(SIZE - 1, -1, -1)
        for row in rows:
            for at in (column, column - 1):
                if grid[row][at] == FREE:
                    grid[row][at] = int(next(bits, "0")) ^ int((row + at) % 2 == 0)
