"""What can go wrong on the wire, before anybody says which provider it concerns.

WireError
├── ConnectError       nobody was reached: nothing was sent
├── LostError          the connection broke before the reply was whole
├── NotHttpError       what came is not HTTP
└── UndecodableError   the body cannot be decompressed
"""

from __future__ import annotations


class WireError(Exception):
    """An exchange that did not end with a whole reply."""


class ConnectError(WireError):
    """No connection could be made."""


class LostError(WireError):
    """The connection broke after the request was, at least in part, sent."""


class NotHttpError(WireError):
    """The other side does not keep RFC 9112."""


class UndecodableError(WireError):
    """The body is not in the coding its head announces, or in one nobody asked for."""
