"""OpenAI's own clients before a gateway, as its users build them: nothing but the address is ours."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import openai


@contextmanager
def client_of(url: str, *, key: str = "any", **options: object) -> Iterator[openai.OpenAI]:
    """A client of the gateway at ``url`` that repeats nothing by itself, unless told otherwise."""
    with httpx.Client(trust_env=False) as http:
        settings = {"max_retries": 0, "timeout": 30} | options
        yield openai.OpenAI(base_url=f"{url}/v1", api_key=key, http_client=http, **settings)


def async_client_of(url: str, *, key: str = "any", **options: object) -> openai.AsyncOpenAI:
    """The same for coroutines; close it by ``async with``."""
    http = httpx.AsyncClient(trust_env=False)
    settings = {"max_retries": 0, "timeout": 30} | options
    return openai.AsyncOpenAI(base_url=f"{url}/v1", api_key=key, http_client=http, **settings)
