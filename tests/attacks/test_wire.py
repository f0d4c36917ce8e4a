"""The judge against a process that says whatever it likes, in frames that no harness would send."""

from __future__ import annotations

import random
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

from dlkit.grading.remote import Learner, Limits, Opaque, RemoteFunction
from dlkit.learner.wire import MAX_FRAME, Malformed, decode, encode, receive, send

LIMITS = Limits(call=0.2, cell=0.2, notebook=2.0)
QUIET = {"error": "", "text": "", "warnings": [], "changed": [], "printed": ""}
Peer = Callable[[socket.socket, dict[str, Any]], None]


@contextmanager
def facing(peer: Peer, limits: Limits = LIMITS) -> Iterator[Learner]:
    """A judge's end whose other end answers each request as `peer` says."""
    ours, theirs = socket.socketpair()

    def run() -> None:
        try:
            while True:
                message, _ = receive(theirs)
                peer(theirs, message)
        except (EOFError, OSError, Malformed):
            theirs.close()

    thread = threading.Thread(target=run)
    thread.start()
    learner = Learner(ours, limits, time.monotonic() + limits.notebook)
    try:
        yield learner
    finally:
        learner.close()
        theirs.close()
        thread.join(5)
        assert not thread.is_alive()


def _raw(head: bytes, body: bytes = b"") -> Peer:
    return lambda channel, message: channel.sendall(struct.pack(">II", len(head), len(body)) + head + body)


def _reply(**reply: Any) -> Peer:
    return lambda channel, message: send(channel, {**QUIET, "n": message["n"], **reply}, [])


def _forever(step: Peer) -> Peer:
    def peer(channel: socket.socket, message: dict[str, Any]) -> None:
        while True:
            step(channel, message)

    return peer


FRAMES: dict[str, Peer] = {
    "nothing": lambda channel, message: channel.close(),
    "noise": lambda channel, message: channel.sendall(random.Random(0).randbytes(100)),
    "a size beyond all bounds": lambda channel, message: channel.sendall(struct.pack(">II", 2**32 - 1, 2**32 - 1)),
    "a frame as large as may be, and never sent": lambda channel, message: channel.sendall(struct.pack(">II", 10, MAX_FRAME - 10)),
    "no JSON": _raw(b"{"),
    "JSON of another kind": _raw(b"[1, 2]"),
    "deep JSON": _raw(b"[" * 200_000),
    "a very long number": _raw(b'{"m": {}, "b": [' + b"1" * 5000 + b"]}"),
    "invalid Unicode": _raw(b'{"m": {"n": "\xff\xfe"}, "b": []}'),
    "sizes that do not add up": _raw(b'{"m": {}, "b": [5]}', b"1234"),
    "sizes below zero": _raw(b'{"m": {}, "b": [-1, 5]}', b"1234"),
    "sizes that are no integers": _raw(b'{"m": {}, "b": [true, 3.0]}', b"1234"),
    "no message": _raw(b'{"b": []}'),
    "no number": lambda channel, message: send(channel, dict(QUIET), []),
    "another number": _reply(n="0" * 16),
    "a number of another type": _reply(n=["0"]),
    "the request itself": lambda channel, message: send(channel, {**message, "n": message["n"][::-1]}, []),
    "one byte at a time": lambda channel, message: [channel.sendall(b"\0") for _ in iter(int, 1)] and None,
    "callbacks without end": _forever(lambda channel, message: send(channel, {"back": 1, "args": {"t": []}, "n": message["n"]}, [])),
    "callbacks that nobody reads the answers of": _forever(lambda channel, message: channel.sendall(b"\0" * 100_000)),
    "a callback's arguments that are no tuple": _forever(lambda channel, message: send(channel, {"back": 1, "args": {"l": [1.0]}, "n": message["n"]}, [])),
}  # fmt: skip


@pytest.mark.parametrize("frame", FRAMES)
def test_a_frame_that_no_harness_sends_ends_the_process(frame: str) -> None:
    start = time.monotonic()
    with facing(FRAMES[frame]) as learner:
        behaviour = learner.call(1, (np.zeros(3), abs), {})
        assert behaviour.error == "Stopped"
        assert behaviour.value is None
        assert learner.call(1, (), {}).error == "Stopped", "what is lost stays lost"
    assert time.monotonic() - start < 1.5


