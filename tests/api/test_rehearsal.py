"""The gateway reads the simulated vendors' free text as its authors meant it."""

import httpx
import pytest

from providers.simulator import RunningSimulator


def questions():
    with RunningSimulator() as vendors:
        listed = httpx.get(vendors.base_url + "/").json()["questions"]
    return [pytest.param(q, id=q["id"]) for q in listed if q["kind"] != "open"]


@pytest.mark.parametrize("question", questions())
def test_vendors_are_grouped_by_what_they_meant(gateway, question):
    body = gateway.post(
        "/api/v1/generate", json={"prompt": question["prompt"], "task_type": "critical"}
    ).json()
    meant = question["first_answers"]
    winner = meant[body["answer_source"]]
    answered = {v["provider"]: v["final_answer"] for v in body["votes"]}
    assert set(body["consensus"]["dissent"]) == {p for p in meant if meant[p] != winner}, answered
