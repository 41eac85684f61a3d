"""The one door to apprise, which knows Slack, Discord, e-mail and a hundred more by their URLs.

Imported only where a channel is configured: it takes a fifth of a second and some 35 MB. What apprise
and urllib3 log can hold the URL, and with it the token: here they log nothing, and a failure is told by
its kind or HTTP status alone.
"""

from __future__ import annotations

import logging
import re
import threading
from typing import TYPE_CHECKING

import apprise

from gateway.alerts.channels import Refused
from gateway.alerts.levels import Level

if TYPE_CHECKING:
    from pydantic import SecretStr

    from gateway.alerts.messages import Message

_STATUS = re.compile(r"error=(\d{3})\b")
_QUOTING = ("apprise", "urllib3", "requests", "requests_oauthlib")
"""Loggers of libraries whose lines may quote a URL."""

_TYPES = {
    Level.WARNING: apprise.NotifyType.WARNING,
    Level.CRITICAL: apprise.NotifyType.FAILURE,
    Level.EMERGENCY: apprise.NotifyType.FAILURE,
}


def is_understood(url: SecretStr) -> bool:
    """Whether apprise knows the URL's kind and all it needs is there; nothing is opened."""
    return _service(url) is not None


class AppriseChannel:
    """Sends through one URL; blocks, so call `send` off the event loop.

    Raises:
        ValueError: apprise does not understand the URL.
    """

    def __init__(self, url: SecretStr) -> None:
        service = _service(url)
        if service is None:
            raise ValueError("apprise does not understand the URL")
        self._service = service

    def send(self, message: Message) -> None:
        """Send it once.

        Raises:
            Refused: it did not arrive; says why without the URL.
        """
        heard = _Heard()
        logger = logging.getLogger("apprise")
        logger.addHandler(heard)
        try:
            arrived = self._service.notify(
                title=message.title,
                body=message.body,
                notify_type=apprise.NotifyType.SUCCESS
                if message.good_news
                else _TYPES[message.level],
                body_format=apprise.NotifyFormat.TEXT,
            )
        except Exception as error:  # noqa: BLE001 - of a hundred plugins none may end the sender
            # A plugin's own mistake; its text may hold the URL, and so may the chain below it.
            raise Refused(type(error).__name__) from None
        finally:
            logger.removeHandler(heard)
        if not arrived:
            raise Refused(heard.why)


class _Heard(logging.Handler):
    """Listens to what apprise says in this thread, for the status of a failure."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._thread = threading.get_ident()
        self.why = "could not be reached"

    def emit(self, record: logging.LogRecord) -> None:
        if record.thread == self._thread and (status := _STATUS.search(record.getMessage())):
            self.why = f"answered {status[1]}"


def _service(url: SecretStr) -> apprise.NotifyBase | None:
    for name in _QUOTING:
        library = logging.getLogger(name)
        library.propagate = False
        if not library.handlers:
            library.addHandler(logging.NullHandler())  # else Python prints warnings to stderr
    return apprise.Apprise.instantiate(url.get_secret_value(), asset=_asset())


def _asset() -> apprise.AppriseAsset:
    return apprise.AppriseAsset(
        app_id="wallbounce",
        app_desc="wallbounce alerts",
        app_url="",
        image_url_mask=None,  # no pictures from elsewhere
        image_url_logo=None,
        secure_logging=True,
        storage_mode="memory",
    )
