"""A failing day is read from YAML, and every mistake is told with its line."""

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.simulator import (  # fmt: skip
    Fault,
    Latency,
    LongTail,
    ScriptError,
    Vendor,
    load_script,
    parse_script,
)
from providers.simulator.bucket import Rate
from providers.simulator.script import Allows, Fails, Misleads, Slows, Takes
from providers.simulator.script_words import seconds_of, spell_s

ROOT = Path(__file__).parents[4]
SHIPPED = ROOT / "ops" / "simulator" / "failing-day.yaml"
DOCS = ROOT / "docs" / "simulator.md"


def day(*events, head=""):
    return parse_script(f"{head}\nevents:\n" + "\n".join(f"  - {{{e}}}" for e in events))


def mistakes(text):
    with pytest.raises(ScriptError) as told:
        parse_script(text, "day.yaml")
    return list(told.value.lines)


@pytest.mark.parametrize(
    ("event", "what"),
    [
        ("fault: 500", Fails(Fault.SERVER_ERROR)),
        ("fault: 503", Fails(Fault.OVERLOADED)),
        ("fault: 429, retry_after: 5s", Fails(Fault.RATE_LIMITED, 5)),
        ("latency: x10", Slows(10)),
        ("latency: x10, ramp: 1m", Slows(10, 60)),
        ("latency: 2s", Takes(Latency(2000))),
        ("latency: {p50: 100ms, p95: 1s}", Takes(LongTail(100, 1000))),
        ("limit: 20/m", Allows(Rate(20, 60))),
        ("answers: wrong", Misleads()),
    ],
)
def test_an_event_says_one_thing(event, what):
    (entry,) = day(f"at: 1m, for: 90s, who: gpt, {event}").entries
    assert entry.what == what
    assert (entry.at_s, entry.end_s) == (60, 150)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("1h30m", 5400), ("500ms", 0.5), ("2", 2), ("1.5s", 1.5), ("09:30", 34_200), ("00:00:05", 5), ("1d", 86_400)],
)  # fmt: skip
def test_times_are_read(text, seconds):
    assert seconds_of(text) == seconds


@given(st.integers(1, 30_000_000))
def test_a_time_is_spelled_so_that_it_is_read_again(milliseconds):
    spelled = spell_s(milliseconds / 1000)
    assert seconds_of(spelled) == pytest.approx(milliseconds / 1000, rel=1e-4)


def test_a_time_of_the_day_needs_no_quotes():
    """YAML itself would read 570."""
    assert day("at: 9:30, until: 10:00, fault: cut", head="day: 24h").entries[0].at_s == 34_200


def test_who_is_a_vendor_an_endpoint_a_list_or_everybody():
    events = [f"at: 0, for: 1s, fault: cut, who: {w}" for w in ("openai", "gpt/eu", "[claude, gemini]", "all")]  # fmt: skip
    read = day(*events, "at: 0, for: 1s, fault: cut", head="endpoints: [gpt/eu]")
    told = [[str(t) for t in entry.who] for entry in read.entries]
    assert told == [["gpt"], ["gpt/eu"], ["claude", "gemini"], ["all"], ["all"]]


def test_a_day_lasts_to_the_end_of_its_last_event_unless_it_says():
    assert day("at: 5s, for: 5s, fault: cut", "at: 0, for: 2s, fault: cut").day_s == 10
    assert day("at: 5s, fault: cut", head="day: 1m").entries[0].end_s == 60


