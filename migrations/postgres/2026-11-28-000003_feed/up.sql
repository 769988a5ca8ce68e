-- One page of the feed and one row more: a tenant's events in the order of the transactions that wrote
-- them, behind the event that the follower stands at (none: from the beginning), up to the oldest
-- transaction that is still open. The place, the horizon and the page are of one snapshot. There is
-- always a row; it has no event when the page is empty, no stood when the follower's event is not
-- there, and elsewhere when the tenant's newest number is one that this server has not given yet.
-- Of the rows beyond _most bytes of bodies one is given, and one beside it when it is the first.
--
-- One SELECT in a function that is STABLE, so that it is planned as part of the statement that calls
-- it, once a connection.
CREATE FUNCTION kyo_feed_1(
    _tenant text, _room uuid, _seq bigint, _op uuid, _limit bigint, _most bigint
) RETURNS TABLE (
    stood bigint, elsewhere boolean,
    room_id uuid, seq bigint, op_id uuid, actor text, at timestamptz, kind text, body bytea
)
LANGUAGE sql STABLE AS $$
    SELECT place.tx, place.elsewhere,
        page.room_id, page.seq, page.op_id, page.actor, page.at, page.kind, page.body
    FROM (
        SELECT
            CASE WHEN _room IS NULL THEN '-9223372036854775808'::bigint ELSE (
                SELECT e.tx FROM events e
                WHERE e.room_id = _room AND e.seq = _seq AND e.op_id = _op
                    AND e.tenant_id = _tenant
            ) END AS tx,
            coalesce((
                SELECT e.tx FROM events e WHERE e.tenant_id = _tenant
                ORDER BY e.tx DESC, e.room_id DESC, e.seq DESC LIMIT 1
            ) >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint, false) AS elsewhere
    ) place
    LEFT JOIN LATERAL (
        SELECT found.*, row_number() OVER feed AS number, sum(octet_length(found.body)) OVER feed AS upto
        FROM (
            SELECT e.* FROM events e
            WHERE e.tenant_id = _tenant
                AND (e.tx, e.room_id, e.seq) > (
                    place.tx,
                    coalesce(_room, '00000000-0000-0000-0000-000000000000'::uuid),
                    coalesce(_seq, 0)
                )
                AND e.tx < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
            ORDER BY e.tx, e.room_id, e.seq
            LIMIT _limit
        ) found
        WINDOW feed AS (ORDER BY found.tx, found.room_id, found.seq)
    ) page ON page.number <= 2 OR page.upto - octet_length(page.body) <= _most
    ORDER BY page.tx, page.room_id, page.seq
$$;

-- Events that came with a dump, or by logical replication, have the numbers of the server that wrote
-- them. As long as this server's numbers are below theirs, what it writes would sort before them and
-- be missed. They are moved below zero, in their order and below those that were moved before. A row
-- that this server wrote has the number of its own xmin; should one that came have the same by chance,
-- its room's later events tell.
--
-- Gives the number of events that were moved; 0 when none had to be, which costs one look a tenant.
CREATE FUNCTION kyo_renumber_events_1() RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    _moved bigint := 0;
BEGIN
    IF NOT EXISTS (
        WITH RECURSIVE tenants AS (
            (SELECT e.tenant_id FROM events e ORDER BY e.tenant_id LIMIT 1)
            UNION ALL
            SELECT (
                SELECT e.tenant_id FROM events e WHERE e.tenant_id > t.tenant_id
                ORDER BY e.tenant_id LIMIT 1
            )
            FROM tenants t WHERE t.tenant_id IS NOT NULL
        )
        SELECT FROM tenants t, LATERAL (
            SELECT e.tx FROM events e WHERE e.tenant_id = t.tenant_id ORDER BY e.tx DESC LIMIT 1
        ) newest
        WHERE newest.tx >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint
    ) THEN
        RETURN 0;
    END IF;
    LOCK TABLE events IN SHARE ROW EXCLUSIVE MODE;
    WITH came AS (
        SELECT e.room_id, max(e.seq) AS upto FROM events e
        WHERE e.tx < 0 OR e.tx & 4294967295 <> e.xmin::text::bigint
        GROUP BY e.room_id
    ), shift AS (
        SELECT 1 + max(e.tx) AS by FROM events e JOIN came USING (room_id) WHERE e.seq <= came.upto
    )
    UPDATE events e SET tx = e.tx - shift.by
    FROM came, shift
    WHERE e.room_id = came.room_id AND e.seq <= came.upto;
    GET DIAGNOSTICS _moved = ROW_COUNT;
    RETURN _moved;
END $$;
