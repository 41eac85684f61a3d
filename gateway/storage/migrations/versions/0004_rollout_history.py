"""The rollout's whole state as one document, and its history as a chain of digests.

Before this step the state was a trip and nothing else. A standing trip stands on, and the old events
become the first of the chain, in their order. What the chain is made of stands in
`gateway.rollout.audit`; it is written out here once more, because a step stays as it is.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_GENESIS = hashlib.sha256(b"wallbounce rollout history, format 1").hexdigest()


def upgrade() -> None:
    connection = op.get_bind()
    state = dict(connection.execute(sa.select(_old_state())).mappings().one())
    found = connection.execute(sa.select(_old_events()).order_by(sa.text("version"))).mappings()
    events = [dict(row) for row in found]
    op.drop_table("rollout_events")
    op.drop_table("rollout_state")
    new_state, new_events = _create_new()

    rows, digest = _chained(events)
    if rows:
        op.bulk_insert(new_events, rows)
    document = _state(state) if state["version"] else {}
    op.bulk_insert(
        new_state,
        [{"id": 1, "version": state["version"], "document": _text(document), "digest": digest}],
    )


def downgrade() -> None:
    connection = op.get_bind()
    state = connection.execute(sa.text("SELECT version, document FROM rollout_state")).one()
    found = connection.execute(sa.text("SELECT document FROM rollout_events ORDER BY version"))
    events = [json.loads(row.document) for row in found]
    op.drop_table("rollout_events")
    op.drop_table("rollout_state")
    old_state, old_events = _create_old()

    if events:
        op.bulk_insert(old_events, [_old_event(event) for event in events])
    trip = json.loads(state.document).get("trip")
    if trip:
        last = {name: trip[name] for name in ("reason", "figures", "by", "at")}
    else:
        last = {n: (events[-1][n] if events else None) for n in ("reason", "figures", "by", "at")}
    op.bulk_insert(
        old_state,
        [
            {
                "id": 1,
                "tripped": trip is not None,
                "reason": last["reason"],
                "figures": last["figures"] or {},
                "at": _stored(last["at"]),
                "by": last["by"],
                "version": state.version,
            }
        ],
    )


def _create_new() -> tuple[sa.Table, sa.Table]:
    state = op.create_table(
        "rollout_state",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_rollout_state"),
        sa.CheckConstraint("id = 1", name=op.f("ck_rollout_state_one_row")),
    )
    events = op.create_table(
        "rollout_events",
        sa.Column("version", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("nonce", sa.Text, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("version", name="pk_rollout_events"),
    )
    op.create_index("ix_rollout_events_nonce", "rollout_events", ["nonce"], unique=True)
    return state, events


def _create_old() -> tuple[sa.Table, sa.Table]:
    state = op.create_table(
        "rollout_state",
        sa.Column("id", sa.Integer, nullable=False),
        *_old_state_columns(),
        sa.PrimaryKeyConstraint("id", name="pk_rollout_state"),
        sa.CheckConstraint("id = 1", name=op.f("ck_rollout_state_one_row")),
    )
    events = op.create_table(
        "rollout_events",
        *_old_event_columns(),
        sa.PrimaryKeyConstraint("version", name="pk_rollout_events"),
    )
    return state, events


def _old_state_columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("tripped", sa.Boolean, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("figures", sa.JSON, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True)),
        sa.Column("by", sa.Text),
        sa.Column("version", sa.BigInteger, nullable=False),
    ]


def _old_event_columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("version", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("figures", sa.JSON, nullable=False),
    ]


def _old_state() -> sa.Table:
    return sa.Table("rollout_state", sa.MetaData(), *_old_state_columns())


def _old_events() -> sa.Table:
    return sa.Table("rollout_events", sa.MetaData(), *_old_event_columns())


def _chained(events: Sequence[Mapping[str, Any]]) -> tuple[list[dict[str, Any]], str]:
    """The rows of the old events, and the digest of the last."""
    rows, digest = [], _GENESIS
    for event in events:
        tripped = event["kind"] == "trip"
        document = _text(
            {
                "version": event["version"],
                "at": _moment(event["at"]),
                "kind": event["kind"],
                "by": event["by"],
                "reason": event["reason"],
                "figures": event["figures"],
                "state": _state({**event, "tripped": tripped}),
                "nonce": f"0004/{event['version']}",
                "previous": digest,
            }
        )
        digest = hashlib.sha256(document.encode("ascii")).hexdigest()
        rows.append(
            {
                "version": event["version"],
                "nonce": f"0004/{event['version']}",
                "document": document,
                "digest": digest,
            }
        )
    return rows, digest


def _state(row: Mapping[str, Any]) -> dict[str, Any]:
    """The state after a change: a trip, or what came before evidence counts from its end on."""
    trip = {
        "reason": row["reason"] or "",
        "figures": row["figures"],
        "by": row["by"] or "",
        "at": _moment(row["at"]),
    }
    return {
        "version": row["version"],
        "plan": None,
        "stage": 0,
        "since": None if row["tripped"] else _moment(row["at"]),
        "held": False,
        "approvals": [],
        "closed": [],
        "acknowledged": 0,
        "acknowledged_at": None,
        "trip": trip if row["tripped"] else None,
    }


def _old_event(event: Mapping[str, Any]) -> dict[str, Any]:
    names = ("version", "kind", "by", "reason", "figures")
    return {**{name: event[name] for name in names}, "at": _stored(event["at"])}


def _moment(at: datetime) -> str:
    # SQLite keeps UTC without saying so.
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    return at.isoformat(timespec="microseconds")


def _stored(at: str | None) -> datetime | None:
    if at is None:
        return None
    moment = datetime.fromisoformat(at)
    return moment.replace(tzinfo=None) if op.get_bind().dialect.name == "sqlite" else moment


def _text(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
