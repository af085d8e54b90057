"""What was read last is kept: the resources of a record say the same again and again, and comparing two JSON
values is several times faster than reading one.
"""

from collections.abc import Callable
from typing import Any, TypeVar

_Answer = TypeVar("_Answer")


def remembered(read: Callable[[Any], _Answer]) -> Callable[[Any], _Answer]:
    """The same reading, done anew only when the value differs from the last one.

    For one record, and for readings of words, codes and references alone: to Python 1, 1.0 and true are equal,
    and so are 24.0 and 24.00.
    """
    last: Any = object()
    answer: Any = None

    def again(value: Any) -> _Answer:
        nonlocal last, answer
        if value != last:
            answer = read(value)
            last = value
        return answer  # type: ignore[no-any-return]

    return again
