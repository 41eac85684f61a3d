"""Fixtures of the contract every provider keeps."""

import asyncio
from dataclasses import dataclass

import pytest

from providers.http_client import open_client
from providers.messages import Completion, Prompt, TextDelta
from providers.provider import Deadline, Provider
from tests.contract.wires import KEY, VENDORS, Vendor
from tests.support.upstream import Upstream
from tests.support.upstream import upstream as open_upstream

PATIENT_S = 30.0
"""A deadline no test is meant to reach."""


@dataclass
class Subject:
    """An adapter, the vendor it speaks to, and how to ask it."""

    vendor: Vendor
    provider: Provider
    upstream: Upstream

    async def complete(self, seconds: float = PATIENT_S) -> Completion:
        return await self.provider.complete(Prompt.of("質問?"), _in(seconds))

    async def stream(self, seconds: float = PATIENT_S) -> list[TextDelta | Completion]:
        return [item async for item in self.provider.stream(Prompt.of("質問?"), _in(seconds))]

    async def ask(self, way: str, seconds: float = PATIENT_S) -> Completion:
        """The whole reply, asked for in one of the two ways."""
        if way == "complete":
            return await self.complete(seconds)
        item = (await self.stream(seconds))[-1]
        assert isinstance(item, Completion)
        return item


def _in(seconds: float) -> Deadline:
    return Deadline(asyncio.get_running_loop().time() + seconds)


@pytest.fixture
async def upstream():
    async with open_upstream() as vendor:
        yield vendor


@pytest.fixture
async def client():
    client = open_client()
    yield client
    await client.aclose()


@pytest.fixture(params=VENDORS, ids=lambda vendor: vendor.id)
def subject(request, upstream, client):
    vendor: Vendor = request.param
    return Subject(vendor, vendor.build(client, upstream.url, KEY), upstream)


@pytest.fixture(params=["complete", "stream"])
def way(request):
    return request.param
