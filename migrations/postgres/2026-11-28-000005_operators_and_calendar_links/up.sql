-- What operators did. Rows are added and read; nothing changes or removes them.
CREATE TABLE operator_audit (
    id        bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at        timestamptz NOT NULL,
    tenant_id text        NOT NULL,
    operator  text        NOT NULL,
    action    text        NOT NULL,
    target    text        NOT NULL,
    reason    text        NOT NULL,
    node      text        NOT NULL,
    outcome   text        NOT NULL
);

CREATE INDEX operator_audit_of_tenant ON operator_audit (tenant_id, id);

-- Links of calendar programs: whoever has the key reads the room's calendar as the person who made it.
CREATE TABLE calendar_links (
    room_id    uuid        NOT NULL REFERENCES rooms (id),
    user_id    text        NOT NULL,
    tenant_id  text        NOT NULL,
    key        text        NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (room_id, user_id)
);

CREATE UNIQUE INDEX calendar_links_by_key ON calendar_links (room_id, key);
