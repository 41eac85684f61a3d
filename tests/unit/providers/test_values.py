"""Values made by the dozen: equal, hashed and copied as frozen dataclasses are."""

import pickle
from dataclasses import replace

import pytest

from providers.messages import Usage
from providers.values import value


def test_equal_values_are_one_in_a_set():
    assert len({Usage(1, 2), Usage(1, 2), Usage(2, 1)}) == 2


def test_a_value_is_copied_and_pickled_whole():
    used = Usage(1, output_tokens=3, service_tier="flex")
    assert pickle.loads(pickle.dumps(used)) == used
    assert replace(used, output_tokens=4) == Usage(1, output_tokens=4, service_tier="flex")


def test_only_what_is_meant_not_to_change_is_a_value():
    with pytest.raises(TypeError, match="plain dataclass"):
        value(frozen=False)
