"""`wallbounce monitor`: days, trends, alerts and the report, from the database alone."""

import asyncio
import json
from datetime import UTC, datetime, timedelta

import pytest
from rich.cells import cell_len

from gateway.storage.daily_store import DailyStore
from gateway.storage.sql import Database
from tests.support.daily import decided, journalled, said

DAYS = 9
A_DAY = 30


async def recorded(path, *, worse=False, start=None):
    """Nine days of traffic up to now; with ``worse`` the last ones ever dearer and slower."""
    path.parent.mkdir(parents=True, exist_ok=True)
    database = await Database.open(f"sqlite:///{path}")
    await database.migrate()
    start = start or datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    records = []
    for day in range(DAYS):
        harm = 1 + day * worse
        for n in range(A_DAY):
            at = start - timedelta(days=DAYS - 1 - day) + timedelta(seconds=n)
            groups = ("gpt claude gemini",) if n % 3 else ("gpt claude", "gemini")
            number = day * A_DAY + n
            records.append(
                decided(
                    number,
                    at,
                    *groups,
                    latency_ms=700.0 * harm,
                    cost_usd=0.001 * harm,
                    confidence=0.9,
                )
            )
    await journalled(database, records)
    for record in records[::2]:
        await said(database, record.request_id, record.at + timedelta(seconds=9), correct=True)
    await database.aclose()


@pytest.fixture
def journal(tmp_path):
    """Makes this folder's database."""
    return lambda **how: asyncio.run(recorded(tmp_path / ".wallbounce/wallbounce.sqlite3", **how))


@pytest.fixture
def monitor(call):
    """Calls a monitor command; the output of one that went well."""

    def run(*arguments):
        done = call("monitor", *arguments)
        assert done.exit_code == 0, done.output
        return done.stdout

    return run


def test_daily_shows_each_day_of_each_arm_and_vendor_in_80_columns(journal, monitor):
    journal()
    shown = monitor("daily", "--days", "3")
    assert all(word in shown for word in ("wall_bounce", "gpt", "claude", "gemini", "100.0 %"))
    assert max(cell_len(line) for line in shown.splitlines()) <= 80


def test_daily_as_json_has_every_figure_with_its_interval(journal, monitor):
    journal()
    body = json.loads(monitor("daily", "--days", str(DAYS), "--json"))
    assert len(body["days"]) == DAYS
    day = body["days"][0]
    arm = day["arms"]["wall_bounce"]
    assert arm["requests"] == A_DAY
    assert (arm["labelled"], arm["accuracy"]["value"]) == (15, 1)
    assert arm["accuracy"]["lower"] < 0.85
    gemini = body["total"]["providers"]["gemini"]
    assert gemini["with_returned"]["value"] == pytest.approx(2 / 3)
    assert gemini["requests"] == DAYS * A_DAY


def test_days_are_those_of_the_time_zone_asked_for(journal, monitor):
    now = datetime.now(UTC)
    journal(start=now.replace(hour=0, minute=0, second=0, microsecond=0))
    body = json.loads(monitor("daily", "--days", "3", "--timezone", "Pacific/Honolulu", "--json"))
    assert body["timezone"] == "Pacific/Honolulu"
    # Midnight in UTC is the afternoon of the day before there.
    utc = json.loads(monitor("daily", "--days", "3", "--json"))
    shifted = {d["day"] for d in body["days"]}
    before = {
        str((datetime.fromisoformat(d["day"]) - timedelta(days=1)).date()) for d in utc["days"]
    }
    assert before & shifted
    assert str(now.date()) not in shifted


