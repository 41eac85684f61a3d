"""Fault rules are read from the command line's words."""

import pytest

from providers.simulator import Fault, FaultRule, Vendor, parse_fault


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("gpt=500", FaultRule(Vendor.GPT, Fault.SERVER_ERROR)),
        ("gpt=500:0.3", FaultRule(Vendor.GPT, Fault.SERVER_ERROR, probability=0.3)),
        ("claude=529x3", FaultRule(Vendor.CLAUDE, Fault.OVERLOADED, count=3)),
        ("gemini=503", FaultRule(Vendor.GEMINI, Fault.OVERLOADED)),
        ("gemini=timeout", FaultRule(Vendor.GEMINI, Fault.TIMEOUT)),
        ("gpt=wrong-shapex2", FaultRule(Vendor.GPT, Fault.WRONG_SHAPE, count=2)),
        (" gpt = resetx1 ", FaultRule(Vendor.GPT, Fault.RESET, count=1)),
    ],
)
def test_a_fault_reads_vendor_fault_and_how_often(text, rule):
    assert parse_fault(text) == rule


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("gpt", "a fault reads VENDOR=FAULT"),
        ("", "a fault reads VENDOR=FAULT"),
        ("llama=500", "no vendor 'llama'; there are gpt, claude, gemini"),
        ("gpt=418", "no fault '418'; there are 401, 404, 429, 500, 502, 529, refused, timeout"),
        ("gpt=500:often", "probability is a number, not 'often'"),
        ("gpt=500:1.5", "over 0 and at most 1, not 1.5"),
        ("gpt=500:0", "over 0 and at most 1"),
        ("gpt=500:nan", "over 0 and at most 1"),
        ("gpt=500x0", "count is 1 or more"),
    ],
)
def test_what_is_wrong_with_a_fault_is_said(text, message):
    with pytest.raises(ValueError, match=message):
        parse_fault(text)
