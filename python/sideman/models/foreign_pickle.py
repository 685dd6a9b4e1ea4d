"""Reads what somebody else pickled without running any of it.

A pickle is a program: `pickle` would import and call what it names. Here its opcodes build plain
values; a name stays a Name and a call stays a Made that says what would have been called. Source of
the opcodes: the Python documentation of pickletools, protocols 0 to 5.
"""

from __future__ import annotations

import pickletools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sideman.errors import ModelError

__all__ = ["Made", "Name", "Persistent", "read_pickle"]

MOST_OPERATIONS = 4_000_000
MOST_KEY = 2**60  # integers beyond it can be made to collide as keys
_MARK = object()


@dataclass(frozen=True)
class Name:
    """Something that the pickle would have imported."""

    module: str
    name: str

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"


@dataclass(frozen=True)
class Persistent:
    """A reference that the file's format explains; torch: a storage."""

    value: Any


@dataclass(eq=False)
class Made:
    """What calling `maker` with `arguments` would have made, and what was put into it."""

    maker: Any
    arguments: tuple[Any, ...]
    items: dict[Any, Any] = field(default_factory=dict)
    elements: list[Any] = field(default_factory=list)
    state: Any = None


def read_pickle(data: bytes) -> Any:
    """The value that a pickle describes. Raises ModelError for what is damaged or not described by
    plain values, names and calls."""
    machine = _Machine()
    try:
        for count, (operation, argument, _) in enumerate(pickletools.genops(data)):
            if count > MOST_OPERATIONS:
                raise ModelError(f"it has more than {MOST_OPERATIONS} operations")
            if operation.name == "STOP":
                return machine.stack.pop()
            machine.take(operation.name, argument)
    except ModelError:
        raise
    except (ArithmeticError, AttributeError, LookupError, MemoryError, TypeError, ValueError) as error:
        first = (str(error).splitlines() or [type(error).__name__])[0][:200]
        raise ModelError(f"its pickle is damaged ({first})") from error
    raise ModelError("its pickle has no end")


class _Machine:
    def __init__(self) -> None:
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}

    def take(self, name: str, argument: Any) -> None:
        if name in _PASSED_OVER:
            return
        if name in _CONSTANTS:
            self.stack.append(_CONSTANTS[name]())
        elif name in _WITH_VALUE:
            self.stack.append(argument)
        elif name in _OPERATIONS:
            _OPERATIONS[name](self, argument)
        else:
            raise ModelError(f"its pickle uses {name}, which no checkpoint needs")

    def marked(self) -> list[Any]:
        """What lies above the last mark, taken off with the mark."""
        for place in range(len(self.stack) - 1, -1, -1):
            if self.stack[place] is _MARK:
                found = self.stack[place + 1 :]
                del self.stack[place:]
                return found
        raise ValueError("no mark")

    def put_items(self, pairs: list[Any]) -> None:
        target = self.stack[-1]
        where = target.items if isinstance(target, Made) else target
        if not isinstance(where, dict) or len(pairs) % 2:
            raise ValueError("items for what is no dictionary")
        where.update(zip(_simple(pairs[0::2]), pairs[1::2]))

    def put_elements(self, elements: list[Any]) -> None:
        target = self.stack[-1]
        where = target.elements if isinstance(target, Made) else target
        if isinstance(where, set):
            where.update(_simple(elements))
        elif isinstance(where, list):
            where.extend(elements)
        else:
            raise ValueError("elements for what is no list")

    def call(self) -> None:
        arguments = self.stack[-2:]
        del self.stack[-2:]
        maker, given = arguments
        if not isinstance(given, tuple):
            raise ValueError("a call without a tuple")
        self.stack.append(Made(maker, given))

    def build(self) -> None:
        state = self.stack.pop()
        target = self.stack[-1]
        if not isinstance(target, Made):
            raise ValueError("a state for a plain value")
        target.state = state

    def named(self) -> None:
        name, module = self.stack.pop(), self.stack.pop()
        if not isinstance(name, str) or not isinstance(module, str):
            raise ValueError("a name that is no text")
        self.stack.append(Name(module, name))

    def instance(self, argument: Any) -> None:
        self.stack.append(Made(_name(argument), tuple(self.marked())))

    def object(self) -> None:
        maker, *given = self.marked()
        self.stack.append(Made(maker, tuple(given)))

    def popped(self) -> None:
        if self.stack and self.stack[-1] is _MARK:
            self.marked()
        else:
            self.stack.pop()


