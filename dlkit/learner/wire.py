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

MAX_FRAME = 32_000_000
MAX_HEAD = 4_000_000
MAX_ITEMS = 20_000
MAX_DEPTH = 20
MAX_TEXT = 100_000
MAX_TABLE = 4_000_000
"""Parts times the longest text: numpy makes a table of that size of a list in which one text is long."""
MAX_INT_BITS = 512
KINDS = "biufc"
DTYPES = {np.dtype(order + code).str for code in "?bBhHiIlLqQefdgFD" for order in "<>"}
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
        if isinstance(value, str):
            return {"s": str(value)[:MAX_TEXT]}
        if type(value) is complex:
            return {"c": [value.real, value.imag]}
        if isinstance(value, (np.ndarray, np.generic)):
            return self._array(value)
        if isinstance(value, (list, tuple)):
            return {"l" if isinstance(value, list) else "t": [self.tree(item, depth + 1) for item in value]}
        if isinstance(value, dict) and all(type(key) in (str, int) for key in value):
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
            raise Malformed(f"the arrays are larger than {MAX_FRAME // 1_000_000} MB")
        self.buffers.append(data)
        return {"a": array.dtype.str, "n": list(array.shape), "x": isinstance(value, np.generic)}


class _Decoder:
    def __init__(self, buffers: list[bytes], follow: Follow) -> None:
        self.buffers, self.follow, self.items = buffers, follow, 0
        self.longest = 0

    def value(self, tree: Tree, depth: int = 0) -> Any:
        self.items += 1
        if self.items > MAX_ITEMS or depth > MAX_DEPTH:
            raise Malformed("too many parts")
        if tree is None or type(tree) in (bool, float):
            return tree
        if type(tree) is int and tree.bit_length() <= MAX_INT_BITS:
            return tree
        if type(tree) is not dict or not tree:
            raise Malformed("not a value")
        kind, body = next(iter(tree.items()))
        if kind == "s" and type(body) is str and len(body) <= MAX_TEXT:
            self.longest = max(self.longest, len(body))
            return body
        if kind == "c" and type(body) is list and [type(part) for part in body] == [float, float]:
            return complex(*body)
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
        if name not in DTYPES:
            raise Malformed("not a dtype")
        if not all(type(size) is int and 0 <= size <= MAX_FRAME for size in shape):
            raise Malformed("not a shape")
        dtype = np.dtype(name)
        data = self.buffers.pop(0)
        if math.prod(shape) * dtype.itemsize != len(data):
            raise Malformed("an array whose size is not that of its data")
        try:
            array = np.frombuffer(data, dtype=dtype).reshape(shape).copy()
        except ValueError:  # no numbers, in more dimensions or larger ones than numpy counts
            raise Malformed("not a shape") from None
        if dtype.kind == "b":
            array = array.view(np.uint8) != 0  # numpy reckons with a bool's byte: let it be 0 or 1
        return array[()] if tree.get("x") is True and not shape else array

    def _generator(self, state: dict[str, Any]) -> np.random.Generator:
        bits = np.random.PCG64()
        try:
            bits.state = state  # type: ignore[assignment]  # numpy checks it
        except (KeyError, TypeError, ValueError, OverflowError, RecursionError):
            raise Malformed("not a generator") from None
        return np.random.Generator(bits)


def encode(value: Any, refer: Refer) -> tuple[Tree, list[bytes]]:
    """A value as a tree and its buffers; `refer` makes the reference for what cannot cross."""
    encoder = _Encoder(refer)
    return encoder.tree(value), encoder.buffers


def decode(tree: Tree, buffers: list[bytes], follow: Follow) -> Any:
    """The value of a tree; `follow` finds what a reference stands for. Takes the buffers it uses off the list."""
    decoder = _Decoder(buffers, follow)
    value = decoder.value(tree)
    if decoder.items * decoder.longest > MAX_TABLE:
        raise Malformed("too much text")
    return value


def send(connection: socket.socket, message: dict[str, Any], buffers: list[bytes], end: float | None = None) -> None:
    """One frame: lengths, the message as JSON, the buffers behind it. TimeoutError after the monotonic time `end`."""
    head = json.dumps({"m": message, "b": [len(buffer) for buffer in buffers]}).encode()
    body = b"".join(buffers)
    if len(head) > MAX_HEAD or len(head) + len(body) > MAX_FRAME:
        raise Malformed("it is larger than what may cross at once")
    connection.settimeout(None if end is None else _left(end))
    connection.sendall(HEADER.pack(len(head), len(body)) + head + body)


def _left(end: float) -> float:
    """The seconds until then. One who sends byte by byte, or without pause, gets no more of them."""
    left = end - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _read(connection: socket.socket, size: int, end: float | None) -> bytes:
    data = bytearray(size)
    view, got = memoryview(data), 0
    while got < size:
        connection.settimeout(None if end is None else _left(end))
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
    if head_size > MAX_HEAD or head_size + body_size > MAX_FRAME:
        raise Malformed("the frame is too large")
    head, body = _read(connection, head_size, end), _read(connection, body_size, end)
    try:
        data = json.loads(head)
    except (ValueError, RecursionError):
        raise Malformed("not JSON") from None
    sizes = data.get("b") if type(data) is dict else None
    if type(sizes) is not list or len(sizes) > MAX_ITEMS or type(data.get("m")) is not dict:
        raise Malformed("not a frame")
    if not all(type(size) is int and size >= 0 for size in sizes) or sum(sizes) != body_size:
        raise Malformed("not a frame")
    buffers, start = [], 0
    for size in sizes:
        buffers.append(body[start : start + size])
        start += size
    return data["m"], buffers
