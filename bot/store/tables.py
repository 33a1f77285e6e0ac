"""The schema: tables, constraints, indexes. Knows no rules.

Moments are `timestamptz`; lists of units are kept as the line from the root to the unit itself
(`lineage`), so that "under this unit" is one indexed test and a unit's superiors one array.
"""

from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    MetaData,
    Sequence,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# Issues and joining requests are both shown as "#12": one row of numbers for both.
numbers = Sequence("numbers", metadata=metadata, start=1)


def _id() -> Column[int]:
    return Column("id", BigInteger, Identity(), primary_key=True)


def _ref(name: str, target: str, *, required: bool = True, index: bool = False) -> Column[int]:
    return Column(name, BigInteger, ForeignKey(f"{target}.id"), nullable=not required, index=index)


def _moment(name: str, *, required: bool = False, **more: Any) -> Column[Any]:
    return Column(name, DateTime(timezone=True), nullable=not required, **more)


units = Table(
    "units",
    metadata,
    _id(),
    Column("code", Text, nullable=False, unique=True),
    _ref("parent_id", "units", required=False, index=True),
    Column("level", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("lineage", ARRAY(BigInteger), nullable=False),
    _moment("retired_at"),
    CheckConstraint("level in ('街道', '社区', '网格', '楼', '门')", name="level"),
    Index("ix_units_lineage", "lineage", postgresql_using="gin"),
    Index("ix_units_level", "level"),
)

households = Table(
    "households",
    metadata,
    _id(),
    Column("number", Text, nullable=False, unique=True),
    _ref("unit_id", "units", index=True),
    Column("room", Text, nullable=False, index=True),
    Column("contact_name", Text),
    Column("contact_phone", Text),
    _moment("retired_at"),
)

# One row a person, however many parts they play. `openid` is WeChat's name for them here;
# a person of the roster has none until 认领. What 认领 joins to a roster person keeps its row,
# without openid, so that history may go on pointing at it.
people = Table(
    "people",
    metadata,
    _id(),
    Column("name", Text),
    Column("phone", Text, unique=True),
    Column("openid", Text, unique=True),
    Column("account", Text),
    _ref("merged_into", "people", required=False),
    _moment("joined_at"),
    _moment("unfollowed_at"),
    _moment("unreachable_since"),
    _moment("last_said_at"),
    _ref("door_id", "units", required=False),
    Column("awaiting", JSONB),
    Column("claim_failures", Integer, nullable=False, server_default="0"),
    _moment("claim_locked_until"),
    _moment("sending_until"),
    # What allows pushes: when they last wrote (newest first, at most ten), and the last of
    # their lesser acts (menu, follow, scan). Null: nothing was ever noted.
    Column("wrote_at", ARRAY(DateTime(timezone=True))),
    Column("touched", Text),
    _moment("touched_at"),
)

memberships = Table(
    "memberships",
    metadata,
    _id(),
    Column("no", BigInteger, nullable=False, unique=True),
    _ref("person_id", "people"),
    _ref("household_id", "households", index=True),
    Column("state", Text, nullable=False),
    Column("introduced_as", Text),
    _moment("asked_at", required=True),
    Column("tier", Text, nullable=False),
    _moment("due_at"),
    _moment("since"),
    _moment("until"),
    _ref("answered_by", "people", required=False),
    CheckConstraint("state in ('pending', 'recognised', 'refused', 'left')", name="state"),
    Index("ix_memberships_person_open", "person_id", postgresql_where=text("until is null")),
    Index("ix_memberships_due", "due_at", postgresql_where=text("state = 'pending'")),
)

liaisons = Table(
    "liaisons",
    metadata,
    _id(),
    Column("person_id", BigInteger, ForeignKey("people.id"), nullable=False, unique=True),
    _ref("unit_id", "units", index=True),
    Column("at_least", Integer, nullable=False, server_default="5"),
    Column("at_most", Integer, nullable=False, server_default="10"),
    Column("status", Text, nullable=False, server_default="在岗"),
    _moment("leave_until"),
    _moment("retired_at"),
    CheckConstraint("status in ('在岗', '豁免', '停用')", name="status"),
    CheckConstraint("0 <= at_least and at_least <= at_most", name="limits"),
    Index("ix_liaisons_leave", "leave_until", postgresql_where=text("leave_until is not null")),
)

staff = Table(
    "staff",
    metadata,
    _id(),
    _ref("person_id", "people", index=True),
    _ref("unit_id", "units", index=True),
    Column("post", Text, nullable=False),
    Column("position", Integer, nullable=False),  # the row's place in the sheet
    Column("status", Text, nullable=False, server_default="在岗"),
    _moment("leave_until"),
    _moment("retired_at"),
    UniqueConstraint("person_id", "unit_id", "post"),
    Index("ix_staff_leave", "leave_until", postgresql_where=text("leave_until is not null")),
)

assignments = Table(
    "assignments",
    metadata,
    _id(),
    _ref("household_id", "households"),
    _ref("person_id", "people"),  # the liaison
    _moment("since", required=True),
    _moment("until"),
    Column("why", Text, nullable=False),
    Column("by", Text, nullable=False),
    _ref("by_id", "people", required=False),  # who had it done, where somebody did
    Column("fixed", Boolean, nullable=False, server_default="false"),  # by hand, until lifted
    Index(
        "uq_assignments_current",
        "household_id",
        unique=True,
        postgresql_where=text("until is null"),
    ),
    Index("ix_assignments_person", "person_id", postgresql_where=text("until is null")),
    Index("ix_assignments_household", "household_id", "since"),
)

# Who looks after a household while its own liaison is on leave: the assignment stays. `ends_at` is
# when the leave ends by itself, `until` when it was put down as ended; current means neither.
covers = Table(
    "covers",
    metadata,
    _id(),
    _ref("household_id", "households"),
    _ref("person_id", "people"),  # who covers
    _ref("for_id", "people"),  # the liaison on leave
    _moment("since", required=True),
    _moment("ends_at", required=True),
    _moment("until"),
    Index(
        "uq_covers_current",
        "household_id",
        unique=True,
        postgresql_where=text("until is null"),
    ),
    Index("ix_covers_person", "person_id", postgresql_where=text("until is null")),
    Index("ix_covers_for", "for_id", postgresql_where=text("until is null")),
)

# The plan of a deal that somebody was shown and may confirm: of which facts, and how long it holds.
plans = Table(
    "plans",
    metadata,
    Column("person_id", BigInteger, ForeignKey("people.id"), primary_key=True),
    Column("communities", ARRAY(Text), nullable=False),
    Column("fingerprint", Text, nullable=False),
    _moment("made_at", required=True),
    _moment("expires_at", required=True),
)

invites = Table(
    "invites",
    metadata,
    _id(),
    Column("person_id", BigInteger, ForeignKey("people.id"), nullable=False, unique=True),
    Column("code", Text, nullable=False, unique=True),
    _moment("made_at", required=True),
    _moment("expires_at", required=True),
    _moment("used_at"),
)

issues = Table(
    "issues",
    metadata,
    Column("no", BigInteger, primary_key=True, autoincrement=False),
    _ref("resident_id", "people"),
    _ref("household_id", "households", required=False, index=True),
    _ref("unit_id", "units"),
    Column("state", Text, nullable=False),
    Column("tier", Text, nullable=False),
    Column("opened_tier", Text, nullable=False),
    Column("place", Integer, nullable=False),  # the tier's place when it was reached, from 0
    Column("urgent", Boolean, nullable=False, server_default="false"),
    Column("past_liaison", Boolean, nullable=False, server_default="false"),  # 找社区
    Column("filed_for", Boolean, nullable=False, server_default="false"),  # 代录
    Column("category", Text),
    _ref("holder_id", "people"),
    Column("holder_role", Text, nullable=False),
    Column("holder_post", Text),
    _moment("opened_at", required=True),
    _moment("due_at"),
    _moment("answered_at"),
    _moment("resolved_at"),
    _moment("closed_at"),
    _moment("said_at", required=True),
    _moment("urged_at"),
    Column("reminders", Integer, nullable=False, server_default="0"),
    _moment("remind_at"),
    # Only while words of the resident wait for an answer in what is in hand: when handling ends,
    # and since when they wait; `due_at` is the first of both clocks.
    _moment("handle_by"),
    _moment("unanswered_at"),
    Column("extensions", Integer, nullable=False, server_default="0"),  # 延期, on this tier
    Column("handed_over", Integer, nullable=False, server_default="0"),  # 转办 since 接单
    # Same day or explain: when it is looked at next, and when its holder was asked.
    _moment("day_due_at"),
    _moment("day_asked_at"),
    Column("verdict", Text),
    Column("first_words", Text),
    # The horizon of the calendar beyond which `due_at` was estimated; null where it was not.
    Column("estimated_after", Date),
    Column("version", Integer, nullable=False, server_default="1"),
    CheckConstraint(
        "state in ('waiting', 'in_hand', 'resolved', 'closed', 'withdrawn')", name="state"
    ),
    CheckConstraint("(due_at is null) = (state in ('closed', 'withdrawn'))", name="due_while_open"),
    CheckConstraint("verdict in ('满意', '基本满意', '不满意')", name="verdict"),
    Index(
        "ix_issues_due",
        "due_at",
        # Not for who asks by anything else: see migration 0012.
        postgresql_where=text("state in ('waiting', 'in_hand', 'resolved') and due_at is not null"),
    ),
    Index(
        "ix_issues_estimated",
        "estimated_after",
        postgresql_where=text("estimated_after is not null"),
    ),
    Index("ix_issues_remind", "remind_at", postgresql_where=text("state = 'resolved'")),
    Index(
        "ix_issues_day_due",
        "day_due_at",
        postgresql_where=text("state in ('waiting', 'in_hand') and day_due_at is not null"),
    ),
    Index("ix_issues_resident", "resident_id", "opened_at"),
    Index(
        "ix_issues_holder",
        "holder_id",
        postgresql_where=text("state in ('waiting', 'in_hand', 'resolved')"),
    ),
    Index(
        "ix_issues_unit_open",
        "unit_id",
        postgresql_where=text("state in ('waiting', 'in_hand', 'resolved')"),
    ),
)

# What people said, apart from the history so that it can be erased.
messages = Table(
    "messages",
    metadata,
    Column("id", Text, primary_key=True),
    Column("issue_no", BigInteger, ForeignKey("issues.no"), index=True),
    _ref("author_id", "people", index=True),
    Column("kind", Text, nullable=False),
    Column("text", Text),
    Column("carried", JSONB),
    _moment("at", required=True),
)

# The file of a message that is a picture, a voice or a video. WeChat keeps it under `media_id`
# until `expires_at`; `stored` is our own copy's name, `sent_id` what WeChat called it when we
# sent it up again, good until `sent_until`.
media = Table(
    "media",
    metadata,
    Column("message_id", Text, ForeignKey("messages.id"), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("media_id", Text, nullable=False),
    Column("media_id_16k", Text),
    Column("thumb_media_id", Text),
    _moment("received_at", required=True),
    _moment("expires_at", required=True),
    Column("state", Text, nullable=False),
    Column("stored", Text),
    Column("content_type", Text),
    Column("bytes", BigInteger),
    Column("attempts", Integer, nullable=False, server_default="0"),
    _moment("next_at"),
    Column("sent_id", Text),
    _moment("sent_until"),
    Column("why", Text),
    CheckConstraint("kind in ('picture', 'voice', 'video')", name="kind"),
    CheckConstraint("state in ('waiting', 'kept', 'failed')", name="state"),
    CheckConstraint("(state = 'kept') = (stored is not null)", name="stored_when_kept"),
    Index("ix_media_waiting", "next_at", postgresql_where=text("state = 'waiting'")),
    Index("ix_media_failed", "received_at", postgresql_where=text("state = 'failed'")),
)

# What of a message went to a person beside the notice of it: a file by itself while the push
# quota is ample (`asked_at` null) or because they asked, long words because they asked. `next_at`
# null while waiting: held until they write again.
showings = Table(
    "showings",
    metadata,
    _id(),
    Column("message_id", Text, ForeignKey("messages.id"), nullable=False),
    _ref("person_id", "people"),
    Column("state", Text, nullable=False),
    _moment("made_at", required=True),
    _moment("asked_at"),
    _moment("next_at"),
    _moment("lease_until"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    _moment("shown_at"),
    Column("why", Text),
    CheckConstraint("state in ('waiting', 'shown', 'unknown', 'failed')", name="state"),
    UniqueConstraint("message_id", "person_id"),
    Index("ix_showings_waiting", "next_at", postgresql_where=text("state = 'waiting'")),
    Index("ix_showings_person_waiting", "person_id", postgresql_where=text("state = 'waiting'")),
)

# Append-only: a trigger refuses UPDATE and DELETE.
history = Table(
    "history",
    metadata,
    _id(),
    Column("issue_no", BigInteger, ForeignKey("issues.no"), nullable=False, index=True),
    _moment("at", required=True),
    Column("kind", Text, nullable=False),
    _ref("by_id", "people", required=False),
    Column("tier", Text, nullable=False),
    Column("message_id", Text, ForeignKey("messages.id")),
)

# What came from WeChat, by its dedupe key, with the reply that a repeat gets again.
# `said` is kept only while it is not handled.
inbox = Table(
    "inbox",
    metadata,
    Column("key", Text, primary_key=True),
    Column("openid", Text, nullable=False),
    _moment("received_at", required=True),
    Column("state", Text, nullable=False),
    Column("said", JSONB),
    Column("reply", Text),
    Column("attempts", Integer, nullable=False, server_default="0"),
    _moment("next_at"),
    Column("why", Text),
    CheckConstraint("state in ('done', 'waiting', 'stuck')", name="state"),
    Index("ix_inbox_next", "next_at", postgresql_where=text("state = 'waiting'")),
    Index("ix_inbox_received", "received_at"),
    Index(
        "ix_inbox_person_waiting",
        "openid",
        "received_at",
        postgresql_where=text("state = 'waiting'"),
    ),
)

outbox = Table(
    "outbox",
    metadata,
    _id(),
    Column("key", Text, nullable=False, unique=True),
    _ref("person_id", "people"),
    Column("role", Text, nullable=False),
    Column("issue_no", BigInteger, ForeignKey("issues.no"), index=True),
    Column("kind", Text, nullable=False),
    Column("text", Text, nullable=False),
    _moment("made_at", required=True),
    Column("state", Text, nullable=False),
    Column("channel", Text),
    Column("attempts", Integer, nullable=False, server_default="0"),
    _moment("next_at"),
    _moment("lease_until"),
    _moment("settled_at"),
    Column("why", Text),
    Column("reference", Text),  # the platform's, by which it tells how a notice ended
    # Announced by a channel that cannot carry words: the words themselves are still to be read.
    Column("unread", Boolean, nullable=False, server_default="false"),
    # What it says, as facts, where it speaks of what may pass; gone once it was said.
    Column("facts", JSONB),
    CheckConstraint("state in ('pending', 'sent', 'unknown', 'stuck')", name="state"),
    CheckConstraint("role in ('resident', 'liaison', 'staff')", name="role"),
    Index("ix_outbox_waiting", "next_at", postgresql_where=text("state = 'pending'")),
    Index(
        "ix_outbox_person_waiting",
        "person_id",
        "id",
        postgresql_where=text("state <> 'sent'"),
    ),
    Index("ix_outbox_unread", "person_id", "id", postgresql_where=text("unread")),
    Index("ix_outbox_reference", "reference", postgresql_where=text("reference is not null")),
)

# Every push that was tried: what may still be sent to a person is counted from here.
sends = Table(
    "sends",
    metadata,
    _id(),
    _ref("person_id", "people"),
    _moment("at", required=True),
    Column("channel", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("code", Integer),
    Column("about", Text),  # whose trouble a refusal is: person, message, service, account
    Column("messages", Integer, nullable=False, server_default="1"),  # 0: nobody was asked
    Index("ix_sends_person_at", "person_id", "at"),
)

# Notices of a template that a person said yes to. `remaining` is how many more; `lasting` whether a
# yes holds for any number, null while nothing has shown it.
consents = Table(
    "consents",
    metadata,
    Column("person_id", BigInteger, ForeignKey("people.id"), primary_key=True),
    Column("template_id", Text, primary_key=True),
    Column("remaining", Integer, nullable=False),
    Column("lasting", Boolean),
    _moment("at", required=True),
)

# How notices ended of which the platform told before we knew its reference for them.
endings = Table(
    "endings",
    metadata,
    Column("reference", Text, primary_key=True),
    _ref("person_id", "people", index=True),
    Column("ending", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("template_id", Text, nullable=False),
    _moment("at", required=True),
)

# Small facts of the running system: the clock's heartbeat, when the calendar changed.
beats = Table(
    "beats",
    metadata,
    Column("name", Text, primary_key=True),
    _moment("at", required=True, server_default=func.now()),
)
