"""`wallbounce simulate`: vendors to rehearse with, in the foreground until interrupted."""

from __future__ import annotations

import click
