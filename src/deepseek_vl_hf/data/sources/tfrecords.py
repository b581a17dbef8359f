"""A TFRecord file of `tf.train.Example` or `SequenceExample` comes in, mappings of lists go out, without TensorFlow.

A file is a row of records: length (8 bytes), its checksum (4), the data, its checksum (4). The data is a protocol buffer message:
https://www.tensorflow.org/tutorials/load_data/tfrecord. Checksums are not computed.
"""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..reading import MAX_RECORD
from .files import opened


VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5  # wire types


def tf_records(file: Path) -> Iterator[dict[str, list[Any]]]:
    """Read the examples of a file.

    Returns:
        Feature -> its values: bytes, floats or ints; of a sequence feature a list of such lists.

    Raises:
        ValueError: if the file is damaged.
    """
    with opened(file) as stored:
        while head := stored.read(12):
            length = struct.unpack("<Q", head[:8])[0] if len(head) == 12 else MAX_RECORD + 1
            data = stored.read(length + 4) if length <= MAX_RECORD else b""
            if len(data) != length + 4:
                raise ValueError(f"{file}: found a broken record, expected a TFRecord file; fetch it again")
            yield _example(memoryview(data)[:length])


def _example(message: memoryview) -> dict[str, list[Any]]:
    """Field 1 holds the features, or the context of a sequence; field 2 the lists of a sequence."""
    found: dict[str, list[Any]] = {}
    for number, value in _fields(message):
        for _, entry in _fields(value):
            parts = dict(_fields(entry))
            feature = parts.get(2, memoryview(b""))
            name = bytes(parts[1]).decode()
            found[name] = _values(feature) if number == 1 else [_values(each) for _, each in _fields(feature)]
    return found


def _values(feature: memoryview) -> list[Any]:
    """What a feature holds: field 1 bytes, 2 floats, 3 ints."""
    found: list[Any] = []
    for kind, values in _fields(feature):
        for _, value in _fields(values):
            if kind == 1:
                found.append(bytes(value))
            elif kind == 2:
                found += struct.unpack(f"<{len(value) // 4}f", value)
            elif isinstance(value, int):
                found.append(_signed(value))
            else:
                at = 0
                while at < len(value):
                    number, at = _varint(value, at)
                    found.append(_signed(number))
    return found


def _fields(message: memoryview) -> Iterator[tuple[int, Any]]:
    """Numbers and values of the fields of a message."""
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        kind = tag & 7
        if kind == VARINT:
            value, at = _varint(message, at)
        else:
            length, at = _varint(message, at) if kind == BYTES else ({FIXED64: 8, FIXED32: 4}.get(kind, -1), at)
            if length < 0 or at + length > len(message):
                raise ValueError("found a broken field, expected a protocol buffer; fetch the file again")
            value, at = message[at : at + length], at + length
        yield tag >> 3, value


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if at >= len(message):
            raise ValueError("found a broken number, expected a protocol buffer; fetch the file again")
        value |= (message[at] & 127) << shift
        shift, at = shift + 7, at + 1
        if message[at - 1] < 128:
            return value, at


def _signed(value: int) -> int:
    return value - 2**64 if value >= 2**63 else value
