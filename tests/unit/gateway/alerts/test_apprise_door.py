"""Real messages through apprise to real servers on this machine, and no secret in any log."""

import asyncio
import logging
import threading
from email import message_from_bytes
from email.header import decode_header, make_header

import pytest
from aiosmtpd.controller import Controller
from pydantic import SecretStr

from gateway.alerts.channels import Refused
from gateway.alerts.levels import Level
from gateway.alerts.messages import Message
from tests.support.alert_channels import web_hook
from tests.support.ports import free_port

MESSAGE = Message(Level.CRITICAL, "[CRITICAL] p95 ist 12 s – 遅い", "seen by gateway-1\nline two")
TOKEN = "T0KEN0F0URS0" * 2


@pytest.fixture
async def hook():
    async with web_hook(free_port()) as running:
        yield running


@pytest.fixture
def lines():
    """Every line any library logs meanwhile, at any level."""
    found = []

    class Keep(logging.Handler):
        def emit(self, record):
            found.append(record.getMessage())

    keep, root = Keep(logging.DEBUG), logging.getLogger()
    level = root.level
    root.addHandler(keep)
    root.setLevel(logging.DEBUG)
    yield found
    root.removeHandler(keep)
    root.setLevel(level)


def channel(url):
    from gateway.alerts.apprise_door import AppriseChannel

    return AppriseChannel(SecretStr(url))


async def send(url, message=MESSAGE):
    await asyncio.to_thread(channel(url).send, message)


async def test_a_message_reaches_a_web_hook_as_json(hook):
    await send(f"json://{hook.url}/alerts")
    (body,) = hook.bodies
    assert (body["title"], body["message"]) == (MESSAGE.title, MESSAGE.body)
    assert body["type"] == "failure"


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        (Message(Level.WARNING, "t", "b"), "warning"),
        (Message(Level.EMERGENCY, "t", "b"), "failure"),
        (Message(Level.EMERGENCY, "t", "b", good_news=True), "success"),
    ],
)
async def test_good_news_and_bad_look_different(hook, message, kind):
    await send(f"json://{hook.url}/", message)
    assert hook.bodies[0]["type"] == kind


async def test_slack_gets_its_own_form_of_it(hook, monkeypatch):
    from apprise.plugins.slack import NotifySlack

    monkeypatch.setattr(NotifySlack, "webhook_url", f"http://{hook.url}/services")
    await send(f"slack://T1JJ3T3L2/A1BRTD4JD/{TOKEN}/#alerts")
    assert hook.paths == [f"/services/T1JJ3T3L2/A1BRTD4JD/{TOKEN}"]
    (body,) = hook.bodies
    assert body["channel"] == "#alerts"
    (attachment,) = body["attachments"]
    assert attachment["title"] == MESSAGE.title
    assert attachment["text"] == MESSAGE.body
    assert "http" not in str(body)  # no pictures from elsewhere


async def test_discord_gets_its_own_form_of_it(hook, monkeypatch):
    from apprise.plugins.discord import NotifyDiscord

    monkeypatch.setattr(NotifyDiscord, "notify_url", f"http://{hook.url}/api/webhooks")
    await send(f"discord://4174216298/{TOKEN}")
    assert hook.paths == [f"/api/webhooks/4174216298/{TOKEN}"]
    (body,) = hook.bodies
    assert MESSAGE.title in str(body)
    assert MESSAGE.body in body.get("content", "") or MESSAGE.body in str(body["embeds"])


async def test_a_mail_server_gets_a_mail():
    class Sink:
        def __init__(self):
            self.mails = []

        async def handle_DATA(self, _server, _session, envelope):  # noqa: N802 - aiosmtpd's name
            self.mails.append(envelope)
            return "250 taken"

    sink = Sink()
    port = free_port()
    server = Controller(sink, hostname="127.0.0.1", port=port)
    server.start()
    try:
        await send(
            f"mailto://127.0.0.1:{port}?from=wallbounce@example.com"
            "&to=ops@example.com,boss@example.com"
        )
    finally:
        server.stop()
    assert {r for mail in sink.mails for r in mail.rcpt_tos} == {
        "ops@example.com",
        "boss@example.com",
    }
    mail = message_from_bytes(sink.mails[0].content)
    assert str(make_header(decode_header(mail["Subject"]))) == MESSAGE.title
    part = next(p for p in mail.walk() if p.get_content_type() == "text/plain")
    assert "line two" in part.get_payload(decode=True).decode()


@pytest.mark.parametrize("status", [403, 500])
async def test_a_refusal_is_told_by_its_status_and_holds_nothing_of_the_url(hook, lines, status):
    hook.status = status
    with pytest.raises(Refused) as refused:
        await send(f"json://user:{TOKEN}@{hook.url}/{TOKEN}")
    assert str(refused.value) == f"answered {status}"
    assert refused.value.__cause__ is None
    assert TOKEN not in "".join(lines)


async def test_a_server_that_is_not_there_is_told_so_and_nothing_of_the_url_is_logged(lines):
    with pytest.raises(Refused, match=r"^could not be reached$"):
        await send(f"json://user:{TOKEN}@127.0.0.1:{free_port()}/{TOKEN}")
    assert TOKEN not in "".join(lines)


async def test_a_sent_message_logs_nothing_of_the_url_either(hook, lines):
    await send(f"json://user:{TOKEN}@{hook.url}/{TOKEN}")
    assert len(hook.bodies) == 1
    assert TOKEN not in "".join(lines)


def test_a_url_that_apprise_does_not_understand_is_refused_without_being_shown(lines):
    from gateway.alerts.apprise_door import is_understood

    url = f"slack://{TOKEN}"
    assert not is_understood(SecretStr(url))
    with pytest.raises(ValueError, match="does not understand") as refused:
        channel(url)
    assert TOKEN not in str(refused.value)
    assert TOKEN not in "".join(lines)


def test_what_another_channel_meets_at_the_same_moment_is_not_this_ones_failure():
    def notify(**_given):
        elsewhere = logging.getLogger("apprise").warning
        other = threading.Thread(target=elsewhere, args=("Failed to send: error=500.",))
        other.start()
        other.join()
        return False

    one = channel("json://127.0.0.1:9/")
    one._service.notify = notify
    with pytest.raises(Refused, match=r"^could not be reached$"):
        one.send(MESSAGE)
