-- Compare and append, for many rooms in one call. Inside a function each statement sees what was
-- committed before it began, so whatever is read after the locks are taken is true until the end.
--
-- Arguments are arrays. _rooms … _policies: one entry a batch. _event_…: one entry an event, with the
-- number of its batch. _change_…: one entry a change of occupied time, with the numbers of its batch
-- and (from 0) of its event; without a kind of resource it clears the course.
--
-- A function that a released binary calls is never changed: a new one gets the next number.

-- What can be said of each batch before anything is written. Also takes all locks, rooms before
-- resources and both in one order for all, so that nobody waits in a circle. Resources are locked
-- because the exclusion constraint alone lets two transactions wait for each other; a call with more
-- of them than the lock table should hold leaves the rest to the constraint.
CREATE FUNCTION kyo_judge_1(
    _rooms uuid[], _tenants text[], _epochs bigint[], _seqs bigint[],
    _event_batches int[], _event_seqs bigint[], _event_ops uuid[],
    _change_batches int[], _change_kinds text[], _change_resources text[], _change_holds text[]
) RETURNS TABLE (batch int, outcome text, at_epoch bigint, at_seq bigint, place int)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
    PERFORM FROM rooms r WHERE r.id = ANY (_rooms) ORDER BY r.id FOR NO KEY UPDATE;
    IF cardinality(_change_batches) > 0 THEN
        PERFORM pg_advisory_xact_lock(wanted.resource) FROM (
            SELECT DISTINCT hashtextextended(
                concat_ws('/', 'kyo', _tenants[c.batch], c.kind, c.resource), 0) AS resource
            FROM unnest(_change_batches, _change_kinds, _change_resources, _change_holds)
                AS c (batch, kind, resource, hold)
            WHERE c.hold = 'enforced'
            ORDER BY 1 LIMIT 256
        ) wanted;
    END IF;
    RETURN QUERY
        WITH repeated AS (
            SELECT DISTINCT ON (e.batch) e.batch, e.seq AS proposed, known.seq
            FROM unnest(_event_batches, _event_seqs, _event_ops) AS e (batch, seq, op)
            JOIN events known ON known.room_id = _rooms[e.batch] AND known.op_id = e.op
            ORDER BY e.batch, e.seq
        )
        SELECT b.n::int,
            CASE
                WHEN r.id IS NULL THEN 'gone'
                WHEN repeated.seq IS NOT NULL THEN 'duplicate'
                WHEN (r.epoch, r.head_seq) <> (b.epoch, b.seq) THEN 'stale'
                ELSE 'committed'
            END,
            r.epoch, coalesce(repeated.seq, r.head_seq), (repeated.proposed - b.seq - 1)::int
        FROM unnest(_rooms, _tenants, _epochs, _seqs) WITH ORDINALITY
            AS b (room, tenant, epoch, seq, n)
        LEFT JOIN rooms r
            ON r.id = b.room AND r.tenant_id = b.tenant AND r.archived_at IS NULL
        LEFT JOIN repeated ON repeated.batch = b.n
        ORDER BY b.n;
END $$;

-- The common path: all rooms at once, first all that is given up, then all that is taken. Where the
-- order of changes could make a difference, or something taken is in the way, nothing is written:
-- the call fails with KY001 or by the exclusion constraint, and kyo_append_in_order_1 has to say
-- what becomes of each room.
CREATE FUNCTION kyo_append_1(
    _rooms uuid[], _tenants text[], _epochs bigint[], _seqs bigint[], _heads bigint[],
    _policies bytea[],
    _event_batches int[], _event_seqs bigint[], _event_ops uuid[], _event_actors text[],
    _event_ats timestamptz[], _event_kinds text[], _event_bodies bytea[],
    _change_batches int[], _change_events int[], _change_courses text[], _change_kinds text[],
    _change_resources text[], _change_starts timestamptz[], _change_ends timestamptz[],
    _change_course_ends timestamptz[], _change_holds text[], _change_kept boolean[]
) RETURNS TABLE (batch int, outcome text, at_epoch bigint, at_seq bigint, place int)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    _fresh int[] := '{}';
    _cleared occupancies[];
    _cleared_at bigint[];
    _entangled boolean;