def _simple(keys: list[Any]) -> list[Any]:
    """The keys, none of which takes long to hash, to print or to find: tuples in tuples can take for
    ever, and so can many numbers of one hash."""
    for key in keys:
        simple = isinstance(key, (str, bytes, int, type(None)))
        if not simple or (isinstance(key, int) and abs(key) > MOST_KEY):
            raise ValueError(f"a {type(key).__name__} as a key")
    return keys


def _name(argument: str) -> Name:
    module, name = argument.split(" ", 1)
    return Name(module, name)


def _put(machine: _Machine, argument: Any) -> None:
    machine.memo[int(argument)] = machine.stack[-1]


def _get(machine: _Machine, argument: Any) -> None:
    machine.stack.append(machine.memo[int(argument)])


def _tuple(count: int) -> Callable[[_Machine, Any], None]:
    def make(machine: _Machine, _: Any) -> None:
        if len(machine.stack) < count:
            raise ValueError("an empty stack")
        found = tuple(machine.stack[len(machine.stack) - count :])
        del machine.stack[len(machine.stack) - count :]
        machine.stack.append(found)

    return make


def _dict(machine: _Machine, _: Any) -> None:
    pairs = machine.marked()
    machine.stack.append({})
    machine.put_items(pairs)


def _pair(machine: _Machine, _: Any) -> None:
    value, key = machine.stack.pop(), machine.stack.pop()
    machine.put_items([key, value])


def _one(machine: _Machine, _: Any) -> None:
    machine.put_elements([machine.stack.pop()])


_PASSED_OVER = {"PROTO", "FRAME"}
_CONSTANTS: dict[str, Callable[[], Any]] = {
    "NONE": lambda: None, "NEWTRUE": lambda: True, "NEWFALSE": lambda: False,
    "EMPTY_LIST": list, "EMPTY_DICT": dict, "EMPTY_TUPLE": tuple, "EMPTY_SET": set,
    "MARK": lambda: _MARK,
}  # fmt: skip
_WITH_VALUE = {
    "INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT",
    "STRING", "BINSTRING", "SHORT_BINSTRING", "BINBYTES", "SHORT_BINBYTES", "BINBYTES8",
    "BYTEARRAY8", "UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8",
}  # fmt: skip
_OPERATIONS: dict[str, Callable[[_Machine, Any], None]] = {
    "GLOBAL": lambda machine, argument: machine.stack.append(_name(argument)),
    "STACK_GLOBAL": lambda machine, _: machine.named(),
    "PERSID": lambda machine, value: machine.stack.append(Persistent(value)),
    "BINPERSID": lambda machine, _: machine.stack.append(Persistent(machine.stack.pop())),
    "MEMOIZE": lambda machine, _: _put(machine, len(machine.memo)),
    "PUT": _put, "BINPUT": _put, "LONG_BINPUT": _put,
    "GET": _get, "BINGET": _get, "LONG_BINGET": _get,
    "TUPLE": lambda machine, _: machine.stack.append(tuple(machine.marked())),
    "TUPLE1": _tuple(1), "TUPLE2": _tuple(2), "TUPLE3": _tuple(3),
    "LIST": lambda machine, _: machine.stack.append(machine.marked()),
    "DICT": _dict,
    "FROZENSET": lambda machine, _: machine.stack.append(frozenset(_simple(machine.marked()))),
    "SETITEM": _pair,
    "SETITEMS": lambda machine, _: machine.put_items(machine.marked()),
    "APPEND": _one,
    "APPENDS": lambda machine, _: machine.put_elements(machine.marked()),
    "ADDITEMS": lambda machine, _: machine.put_elements(machine.marked()),
    "REDUCE": lambda machine, _: machine.call(),
    "NEWOBJ": lambda machine, _: machine.call(),
    "OBJ": lambda machine, _: machine.object(),
    "INST": lambda machine, argument: machine.instance(argument),
    "BUILD": lambda machine, _: machine.build(),
    "POP": lambda machine, _: machine.popped(),
    "POP_MARK": lambda machine, _: machine.marked() and None,
    "DUP": lambda machine, _: machine.stack.append(machine.stack[-1]),
}  # fmt: skip
