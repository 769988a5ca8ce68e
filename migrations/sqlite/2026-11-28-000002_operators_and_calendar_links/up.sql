-- What operators did. Rows are added and read; nothing changes or removes them.
CREATE TABLE operator_audit (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    at        INTEGER NOT NULL,
    tenant_id TEXT    NOT NULL,
    operator  TEXT    NOT NULL,
    action    TEXT    NOT NULL,
    target    TEXT    NOT NULL,
    reason    TEXT    NOT NULL,
    node      TEXT    NOT NULL,
    outcome   TEXT    NOT NULL
) STRICT;

CREATE INDEX operator_audit_of_tenant ON operator_audit (tenant_id, id);

-- Links of calendar programs: whoever has the key reads the room's calendar as the person who made it.
CREATE TABLE calendar_links (
    room_id    BLOB    NOT NULL REFERENCES rooms (id),
    user_id    TEXT    NOT NULL,
    tenant_id  TEXT    NOT NULL,
    key        TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (room_id, user_id)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX calendar_links_by_key ON calendar_links (room_id, key);
