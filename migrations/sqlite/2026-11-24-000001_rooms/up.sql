-- Ids of rooms and operations are 16-byte blobs (hex(id) shows them); instants are milliseconds
-- since 1970 UTC; bodies are opaque. Tables with small rows that are always read by key have no
-- rowid; events and snapshots keep it, because their bodies can be large.

CREATE TABLE rooms (
    id          BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    tenant_id   TEXT    NOT NULL,
    name        TEXT    NOT NULL,
    timezone    TEXT    NOT NULL,
    policy      BLOB    NOT NULL,
    epoch       INTEGER NOT NULL,
    head_seq    INTEGER NOT NULL CHECK (head_seq >= 0),
    created_at  INTEGER NOT NULL,
    archived_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX rooms_of_tenant ON rooms (tenant_id, id) WHERE archived_at IS NULL;

CREATE TABLE room_members (
    room_id BLOB NOT NULL REFERENCES rooms (id),
    user_id TEXT NOT NULL,
    role    TEXT NOT NULL CHECK (role IN ('owner', 'editor', 'viewer')),
    PRIMARY KEY (room_id, user_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE events (
    room_id BLOB    NOT NULL REFERENCES rooms (id),
    seq     INTEGER NOT NULL CHECK (seq >= 1),
    op_id   BLOB    NOT NULL CHECK (length(op_id) = 16),
    actor   TEXT    NOT NULL,
    at      INTEGER NOT NULL,
    kind    TEXT    NOT NULL,
    body    BLOB    NOT NULL,
    PRIMARY KEY (room_id, seq),
    UNIQUE (room_id, op_id)
) STRICT;

CREATE TABLE snapshots (
    room_id BLOB    NOT NULL REFERENCES rooms (id),
    seq     INTEGER NOT NULL CHECK (seq >= 0),
    body    BLOB    NOT NULL,
    PRIMARY KEY (room_id, seq)
) STRICT;

-- A course takes a resource at most once, so the key is also the way to clear a course.
CREATE TABLE occupancies (
    room_id       BLOB    NOT NULL REFERENCES rooms (id),
    course_id     TEXT    NOT NULL,
    resource_kind TEXT    NOT NULL CHECK (resource_kind IN ('trainer', 'studio')),
    resource_id   TEXT    NOT NULL,
    tenant_id     TEXT    NOT NULL,
    starts_at     INTEGER NOT NULL,
    ends_at       INTEGER NOT NULL,
    course_ends_at INTEGER NOT NULL,
    hold          TEXT    NOT NULL CHECK (hold IN ('enforced', 'overridden', 'free')),
    PRIMARY KEY (room_id, course_id, resource_kind, resource_id),
    CHECK (starts_at < course_ends_at AND course_ends_at <= ends_at)
) STRICT, WITHOUT ROWID;

-- Enforced intervals of a resource never overlap, so those that end after a wanted start are met in
-- order of their starts, and the search stops at the first that begins too late. Overridden ones are
-- few and may overlap: all that end later are looked at.
CREATE INDEX occupancies_of_resource
    ON occupancies (tenant_id, resource_kind, resource_id, hold, ends_at, starts_at);