def test_a_reply_sent_early_or_twice_is_not_taken_for_the_next_one() -> None:
    def twice(channel: socket.socket, message: dict[str, Any]) -> None:
        for value in (1.0, 2.0):
            send(channel, {**QUIET, "n": message["n"], "value": value}, [])

    with facing(twice) as learner:
        assert learner.call(1, (), {}).value == 1.0
        assert learner.call(1, (), {}).error == "Stopped"


def test_a_process_that_does_not_read_does_not_hold_the_judge() -> None:
    ours, theirs = socket.socketpair()
    with theirs:
        learner = Learner(ours, LIMITS, time.monotonic() + 2)
        start = time.monotonic()
        assert learner.call(1, (np.zeros(3_000_000),), {}).error == "Stopped"
        assert time.monotonic() - start < 1


def test_more_data_than_a_notebook_may_send_ends_it() -> None:
    def large(channel: socket.socket, message: dict[str, Any]) -> None:
        send(channel, {**QUIET, "n": message["n"], "value": None}, [bytes(200_000)])

    with facing(large, Limits(call=2, notebook=5, traffic=1_000_000)) as learner:
        assert [learner.call(1, (), {}).error for _ in range(6)].count("Stopped") == 2


def _array(dtype: Any, shape: Any, size: int = 8) -> tuple[Any, list[bytes]]:
    return {"a": dtype, "n": shape, "x": True}, [bytes(size)]


VALUES: dict[str, tuple[Any, list[bytes]]] = {
    "a text that is none": ({"s": 5}, []),
    "an unknown kind": ({"z": 5}, []),
    "an empty object": ({}, []),
    "a bare list": ([1, 2], []),
    "a bare text": ("x", []),
    "an integer too large": (1 << 600, []),
    "too deep": ({"l": [{"l": [{"l": [{"l": [{"l": [{"l": []}]}]}]}]}]}, []),
    "too many parts": ({"l": [None] * 30_000}, []),
    "long texts, many times": ({"l": [{"s": "x" * 90_000}, *[{"s": "y"}] * 15_000]}, []),
    "one long text among numbers": ({"l": [*[1.0] * 15_000, {"s": "x" * 90_000}]}, []),
    "a dictionary of lists": ({"d": [[{"l": []}, 1]]}, []),
    "a dictionary of triples": ({"d": [[1, 2, 3]]}, []),
    "objects": _array("|O", [1]),
    "texts": _array("<U2", [1]),
    "records": _array("i4,i4", [1]),
    "dates": _array("<M8[s]", [1]),
    "a dtype that warns": _array("a8", [1]),
    "a dtype that is no text": _array(["<f8"], [1]),
    "a negative size": _array("<f8", [-1]),
    "sizes that are no integers": _array("<f8", [1.0, True]),
    "a shape too large": _array("<f8", [10**9, 10**9]),
    "no numbers, in a shape too large": _array("<f8", [0, *[30_000_000] * 6], 0),
    "more dimensions than numpy has": _array("<f8", [1] * 70),
    "a shape that is no list": _array("<f8", 1),
    "no data": ({"a": "<f8", "n": [1]}, []),
    "too little data": _array("<f8", [2]),
    "a generator that is none": ({"g": {"bit_generator": "MT19937", "state": 1}}, []),
    "a generator with a state too large": ({"g": {"bit_generator": "PCG64", "state": {"state": 1 << 300, "inc": -1}, "has_uint32": 0, "uinteger": 0}}, []),
    "a reference to a text": ({"r": "x"}, []),
    "a reference to True": ({"r": True}, []),
    "a complex number of texts": ({"c": ["a", "b"]}, []),
}  # fmt: skip


@pytest.mark.parametrize("name", VALUES)
def test_a_value_that_is_none_is_refused(name: str) -> None:
    tree, buffers = VALUES[name]
    if name == "too deep":
        for _ in range(30):
            tree = {"l": [tree]}

    def peer(channel: socket.socket, message: dict[str, Any]) -> None:
        send(channel, {**QUIET, "n": message["n"], "value": tree}, buffers)

    with facing(peer) as learner:
        behaviour = learner.call(1, (), {})
    assert behaviour.error == "Stopped"
    assert "cannot be read" in behaviour.text