def test_trend_tells_what_moves_the_wrong_way_first(journal, monitor):
    journal(worse=True)
    body = json.loads(monitor("trend", "--json"))
    moving = {(t["subject"], t["measure"]): t for t in body["trends"] if t["verdict"] != "steady"}
    cost = moving["wall_bounce", "cost_per_request_usd"]
    assert cost["slope"] == pytest.approx(0.001)
    assert (cost["verdict"], cost["harm"]) == ("rising", True)
    assert ("gpt", "latency_p95_ms") in moving
    assert ("wall_bounce", "accuracy") not in moving
    shown = monitor("trend")
    assert "cost_per_request_usd ↑" in shown
    assert "+$0.00100" in shown


def test_without_a_trend_it_says_so(journal, monitor):
    journal()
    assert "nothing rises or falls" in monitor("trend")
    assert "too few for a trend" in monitor("trend", "--days", "2")


def test_alerts_tells_what_was_wrong_and_what_is_watched(journal, monitor):
    journal(worse=True)
    body = json.loads(monitor("alerts", "--days", "9", "--json"))
    assert {alert["name"] for alert in body["alerts"]} == {"CostWarning", "LatencyWarning"}
    assert {entry["provider"] for entry in body["watched"]} == {"gpt", "claude", "gemini"}
    shown = " ".join(monitor("alerts", "--days", "9").split())
    assert "LatencyWarning" in shown
    assert "learning," in shown


def test_with_nothing_wrong_alerts_says_so(journal, monitor):
    journal()
    assert "nothing was wrong" in monitor("alerts")


def test_the_report_is_markdown_that_holds_everything(journal, monitor, tmp_path):
    journal(worse=True)
    text = monitor("report", "--days", "9")
    for part in ("# wallbounce", "## Arms", "## Vendors", "## Alerts", "## Trends", "## By day"):
        assert f"{part}" in text
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert any("wall_bounce" in row and "CostWarning" in row for row in rows)
    monitor("report", "--output", str(tmp_path / "report.md"))
    assert (tmp_path / "report.md").read_text().startswith("# wallbounce")


def test_the_report_as_json_is_one_document(journal, monitor):
    journal()
    body = json.loads(monitor("report", "--json"))
    assert {"total", "days", "trends", "alerts", "changes", "watched"} <= body.keys()


def test_plots_are_written_and_named_in_the_report(journal, monitor, tmp_path):
    journal(worse=True)
    text = monitor("report", "--days", "9", "--plots", str(tmp_path / "pictures"))
    assert "![daily](daily.png)" in text
    for name in ("daily.png", "trend.png"):
        assert (tmp_path / "pictures" / name).read_bytes().startswith(b"\x89PNG")


def test_a_long_time_is_read_a_day_at_once_for_a_year_of_slices_takes_a_gigabyte(
    journal, monitor, monkeypatch
):
    journal()
    read, spans = DailyStore.slices, []

    async def noted(store, since, until):
        spans.append(until - since)
        return await read(store, since, until)

    monkeypatch.setattr(DailyStore, "slices", noted)
    found = json.loads(monitor("daily", "--days", "400", "--timezone", "Europe/Berlin", "--json"))
    assert len(found["days"]) >= DAYS
    assert max(spans) <= timedelta(hours=25)


def test_as_is_leaves_the_figures_as_they_are(journal, monitor):
    journal()
    assert "no request" in monitor("daily", "--as-is")
    monitor("daily")
    assert "wall_bounce" in monitor("daily", "--as-is")


@pytest.mark.parametrize("name", ["daily", "trend", "alerts", "report"])
def test_where_there_is_no_database_it_says_so_and_makes_none(call, tmp_path, name):
    done = call("monitor", name)
    assert done.exit_code == 1
    assert "there is no database" in done.output
    assert not (tmp_path / ".wallbounce").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--timezone", "Nowhere/Land"), "is no time zone"),
        (("--timezone", "../etc"), "is no time zone"),
        (("--timezone", "Asia"), "is no time zone"),
        (("--days", "0"), "--days"),
    ],
)
def test_a_wrong_option_is_named(call, arguments, words):
    done = call("monitor", "daily", *arguments)
    assert (done.exit_code, words in done.output) == (2, True), done.output
