"""What a thing of the core is: a value, made once and never changed."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar, dataclass_transform

Thing = TypeVar("Thing")
Found = TypeVar("Found")


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(field,))
def value(made: type[Thing]) -> type[Thing]:
    """A slotted, keyword-only dataclass that the type checker lets no one change.

    A judgement makes hundreds of them, and a class that is frozen at run time too takes four times as long to make.
    """
    return dataclass(slots=True, kw_only=True, unsafe_hash=True)(made)


class once(Generic[Found]):
    """A property that is worked out when it is first asked for, and kept.

    As `functools.cached_property`, without the lock that Python 3.11 still takes: no value is shared by threads
    while it is being made.
    """

    def __init__(self, work_out: Callable[..., Found]) -> None:
        self._work_out = work_out
        self._name = work_out.__name__
        self.__doc__ = work_out.__doc__

    def __get__(self, thing: object, owner: type) -> Found:
        found = vars(thing)[self._name] = self._work_out(thing)
        return found