def test_no_tree_makes_the_decoder_raise_anything_else() -> None:
    """Ten thousand trees that nobody thought of."""
    rng = random.Random(0)
    leaves = [None, True, -1, 1 << 70, 1e300, float("nan"), "x", "\ud800", "<f8", "|b1", [], {}, [0], [2, 2], 0, 8]

    def tree(depth: int) -> Any:
        if depth == 0 or rng.random() < 0.2:
            return rng.choice(leaves)
        if rng.random() < 0.4:
            return [tree(depth - 1) for _ in range(rng.randrange(3))]
        keys = rng.sample(["a", "n", "x", "s", "l", "t", "d", "g", "r", "c", "callable", "name"], rng.randrange(1, 4))
        return {key: tree(depth - 1) for key in keys}

    def follow(reference: dict[str, Any]) -> Any:
        return Learner._follow(None, reference)  # type: ignore[arg-type]

    made = 0
    for _ in range(10_000):
        try:
            decode(tree(4), [bytes(8), bytes(32), b""], follow)
            made += 1
        except Malformed:
            pass
    assert made > 100


def test_a_bool_is_zero_or_one() -> None:
    value = decode({"a": "|b1", "n": [3]}, [b"\x02\x00\xff"], dict)
    assert value.tobytes() == b"\x01\x00\x01"


@pytest.mark.parametrize(
    "reply",
    [
        {"error": 5, "text": [], "warnings": {}, "changed": "x", "printed": None},
        {"warnings": [5, None, "w\x1b[2J" * 1000] * 50, "changed": [1.5, {}, "x" * 500, True, 1 << 99] * 50},
        {"error": "E" * 5000 + "\ud800", "text": "<b>\x1b]0;x\x07" * 1000, "printed": "p" * 100_000},
        {"value": {"r": -5, "callable": "yes", "name": {"a": 1}}},
        {"value": {"r": 1, "callable": True, "name": "<script>\x1b"}},
    ],
)
def test_a_reply_of_the_wrong_types_is_put_right(reply: dict[str, Any]) -> None:
    with facing(_reply(**reply)) as learner:
        behaviour = learner.call(1, (), {})
    texts = [behaviour.error, behaviour.text, behaviour.printed, *behaviour.warnings]
    assert all(type(text) is str and len(text) <= 2000 and text.isprintable() for text in texts)
    assert len(behaviour.warnings) <= 20
    assert len(behaviour.changed) <= 20
    assert all(type(item) is int or (type(item) is str and len(item) <= 80) for item in behaviour.changed)
    if isinstance(behaviour.value, Opaque):
        assert behaviour.value._name == "object"


def test_a_cell_that_ran_shows_texts_only() -> None:
    with facing(_reply(printed="p" * 1_000_000, error=["<i>\x1b", {"a": 1}, "t" * 100_000])) as learner:
        result = learner.run("cell", "")
    assert len(result.printed) <= 10_000
    assert result.error == ("<i>", "", "t" * 4000)


def test_a_function_is_called_as_the_course_calls_it() -> None:
    with facing(_reply(found=True, value={"r": 1, "callable": True, "name": "np"})) as learner:
        function = learner.look("sigmoid")
    assert isinstance(function, RemoteFunction)
    assert function.__name__ == "sigmoid"
    assert np.asarray(function).dtype == object, "numpy finds nothing in it to call"


def test_functions_that_call_each_other_end() -> None:
    """The course's function calls the learner's, which calls it again, and so on."""

    def peer(channel: socket.socket, message: dict[str, Any]) -> None:
        if message.get("do") == "call":
            send(channel, {"back": 1, "args": {"t": []}, "n": message["n"]}, [])
        elif "n" not in message:
            raise OSError("the judge gave up")

    with facing(peer) as learner:
        back = RemoteFunction(learner, 1, "f")
        assert learner.call(1, (lambda: back(),), {}).error == "Stopped"


@pytest.mark.parametrize(
    "value",
    [1.5, float("inf"), 1 << 500, "text", None, True, 1j, [1, (2.0, None)], {"a": np.arange(3), 1: []}, np.float32(2),
     np.zeros((0, 3)), np.array([True, False]), np.arange(6.0).reshape(2, 3).T, np.array(5, ">i2"), "\ud800", np.longdouble(1)],
)  # fmt: skip
def test_what_is_honest_crosses(value: Any) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        tree, buffers = encode(value, lambda other: pytest.fail("it is data"))
        send(ours, {"value": tree}, buffers)
        message, buffers = receive(theirs)
        got = decode(message["value"], buffers, lambda tree: pytest.fail("it is data"))
    assert type(got) is type(value)
    np.testing.assert_equal(got, value)
    assert getattr(got, "dtype", None) == getattr(value, "dtype", None)
