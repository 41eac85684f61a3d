"""Errors in OpenAI's shape: each of the gateway's own has a status and a code there, too."""

import orjson
import pytest

from gateway import errors
from gateway.api.openai.errors import told
from gateway.errors import GatewayError, NoAnswerError

OPERATORS_ALONE = {errors.ConflictError}
KINDS = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type)
    and issubclass(kind, GatewayError)
    and kind not in {GatewayError, NoAnswerError} | OPERATORS_ALONE
]


@pytest.mark.parametrize("kind", KINDS)
def test_no_error_with_a_name_is_told_as_one_of_our_own_making(kind):
    error = kind(()) if issubclass(kind, NoAnswerError) else kind("why")
    said = told(error, "r-1")
    body = orjson.loads(said.body)["error"]
    assert (said.status, body["code"]) != (500, "internal")
    assert body["wallbounce"]["code"] == kind.code


def test_what_breaks_off_within_a_stream_is_told_as_such():
    said = told(errors.AnswerInterruptedError(()), "r-1")
    assert (said.status, orjson.loads(said.body)["error"]["code"]) == (502, "answer_interrupted")
