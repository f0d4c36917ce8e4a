"""What crosses between judge and learner: bounded, typed data in frames, never pickle.

A frame is a JSON tree and raw array buffers. Numbers, strings, None, containers, arrays, generators cross as copies;
anything else crosses as a reference that only its owner can follow. A decoder believes nothing: it checks every type,
dtype, size and depth before it makes a value, and raises `Malformed` otherwise.
"""

from __future__ import annotations

import json
import math
import socket
import struct
import time
from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = ["Malformed", "decode", "encode", "receive", "send"]

MAX_FRAME = 64_000_000
MAX_ITEMS = 20_000
MAX_DEPTH = 20
MAX_TEXT = 100_000
MAX_INT_BITS = 512
KINDS = "biufc"
HEADER = struct.Struct(">II")

Tree = Any
Refer = Callable[[Any], dict[str, Any]]
Follow = Callable[[dict[str, Any]], Any]


class Malformed(Exception):
    """A frame that no honest side sends, or one that is too large."""


class _Encoder:
    def __init__(self, refer: Refer) -> None:
        self.refer, self.buffers, self.items = refer, list[bytes](), 0
        self.size = 0

    def tree(self, value: Any, depth: int = 0) -> Tree:
        self.items += 1
        if self.items > MAX_ITEMS or depth > MAX_DEPTH:
            raise Malformed("the value is nested too deeply or has too many parts")
        if value is None or (isinstance(value, (bool, float)) and type(value) in (bool, float)):
            return value
        if type(value) is int:
            return value if value.bit_length() <= MAX_INT_BITS else self.refer(value)
        if type(value) is str:
            return {"s": value[:MAX_TEXT]}
        if isinstance(value, (np.ndarray, np.generic)):
            return self._array(value)
        if type(value) in (list, tuple):
            return {"l" if type(value) is list else "t": [self.tree(item, depth + 1) for item in value]}
        if type(value) is dict and all(type(key) in (str, int) for key in value):
            return {"d": [[self.tree(key, depth + 1), self.tree(item, depth + 1)] for key, item in value.items()]}
        if type(value) is np.random.Generator:
            return (
                {"g": value.bit_generator.state} if type(value.bit_generator) is np.random.PCG64 else self.refer(value)
            )
        return self.refer(value)

    def _array(self, value: np.ndarray | np.generic) -> Tree:
        array = np.asarray(value)
        if array.dtype.kind not in KINDS or array.dtype.itemsize > 16:
            return self.refer(value)
        data = np.ascontiguousarray(array).tobytes()
        self.size += len(data)
        if self.size > MAX_FRAME:
            raise Malformed("the arrays are larger than 64 MB")
        self.buffers.append(data)
        return {"a": array.dtype.str, "n": list(array.shape), "x": isinstance(value, np.generic)}