BEGIN
    FOR batch, outcome, at_epoch, at_seq, place IN
        SELECT j.batch, j.outcome, j.at_epoch, j.at_seq, j.place
        FROM kyo_judge_1(_rooms, _tenants, _epochs, _seqs, _event_batches, _event_seqs, _event_ops,
            _change_batches, _change_kinds, _change_resources, _change_holds) j
    LOOP
        RETURN NEXT;
        IF outcome = 'committed' THEN
            _fresh := _fresh || batch;
        END IF;
    END LOOP;
    IF cardinality(_fresh) = 0 THEN
        RETURN;
    END IF;

    WITH moved AS (
        UPDATE rooms r SET head_seq = b.head, policy = coalesce(b.policy, r.policy)
        FROM unnest(_rooms, _heads, _policies) WITH ORDINALITY AS b (room, head, policy, n)
        WHERE r.id = b.room AND b.n = ANY (_fresh)
    )
    INSERT INTO events (room_id, seq, op_id, actor, at, kind, body, tenant_id)
    SELECT _rooms[e.batch], e.seq, e.op, e.actor, e.at, e.kind, e.body, _tenants[e.batch]
    FROM unnest(_event_batches, _event_seqs, _event_ops, _event_actors, _event_ats, _event_kinds,
        _event_bodies) AS e (batch, seq, op, actor, at, kind, body)
    WHERE e.batch = ANY (_fresh);

    IF cardinality(_change_batches) = 0 THEN
        RETURN;
    END IF;

    WITH cleared AS (
        DELETE FROM occupancies o
        USING unnest(_change_batches, _change_kinds, _change_courses) WITH ORDINALITY
            AS c (batch, kind, course, n)
        WHERE o.room_id = _rooms[c.batch] AND o.course_id = c.course
            AND c.kind IS NULL AND c.batch = ANY (_fresh)
        RETURNING o, c.n
    )
    SELECT array_agg(o), array_agg(n) FROM cleared WHERE (o).hold <> 'free'
    INTO _cleared, _cleared_at;

    -- Was something given up that an earlier change of another course already wanted? Sessions plan
    -- without hash joins, because one must never read a table; here are two lists to compare.
    PERFORM set_config('enable_hashjoin', 'on', true);
    _entangled := EXISTS (
        SELECT FROM unnest(_cleared, _cleared_at)
            AS gone (room_id, course_id, resource_kind, resource_id, tenant_id, during,
                course_ends_at, hold, n)
        JOIN unnest(_change_batches, _change_courses, _change_kinds, _change_resources,
            _change_starts, _change_ends, _change_holds) WITH ORDINALITY
            AS t (batch, course, kind, resource, starts, ends, hold, n)
        ON t.resource = gone.resource_id AND t.kind = gone.resource_kind
            AND t.n < gone.n AND t.hold = 'enforced'
            AND gone.during && tstzrange(t.starts, t.ends)
            AND _tenants[t.batch] = gone.tenant_id
            AND (_rooms[t.batch], t.course) <> (gone.room_id, gone.course_id)
    );
    PERFORM set_config('enable_hashjoin', 'off', true);

    IF _entangled OR EXISTS (
        SELECT FROM unnest(_change_batches, _change_kinds, _change_resources, _change_starts,
            _change_ends, _change_holds, _change_kept)
            AS t (batch, kind, resource, starts, ends, hold, kept)
        JOIN occupancies o
            ON o.tenant_id = _tenants[t.batch] AND o.resource_kind = t.kind
            AND o.resource_id = t.resource AND o.during && tstzrange(t.starts, t.ends)
            AND o.hold = 'overridden' AND o.room_id <> _rooms[t.batch]
        WHERE t.hold = 'enforced' AND NOT t.kept AND t.batch = ANY (_fresh)
    ) THEN
        RAISE EXCEPTION USING ERRCODE = 'KY001', MESSAGE = 'kyo: changes in each other''s way';
    END IF;

    INSERT INTO occupancies AS o (room_id, course_id, resource_kind, resource_id, tenant_id, during,
        course_ends_at, hold)
    SELECT _rooms[t.batch], t.course, t.kind, t.resource, _tenants[t.batch],
        tstzrange(t.starts, t.ends), t.course_ends, t.hold
    FROM unnest(_change_batches, _change_courses, _change_kinds, _change_resources, _change_starts,
        _change_ends, _change_course_ends, _change_holds) WITH ORDINALITY
        AS t (batch, course, kind, resource, starts, ends, course_ends, hold, n)
    WHERE t.kind IS NOT NULL AND t.batch = ANY (_fresh)
    ORDER BY t.n
    ON CONFLICT (room_id, course_id, resource_kind, resource_id) DO UPDATE
        SET during = excluded.during, course_ends_at = excluded.course_ends_at,
            hold = excluded.hold;
END $$;

-- The same, room by room and change by change in the given order, each room under a savepoint. A
-- refused room gets one row for each interval in its way.
CREATE FUNCTION kyo_append_in_order_1(
    _rooms uuid[], _tenants text[], _epochs bigint[], _seqs bigint[], _heads bigint[],
    _policies bytea[],
    _event_batches int[], _event_seqs bigint[], _event_ops uuid[], _event_actors text[],
    _event_ats timestamptz[], _event_kinds text[], _event_bodies bytea[],
    _change_batches int[], _change_events int[], _change_courses text[], _change_kinds text[],
    _change_resources text[], _change_starts timestamptz[], _change_ends timestamptz[],
    _change_course_ends timestamptz[], _change_holds text[], _change_kept boolean[]
) RETURNS TABLE (
    batch int, outcome text, at_epoch bigint, at_seq bigint, place int,
    room_id uuid, course_id text, resource_kind text, resource_id text, during tstzrange,
    course_ends_at timestamptz, hold text
)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    _change record;
    _found occupancies[];
    _taken occupancies[];
