"""A PNG as numbers, for tests: eight bits a channel, not interlaced."""

import struct
import zlib

import numpy as np


def decode(png: bytes) -> np.ndarray:
    """Return (height, width, channels) uint8. Filters as in the PNG specification, section 9."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    place, data = 8, b""
    while place < len(png):
        length, kind = struct.unpack(">I4s", png[place : place + 8])
        body = png[place + 8 : place + 8 + length]
        if kind == b"IHDR":
            width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", body)
        data += body if kind == b"IDAT" else b""
        place += length + 12
    assert (depth, interlaced) == (8, 0)
    channels = {0: 1, 2: 3, 4: 2, 6: 4}[colour]
    rows = zlib.decompress(data)
    stride = width * channels + 1
    above = bytearray(stride - 1)
    image = bytearray()
    for start in range(0, len(rows), stride):
        above = _unfilter(rows[start], bytearray(rows[start + 1 : start + stride]), above, channels)
        image += above
    return np.frombuffer(bytes(image), np.uint8).reshape(height, width, channels)


def _unfilter(kind: int, row: bytearray, above: bytearray, channels: int) -> bytearray:
    """Undo the filter of one row; plain integers, since each pixel waits for the one before."""
    for i, value in enumerate(row):
        left = row[i - channels] if i >= channels else 0
        up = above[i]
        corner = above[i - channels] if i >= channels else 0
        guess = left + up - corner
        nearest = min((left, up, corner), key=lambda near: abs(guess - near))
        row[i] = (value + (0, left, up, (left + up) // 2, nearest)[kind]) & 255
    return row