def test_the_days_latency_is_a_vendors_or_everybodys():
    text = "latency: {all: 1s, gpt: {p50: 1s, p95: 2s}}"
    latency = day("at: 0, for: 1s, fault: cut", head=text).latency
    assert latency == {
        Vendor.GPT: LongTail(1000, 2000),
        Vendor.CLAUDE: Latency(1000),
        Vendor.GEMINI: Latency(1000),
    }


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ("fault: 418", "no fault '418'; there are 401, 404"),
        ("fault: cut, colour: red", "an event has no 'colour'; there are at, for"),
        ("fault: cut, at: 2s", "at is there twice"),
        ("fault: cut, who: llama", "no vendor 'llama'; there are gpt, claude, gemini"),
        ("fault: cut, who: gpt/eu", "no endpoint gpt/eu; the file's endpoints have to list it"),
        ("fault: cut, share: 0", "a share is over 0 and at most 1"),
        ("fault: cut, share: 150%", "a share is over 0 and at most 1"),
        ("latency: x10, share: 0.5", "share goes with fault or answers"),
        ("fault: cut, retry_after: 5s", "retry_after goes with fault: 429"),
        ("fault: cut, ramp: 5s", "ramp goes with latency"),
        ("latency: 5s, ramp: 5s", "ramp goes with a factor"),
        ("latency: x0", "a factor is over 0"),
        ("latency: xnan", "a number is expected, not 'nan'"),
        ("latency: {p50: 1s}", "has p50 and p95"),
        ("latency: {p50: 2s, p95: 1s}", "its p95 no less than that"),
        ("limit: 20", "a limit reads 60/m, 5/s or 1000/h"),
        ("limit: 0/m", "a limit is 1 request or more"),
        ("answers: right", "answers can be wrong, not 'right'"),
        ("share: 0.5", "has one of fault, latency, limit, answers; this has none"),
        ("fault: cut, limit: 5/s", "this has fault and limit"),
        ("fault: cut, until: 2s", "an event has for or until, not both"),
        ("fault: [cut]", "a word or a number is expected here"),
    ],
)
def test_a_mistake_is_told_with_its_line(event, said):
    text = (
        f"day: 1m\nevents:\n  - {{at: 0, for: 1s, fault: cut}}\n  - {{at: 1s, for: 1s, {event}}}\n"
    )
    (line,) = mistakes(text)
    assert line.startswith("day.yaml:4: ")
    assert said in line


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "day.yaml:1: it is empty"),
        ("[]", "day.yaml:1: the day has keys and values"),
        ("day: 1m\n", "day.yaml:1: a day has events"),
        ("events: 3\n", "day.yaml:1: events is a list"),
        ("day: 1m\nspeed: fast\nevents: [{at: 0, fault: cut}]", "day.yaml:2: a number is expected, not 'fast'"),
        ("day: 1m\nspeed: 0\nevents: [{at: 0, fault: cut}]", "day.yaml:2: a day's speed is over 0"),
        ("day: 0\nevents: [{at: 0, for: 1s, fault: cut}]", "day.yaml:1: a day is longer than 0"),
        ("day: 1m\nrepeat: maybe\nevents: [{at: 0, fault: cut}]", "day.yaml:2: true or false is expected"),
        ("events:\n  - {at: 0, fault: cut}", "day.yaml:2: an event needs for or until"),
        ("events:\n  - {for: 1s, fault: cut}", "day.yaml:2: an event needs at"),
        ("day: 1m\nevents:\n  - {at: 50s, for: 20s, fault: cut}", "day.yaml:3: the event ends after the day"),
        ("day: 1m\nevents:\n  - {at: 50s, until: 20s, fault: cut}", "day.yaml:3: an event ends after it begins"),
        ("a: 1\nb: [", "day.yaml:2: it is no YAML"),
        ("endpoints: [gpt/default]\nevents: [{at: 0, for: 1s, fault: cut}]", "day.yaml:1: gpt/default is there without"),
        ("endpoints: [gpt/eu, gpt/eu]\nevents: [{at: 0, for: 1s, fault: cut}]", "day.yaml:1: an endpoint is there twice"),
        ("latency: {gpt/eu: 1s}\nevents: [{at: 0, for: 1s, fault: cut}]", "day.yaml:1: the day's latency is a vendor's"),
    ],
)  # fmt: skip
def test_a_file_that_holds_no_day_is_refused(text, said):
    assert any(line.startswith(said) for line in mistakes(text)), mistakes(text)


def test_all_mistakes_are_told_at_once_and_in_order():
    text = "speed: -1\nevents:\n  - {at: x, for: 1s, fault: nope}\n  - {at: 0, for: 1s}\n"
    assert [line.split(":")[1] for line in mistakes(text)] == ["1", "3", "3", "4"]


def test_a_file_that_is_not_there_is_told_in_a_line(tmp_path):
    with pytest.raises(ScriptError, match="it cannot be read: No such file"):
        load_script(tmp_path / "no.yaml")


@given(st.text(alphabet="abexd:{}[]-,. \n0159&*!%/'\"", max_size=80))
def test_no_text_breaks_the_reader(text):
    with contextlib.suppress(ScriptError):
        parse_script(text)


def test_the_shipped_day_has_every_fault_but_plain_slowness():
    script = load_script(SHIPPED)
    shown = {e.what.fault for e in script.entries if isinstance(e.what, Fails)}
    assert shown == set(Fault) - {Fault.SLOW}
    kinds = {type(entry.what) for entry in script.entries}
    assert kinds == {Fails, Slows, Takes, Allows, Misleads}
    assert script.moment(601).over


def test_the_documented_day_is_read_and_every_fault_documented():
    text = DOCS.read_text()
    day = text.split("```yaml\n")[1].split("```")[0]
    assert len(parse_script(day).entries) == 1
    assert [fault for fault in Fault if f"| `{fault}`" not in text] == []