class _Decoder:
    def __init__(self, buffers: list[bytes], follow: Follow) -> None:
        self.buffers, self.follow, self.items = buffers, follow, 0

    def value(self, tree: Tree, depth: int = 0) -> Any:
        self.items += 1
        if self.items > MAX_ITEMS or depth > MAX_DEPTH:
            raise Malformed("too many parts")
        if tree is None or type(tree) in (bool, int, float):
            return tree
        if type(tree) is not dict or not tree:
            raise Malformed("not a value")
        kind, body = next(iter(tree.items()))
        if kind == "s" and type(body) is str and len(body) <= MAX_TEXT:
            return body
        if kind in ("l", "t") and type(body) is list:
            items = [self.value(item, depth + 1) for item in body]
            return items if kind == "l" else tuple(items)
        if kind == "d" and type(body) is list and all(type(pair) is list and len(pair) == 2 for pair in body):
            pairs = [(self.value(key, depth + 1), self.value(item, depth + 1)) for key, item in body]
            if all(type(key) in (str, int) for key, _ in pairs):
                return dict(pairs)
        if kind == "a":
            return self._array(tree)
        if kind == "g" and type(body) is dict:
            return self._generator(body)
        if kind == "r":
            return self.follow(tree)
        raise Malformed("not a value")

    def _array(self, tree: dict[str, Any]) -> Any:
        name, shape = tree["a"], tree.get("n")
        if type(name) is not str or len(name) > 6 or type(shape) is not list or len(shape) > 32 or not self.buffers:
            raise Malformed("not an array")
        try:
            dtype = np.dtype(name)
        except TypeError:
            raise Malformed("not a dtype") from None
        if dtype.kind not in KINDS or dtype.itemsize > 16 or dtype.str != name:
            raise Malformed("not a dtype")
        if not all(type(size) is int and 0 <= size <= MAX_FRAME for size in shape):
            raise Malformed("not a shape")
        data = self.buffers.pop(0)
        if math.prod(shape) * dtype.itemsize != len(data):
            raise Malformed("an array whose size is not that of its data")
        array = np.frombuffer(data, dtype=dtype).reshape(shape).copy()
        return array[()] if tree.get("x") is True and not shape else array

    def _generator(self, state: dict[str, Any]) -> np.random.Generator:
        bits = np.random.PCG64()
        try:
            bits.state = state
        except (KeyError, TypeError, ValueError, OverflowError):
            raise Malformed("not a generator") from None
        return np.random.Generator(bits)


def encode(value: Any, refer: Refer) -> tuple[Tree, list[bytes]]:
    """A value as a tree and its buffers; `refer` makes the reference for what cannot cross."""
    encoder = _Encoder(refer)
    return encoder.tree(value), encoder.buffers


def decode(tree: Tree, buffers: list[bytes], follow: Follow) -> Any:
    """The value of a tree; `follow` finds what a reference stands for. Takes the buffers it uses off the list."""
    return _Decoder(buffers, follow).value(tree)


def send(connection: socket.socket, message: dict[str, Any], buffers: list[bytes]) -> None:
    """One frame: lengths, the message as JSON, the buffers behind it."""
    head = json.dumps({"m": message, "b": [len(buffer) for buffer in buffers]}).encode()
    body = b"".join(buffers)
    if len(head) + len(body) > MAX_FRAME:
        raise Malformed("the frame is larger than 64 MB")
    connection.sendall(HEADER.pack(len(head), len(body)) + head + body)


def _read(connection: socket.socket, size: int, end: float | None) -> bytes:
    data = bytearray(size)
    view, got = memoryview(data), 0
    while got < size:
        if end is not None:  # a trickle of bytes must not stretch the time
            connection.settimeout(max(end - time.monotonic(), 0.001))
        count = connection.recv_into(view[got:])
        if not count:
            raise EOFError("the other side is gone")
        got += count
    return bytes(data)


def receive(connection: socket.socket, end: float | None = None) -> tuple[dict[str, Any], list[bytes]]:
    """One frame from the other side, until the monotonic time `end`.

    EOFError where the other side is gone, TimeoutError, Malformed where it does not speak this language.
    """
    head_size, body_size = HEADER.unpack(_read(connection, HEADER.size, end))
    if head_size + body_size > MAX_FRAME:
        raise Malformed("the frame is larger than 64 MB")
    head, body = _read(connection, head_size, end), _read(connection, body_size, end)
    try:
        data = json.loads(head)
    except (ValueError, RecursionError):
        raise Malformed("not JSON") from None
    sizes = data.get("b") if type(data) is dict else None
    if type(sizes) is not list or not all(type(size) is int and size >= 0 for size in sizes) or sum(sizes) != body_size:
        raise Malformed("not a frame")
    if type(data.get("m")) is not dict or len(sizes) > MAX_ITEMS:
        raise Malformed("not a frame")
    buffers, start = [], 0
    for size in sizes:
        buffers.append(body[start : start + size])
        start += size
    return data["m"], buffers
