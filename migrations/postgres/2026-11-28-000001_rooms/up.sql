-- Bodies are opaque. Instants have whole milliseconds. Names that are compared, ids above all, sort by
-- their bytes wherever the database was made. The extension lets text take part in the exclusion
-- constraint below; whoever owns the database may add it.

CREATE EXTENSION IF NOT EXISTS btree_gist;

-- Each append moves head_seq. Half of a page stays free, so that the new version of a row finds its
-- place beside the old one and no index has to be touched (HOT).
CREATE TABLE rooms (
    id          uuid        NOT NULL PRIMARY KEY,
    tenant_id   text        NOT NULL COLLATE "C",
    name        text        NOT NULL,
    timezone    text        NOT NULL,
    policy      bytea       NOT NULL,
    epoch       bigint      NOT NULL,
    head_seq    bigint      NOT NULL CHECK (head_seq >= 0),
    created_at  timestamptz NOT NULL,
    archived_at timestamptz
) WITH (fillfactor = 50);

CREATE INDEX rooms_of_tenant ON rooms (tenant_id, id) WHERE archived_at IS NULL;

CREATE TABLE room_members (
    room_id uuid NOT NULL REFERENCES rooms (id),
    user_id text NOT NULL COLLATE "C",
    role    text NOT NULL CHECK (role IN ('owner', 'editor', 'viewer')),
    PRIMARY KEY (room_id, user_id)
);

-- The room is not referenced: an event is written only by the append functions, which hold the
-- room's row, and checking it again for each event costs as much as a second index.
--
-- tx is the transaction that wrote the row. Transactions below pg_snapshot_xmin(pg_current_snapshot())
-- have all ended, so a reader that goes by tx and stops there misses nothing.
CREATE TABLE events (
    room_id   uuid        NOT NULL,
    seq       bigint      NOT NULL CHECK (seq >= 1),
    op_id     uuid        NOT NULL,
    actor     text        NOT NULL,
    at        timestamptz NOT NULL,
    kind      text        NOT NULL,
    body      bytea       NOT NULL,
    tenant_id text        NOT NULL COLLATE "C",
    tx        bigint      NOT NULL DEFAULT (pg_current_xact_id()::text::bigint),
    PRIMARY KEY (room_id, seq),
    -- The operation first: a search for it must never begin with the room, whose log may be long.
    CONSTRAINT events_of_operation UNIQUE (op_id, room_id)
);

CREATE INDEX events_in_order_of_commit ON events (tenant_id, tx, room_id, seq);

CREATE TABLE snapshots (
    room_id uuid   NOT NULL REFERENCES rooms (id),
    seq     bigint NOT NULL CHECK (seq >= 0),
    body    bytea  NOT NULL,
    PRIMARY KEY (room_id, seq)
);

-- A course takes a resource at most once, so the key is also the way to clear a course. Rows come and
-- go with every move of a course, so they are cleared away early. The resource comes first in the
-- constraint, because what tells most apart makes the better tree: writing costs half.
CREATE TABLE occupancies (
    room_id        uuid        NOT NULL,
    course_id      text        NOT NULL COLLATE "C",
    resource_kind  text        NOT NULL COLLATE "C" CHECK (resource_kind IN ('trainer', 'studio')),
    resource_id    text        NOT NULL COLLATE "C",
    tenant_id      text        NOT NULL COLLATE "C",
    -- With the buffer at its end.
    during         tstzrange   NOT NULL,
    course_ends_at timestamptz NOT NULL,
    hold           text        NOT NULL COLLATE "C"
                   CHECK (hold IN ('enforced', 'overridden', 'free')),
    PRIMARY KEY (room_id, course_id, resource_kind, resource_id),
    CHECK (NOT isempty(during) AND lower_inc(during) AND NOT upper_inc(during)
           AND lower(during) < course_ends_at AND course_ends_at <= upper(during)),
    CONSTRAINT occupancies_enforced_never_overlap EXCLUDE USING gist
        (resource_id WITH =, during WITH &&, tenant_id WITH =, resource_kind WITH =)
        WHERE (hold = 'enforced')
) WITH (autovacuum_vacuum_scale_factor = 0.05);

-- What another room took by an override may overlap anything, but nothing new may overlap it.
CREATE INDEX occupancies_overridden ON occupancies USING gist
    (resource_id, during, tenant_id, resource_kind) WHERE hold = 'overridden';
