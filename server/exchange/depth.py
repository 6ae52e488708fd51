"""How deeply what was sent is nested."""

from __future__ import annotations

from typing import Any

from server.failures import Failure

# What is nested deeper than this is not taken apart at all: no encoder could write it down again.
UNREADABLE_DEPTH = 64


def measure(raw: Any) -> int:
    """How deeply a commit is nested, if it can be kept at all.

    Raises:
        Failure: ``unreadable`` if it cannot.
    """
    depth = depth_of(raw)
    if depth > UNREADABLE_DEPTH:
        raise Failure("unreadable", {"why": "nested too deeply"})
    return depth


def depth_of(value: Any) -> int:
    """How deeply lists and objects are nested; counted without recursion."""
    deepest, stack = 0, [(value, 1)]
    while stack:
        node, depth = stack.pop()
        if isinstance(node, dict):
            children: Any = node.values()
        elif isinstance(node, list):
            children = node
        else:
            continue
        deepest = max(deepest, depth)
        stack.extend((child, depth + 1) for child in children)
    return deepest
