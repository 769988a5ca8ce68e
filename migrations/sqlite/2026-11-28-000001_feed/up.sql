-- The order in which a tenant's events were committed, over all its rooms. A number of its own because
-- VACUUM may renumber rowids; counted by tenant so that it tells nothing of others.
CREATE TABLE feed (
    tenant_id TEXT    NOT NULL,
    position  INTEGER NOT NULL CHECK (position >= 1),
    room_id   BLOB    NOT NULL,
    seq       INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, position),
    FOREIGN KEY (room_id, seq) REFERENCES events (room_id, seq)
) STRICT, WITHOUT ROWID;

-- Where an event is in the feed.
CREATE UNIQUE INDEX feed_of_event ON feed (room_id, seq);

-- Rowids of events are in the order of their insertion, and one connection at a time inserts.
INSERT INTO feed (tenant_id, position, room_id, seq)
SELECT tenant_id, row_number() OVER (PARTITION BY tenant_id ORDER BY events.rowid), room_id, seq
FROM events JOIN rooms ON rooms.id = events.room_id;

-- A trigger and not a second statement of the writer, so that events of the release before this one,
-- running on the same file, are in the feed too. The writer holds the only write lock until it
-- commits: positions are given in the order of commits.
CREATE TRIGGER feed_takes_events AFTER INSERT ON events
BEGIN
    INSERT INTO feed (tenant_id, position, room_id, seq)
    SELECT tenant_id,
           1 + coalesce((SELECT max(position) FROM feed WHERE tenant_id = rooms.tenant_id), 0),
           NEW.room_id,
           NEW.seq
    FROM rooms WHERE id = NEW.room_id;
END;
