"""Values made by the dozen: equal, hashed and copied as frozen dataclasses are."""

from __future__ import annotations

import pickle
from dataclasses import replace

import pytest

from providers.messages import Usage
from providers.values import value


def test_equal_values_are_one_in_a_set() -> None:
    """As those of a frozen dataclass are."""
    assert len({Usage(1, 2), Usage(1, 2), Usage(2, 1)}) == 2


def test_a_value_is_copied_and_pickled_whole() -> None:
    """With all of its fields."""
    used = Usage(1, output_tokens=3, service_tier="flex")
    assert pickle.loads(pickle.dumps(used)) == used
    assert replace(used, output_tokens=4) == Usage(1, output_tokens=4, service_tier="flex")


def test_only_what_is_meant_not_to_change_is_a_value() -> None:
    """Anything else is a plain dataclass, which cannot be hashed."""
    with pytest.raises(TypeError, match="plain dataclass"):
        value(frozen=False)