BEGIN
    FOR batch, outcome, at_epoch, at_seq, place IN
        SELECT j.batch, j.outcome, j.at_epoch, j.at_seq, j.place
        FROM kyo_judge_1(_rooms, _tenants, _epochs, _seqs, _event_batches, _event_seqs, _event_ops,
            _change_batches, _change_kinds, _change_resources, _change_holds) j
    LOOP
        IF outcome <> 'committed' THEN
            RETURN NEXT;
            CONTINUE;
        END IF;
        _taken := '{}';
        BEGIN
            UPDATE rooms r
            SET head_seq = _heads[batch], policy = coalesce(_policies[batch], r.policy)
            WHERE r.id = _rooms[batch];

            INSERT INTO events (room_id, seq, op_id, actor, at, kind, body, tenant_id)
            SELECT _rooms[e.batch], e.seq, e.op, e.actor, e.at, e.kind, e.body, _tenants[e.batch]
            FROM unnest(_event_batches, _event_seqs, _event_ops, _event_actors, _event_ats,
                _event_kinds, _event_bodies) AS e (batch, seq, op, actor, at, kind, body)
            WHERE e.batch = kyo_append_in_order_1.batch;

            FOR _change IN
                SELECT c.* FROM unnest(_change_batches, _change_events, _change_courses,
                    _change_kinds, _change_resources, _change_starts, _change_ends,
                    _change_course_ends, _change_holds, _change_kept) WITH ORDINALITY
                    AS c (batch, event, course, kind, resource, starts, ends, course_ends, hold,
                        kept, n)
                WHERE c.batch = kyo_append_in_order_1.batch
                ORDER BY c.n
            LOOP
                EXIT WHEN cardinality(_taken) > 0 AND _change.event <> place;
                IF _change.kind IS NULL THEN
                    DELETE FROM occupancies o
                    WHERE o.room_id = _rooms[batch] AND o.course_id = _change.course;
                    CONTINUE;
                END IF;
                _found := ARRAY(
                    SELECT (x.o)::occupancies FROM (
                        SELECT o FROM occupancies o
                        WHERE _change.hold = 'enforced' AND o.hold = 'enforced'
                            AND o.tenant_id = _tenants[batch]
                            AND o.resource_kind = _change.kind
                            AND o.resource_id = _change.resource
                            AND o.during && tstzrange(_change.starts, _change.ends)
                            AND (o.room_id, o.course_id) <> (_rooms[batch], _change.course)
                        UNION ALL
                        SELECT o FROM occupancies o
                        WHERE _change.hold = 'enforced' AND NOT _change.kept
                            AND o.hold = 'overridden'
                            AND o.tenant_id = _tenants[batch]
                            AND o.resource_kind = _change.kind
                            AND o.resource_id = _change.resource
                            AND o.during && tstzrange(_change.starts, _change.ends)
                            AND o.room_id <> _rooms[batch]
                    ) x
                    ORDER BY (x.o).hold, upper((x.o).during), (x.o).room_id, (x.o).course_id
                    LIMIT 20
                );
                IF cardinality(_found) > 0 THEN
                    place := _change.event;
                    _taken := _taken || ARRAY(
                        SELECT f::occupancies FROM unnest(_found) f WHERE f <> ALL (_taken));
                    CONTINUE;
                END IF;
                INSERT INTO occupancies AS o (room_id, course_id, resource_kind, resource_id,
                    tenant_id, during, course_ends_at, hold)
                VALUES (_rooms[batch], _change.course, _change.kind, _change.resource,
                    _tenants[batch], tstzrange(_change.starts, _change.ends), _change.course_ends,
                    _change.hold)
                ON CONFLICT (room_id, course_id, resource_kind, resource_id) DO UPDATE
                    SET during = excluded.during, course_ends_at = excluded.course_ends_at,
                        hold = excluded.hold;
            END LOOP;
            IF cardinality(_taken) > 0 THEN
                RAISE EXCEPTION USING ERRCODE = 'KY002', MESSAGE = 'kyo: taken';
            END IF;
        EXCEPTION WHEN SQLSTATE 'KY002' THEN
            outcome := 'refused';
        END;
        IF outcome = 'refused' THEN
            RETURN QUERY
                SELECT kyo_append_in_order_1.batch, kyo_append_in_order_1.outcome,
                    kyo_append_in_order_1.at_epoch, kyo_append_in_order_1.at_seq,
                    kyo_append_in_order_1.place, f.room_id, f.course_id, f.resource_kind,
                    f.resource_id, f.during, f.course_ends_at, f.hold
                FROM unnest(_taken) f LIMIT 20;
        ELSE
            RETURN NEXT;
        END IF;
    END LOOP;
END $$;
