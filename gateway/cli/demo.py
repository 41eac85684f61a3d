"""`wallbounce demo`: the whole gateway rehearsed with simulated vendors, over real HTTP."""

from __future__ import annotations

import json
import secrets
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.markup import escape

from gateway.cli.asking import ask
from gateway.cli.client import session
from gateway.cli.local_gateway import local_gateway
from gateway.cli.share import set_everywhere
from gateway.cli.tables import answer_tables
from providers.simulator import RunningSimulator

QUESTIONS = (
    "Is 91 a prime number?",
    "トルコの首都はどこですか。",
)
SPLIT_REQUESTS = 100
SPLIT_PERCENT = 50
SPLIT_SLACK = 2
OUTAGE = 3
"""Requests of different callers, all vendors down, that roll production back (API.md)."""
SCENES = len(QUESTIONS) + 3
HURRIED_MS = 5.0
VENDORS = ("gpt", "claude", "gemini")


class DemoFailedError(click.ClickException):
    """The rehearsal did not show what it must."""


@click.command("demo")
@click.option(
    "--json", "as_json", is_flag=True, help="The figures at the end as JSON, nothing else."
)
def command(as_json: bool) -> None:
    """Ask simulated vendors real questions, split traffic, break everything, recover.

    Needs no key and no network; exits with 1 when anything shown is not as it should be.
    """
    out = Console(quiet=as_json)
    operator_key = secrets.token_urlsafe(16)
    with (
        tempfile.TemporaryDirectory(prefix="wallbounce-demo-") as folder,
        RunningSimulator() as vendors,
    ):
        out.print(
            "[bold]wallbounce[/]: three simulated vendors, one gateway, real HTTP; no key, no network.",
            highlight=False,
        )
        environ = vendors.environment | {"WALLBOUNCE_OPERATOR_KEYS": operator_key}
        with local_gateway(Path(folder), environ) as url:
            rehearsal = Rehearsal(url, operator_key, vendors, out)
            figures = rehearsal.run(Path(folder))
    if as_json:
        click.echo(json.dumps(figures, indent=2, ensure_ascii=False))
    else:
        out.rule(style="dim")
        out.print(
            "[bold green]All as it should be.[/] Next: `wallbounce simulate` here, `wallbounce serve` there,\n"
            "or both with your own keys: README.md.",
            highlight=False,
        )


class Rehearsal:
    """The scenes of the demo, each checked."""

    def __init__(
        self, url: str, operator_key: str, vendors: RunningSimulator, out: Console
    ) -> None:
        self._url = url
        self._vendors = vendors
        self._out = out
        self._http = session(url, 30.0)
        self._scene = 0
        self._operator = {"authorization": f"Bearer {operator_key}"}

    def run(self, folder: Path) -> dict[str, Any]:
        """Play all scenes; the figures they gave."""
        answers = [self._ask(question) for question in QUESTIONS]
        if not any(a["consensus"]["dissent"] for a in answers):
            raise DemoFailedError("no vendor dissented")
        split = self._split(folder)
        trip = self._outage()
        recovered = self._recovery()
        return {
            "confidence": [a["consensus"]["confidence"] for a in answers],
            "dissent": [a["consensus"]["dissent"] for a in answers],
            "cost_usd": [a["cost_usd"] for a in answers],
            "split": split,
            "rolled_back_because": trip,
            "recovered": recovered,
        }

    def _ask(self, question: str) -> dict[str, Any]:
        self._title(question)
        answer = ask(self._url, {"prompt": question, "task_type": "critical"}, lambda _: None)
        answer_tables(answer, self._out)
        if len(answer["votes"]) != len(VENDORS) or any(v["error"] for v in answer["votes"]):
            raise DemoFailedError("not every vendor answered")
        return answer

    def _split(self, folder: Path) -> dict[str, int]:
        self._title(f"{SPLIT_PERCENT} % of the traffic, set without a restart")
        # The hundred requests are about the split; nobody need wait for them.
        for vendor in VENDORS:
            self._vendors.set_latency(vendor, HURRIED_MS)
        for gateway in set_everywhere(folder / "data", SPLIT_PERCENT):
            if not gateway.applied:
                raise DemoFailedError("the share was not applied")
        paths = Counter(
            self._generate({"prompt": "What is 2+2?"})["path"] for _ in range(SPLIT_REQUESTS)
        )
        self._say(f"{SPLIT_REQUESTS} requests without a user_id:", paths)
        if abs(paths["wall_bounce"] - SPLIT_PERCENT) > SPLIT_SLACK:
            raise DemoFailedError(f"the split is off: {dict(paths)}")
        return dict(paths)

    def _outage(self) -> str:
        self._title("every vendor down: the rollback")
        for vendor in VENDORS:
            self._vendors.set_fault(vendor, "500")
        asked = 0
        while not (status := self._rollout())["tripped"]:
            if asked > SPLIT_REQUESTS:
                raise DemoFailedError("an outage did not roll back")
            reply = self._http.post(
                "/api/v1/generate",
                json={
                    "prompt": "What is 2+2?",
                    "task_type": "critical",
                    "user_id": f"caller-{asked}",
                },
            )
            asked += 1
            if reply.status_code == 200:  # noqa: PLR2004
                raise DemoFailedError("an answer came from vendors that are down")
        reason = str(status["trip"]["reason"])
        self._out.print(
            f"rolled back, by itself, after {asked} requests of different callers:", highlight=False
        )
        for part in reason.split("; "):
            self._out.print(f"  [red]{escape(part)}[/]", highlight=False)
        self._vendors.reset()
        paths = Counter(self._generate({"prompt": "What is 2+2?"})["path"] for _ in range(10))
        self._say("vendors back, rollback standing; the next 10 requests:", paths)
        if paths["wall_bounce"]:
            raise DemoFailedError("a rollback did not move all the traffic")
        return reason

    def _recovery(self) -> bool:
        self._title("acknowledged: the traffic returns")
        reply = self._http.post(
            "/api/v1/rollout/acknowledge", json={"reason": "rehearsed"}, headers=self._operator
        )
        if not reply.is_success:
            raise DemoFailedError(f"acknowledge was refused: {reply.text}")
        paths = Counter(self._generate({"prompt": "What is 2+2?"})["path"] for _ in range(20))
        self._say("the next 20 requests:", paths)
        if not paths["wall_bounce"]:
            raise DemoFailedError("traffic did not return after the acknowledgement")
        return True

    def _title(self, text: str) -> None:
        self._scene += 1
        self._out.print()
        self._out.rule(f"[bold]{self._scene} of {SCENES}[/]  {escape(text)}", align="left")

    def _say(self, what: str, paths: Counter[str]) -> None:
        self._out.print(
            f"{what} [bold]{paths['wall_bounce']}[/] wall-bounce, [bold]{paths['legacy']}[/] legacy",
            highlight=False,
        )

    def _generate(self, body: dict[str, Any]) -> dict[str, Any]:
        reply = self._http.post("/api/v1/generate", json=body)
        if not reply.is_success:
            raise DemoFailedError(f"a request failed: {reply.text}")
        answer: dict[str, Any] = reply.json()
        return answer

    def _rollout(self) -> dict[str, Any]:
        body: dict[str, Any] = self._http.get("/api/v1/rollout").json()
        return body
