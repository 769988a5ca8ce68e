-- Whoever took time of a trainer locked all of the trainer's time, so that of two appends of one gym chain
-- the second nearly always waited for the end of the first. Now it has to only if both want the same hours:
-- what is locked are slots of time, whose numbers the service computes (src/store/postgres/slots.rs): those
-- that are taken, and those that are given up, for which another one may be waiting.
--
-- Two binaries of which one calls the functions before these do not lock each other out. The exclusion
-- constraint decides between them, as it does beyond the slots that one call locks; a deadlock is tried
-- again.

-- kyo_lock_1 with slots instead of resources. _locks: each once, in ascending order.
CREATE FUNCTION kyo_lock_2(_rooms uuid[], _locks bigint[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM rooms r WHERE r.id = ANY (_rooms) ORDER BY r.id FOR NO KEY UPDATE;
    PERFORM pg_advisory_xact_lock(slot) FROM unnest(_locks) slot;
END $$;

-- kyo_append_1 with these locks. What is given up goes in one statement a wave. What is taken is a plain
-- insert, half the work of one that may update: a course that takes again what it has not given up, which no
-- decision makes it do, fails by the key and is left to kyo_append_in_order_3.
CREATE FUNCTION kyo_append_2(
    _rooms uuid[], _tenants text[], _epochs bigint[], _seqs bigint[], _heads bigint[],
    _policies bytea[],
    _event_batches int[], _event_seqs bigint[], _event_ops uuid[], _event_actors text[],
    _event_ats timestamptz[], _event_kinds text[], _event_bodies bytea[],
    _change_batches int[], _change_events int[], _change_waves int[], _change_courses text[], _change_kinds text[],
    _change_resources text[], _change_starts timestamptz[], _change_ends timestamptz[],
    _change_course_ends timestamptz[], _change_holds text[], _change_kept boolean[], _locks bigint[]
) RETURNS TABLE (batch int, outcome text, at_epoch bigint, at_seq bigint, place int)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    _moved int[];
    _fresh boolean[] := array_fill(false, ARRAY[cardinality(_rooms)]);
BEGIN
    -- The update locks one room as well.
    IF cardinality(_rooms) > 1 OR cardinality(_change_batches) > 0 THEN
        PERFORM kyo_lock_2(_rooms, _locks);
    END IF;

    WITH moved AS (
        UPDATE rooms r SET head_seq = b.head, policy = coalesce(b.policy, r.policy)
        FROM unnest(_rooms, _tenants, _epochs, _seqs, _heads, _policies) WITH ORDINALITY
            AS b (room, tenant, epoch, seq, head, policy, n)
        -- The second comparison bounds the work whichever side the plan begins with.
        WHERE r.id = b.room AND r.id = ANY (_rooms) AND r.tenant_id = b.tenant
            AND r.archived_at IS NULL AND r.epoch = b.epoch AND r.head_seq = b.seq
        RETURNING b.n
    )
    SELECT array_agg(n::int) INTO _moved FROM moved;

    FOREACH batch IN ARRAY coalesce(_moved, '{}') LOOP
        _fresh[batch] := true;
    END LOOP;
    FOR _batch IN 1 .. cardinality(_rooms) LOOP
        SELECT _batch, 'committed', NULL, NULL, NULL
        INTO batch, outcome, at_epoch, at_seq, place;
        IF NOT _fresh[_batch] THEN
            SELECT j.outcome, j.at_epoch, j.at_seq, j.place
            INTO outcome, at_epoch, at_seq, place
            FROM kyo_judge_1(_rooms[_batch], _tenants[_batch], _epochs[_batch], _seqs[_batch],
                ARRAY(
                    SELECT e.op FROM unnest(_event_batches, _event_seqs, _event_ops)
                        AS e (batch, seq, op)
                    WHERE e.batch = _batch ORDER BY e.seq
                )) j;
        END IF;
        RETURN NEXT;
    END LOOP;
    IF _moved IS NULL THEN
        RETURN;
    END IF;

    INSERT INTO events (room_id, seq, op_id, actor, at, kind, body, tenant_id)
    SELECT _rooms[e.batch], e.seq, e.op, e.actor, e.at, e.kind, e.body, _tenants[e.batch]
    FROM unnest(_event_batches, _event_seqs, _event_ops, _event_actors, _event_ats, _event_kinds,
        _event_bodies) AS e (batch, seq, op, actor, at, kind, body)
    WHERE _fresh[e.batch];

    IF cardinality(_change_batches) = 0 THEN
        RETURN;
    END IF;
    IF 'overridden' = ANY (_change_holds) OR EXISTS (
        SELECT FROM occupancies o
        WHERE o.hold = 'overridden' AND o.tenant_id = ANY (_tenants)
            AND o.resource_id = ANY (_change_resources)
    ) THEN
        RAISE EXCEPTION USING ERRCODE = 'KY001', MESSAGE = 'kyo: an override is near';
    END IF;
    FOR _wave IN 1 .. (SELECT max(w) FROM unnest(_change_waves) w) LOOP
        -- By place, which nobody changes who has not locked the room. The OFFSET keeps the plan from
        -- beginning with the table.
        DELETE FROM occupancies o WHERE o.ctid = ANY (ARRAY(
            SELECT given_up.ctid
            FROM unnest(_change_batches, _change_waves, _change_courses, _change_kinds)
                AS c (batch, wave, course, kind),
                LATERAL (
                    SELECT g.ctid FROM occupancies g
                    WHERE g.room_id = _rooms[c.batch] AND g.course_id = c.course
                    OFFSET 0
                ) given_up
            WHERE c.kind IS NULL AND c.wave = _wave AND _fresh[c.batch]
        ));
        INSERT INTO occupancies (room_id, course_id, resource_kind, resource_id, tenant_id,
            during, course_ends_at, hold)
        SELECT _rooms[t.batch], t.course, t.kind, t.resource, _tenants[t.batch],
            tstzrange(t.starts, t.ends), t.course_ends, t.hold
        FROM unnest(_change_batches, _change_waves, _change_courses, _change_kinds,
            _change_resources, _change_starts, _change_ends, _change_course_ends, _change_holds)
            AS t (batch, wave, course, kind, resource, starts, ends, course_ends, hold)
        WHERE t.kind IS NOT NULL AND t.wave = _wave AND _fresh[t.batch];
    END LOOP;
END $$;

-- kyo_append_event_1 with these locks.
CREATE FUNCTION kyo_append_event_2(
    _room uuid, _tenant text, _epoch bigint, _seq bigint, _policy bytea,
    _op uuid, _actor text, _at timestamptz, _kind text, _body bytea,
    _course text, _clears boolean, _kinds text[], _resources text[], _holds text[],
    _start timestamptz, _ends timestamptz[], _course_end timestamptz, _locks bigint[]
) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    -- Locks the room before any resource is locked, as all appends do.
    UPDATE rooms r SET head_seq = _seq + 1, policy = coalesce(_policy, r.policy)
    WHERE r.id = _room AND r.tenant_id = _tenant AND r.archived_at IS NULL
        AND r.epoch = _epoch AND r.head_seq = _seq;
    IF NOT FOUND THEN
        RETURN false;
    END IF;

    INSERT INTO events (room_id, seq, op_id, actor, at, kind, body, tenant_id)
    VALUES (_room, _seq + 1, _op, _actor, _at, _kind, _body, _tenant);

    IF _course IS NULL THEN
        RETURN true;
    END IF;
    -- Before anything is given up: who has one of them may wait for what this call has changed.
    PERFORM pg_advisory_xact_lock(slot) FROM unnest(_locks) slot;
    IF EXISTS (
        SELECT FROM occupancies o
        WHERE o.hold = 'overridden' AND o.tenant_id = _tenant AND o.resource_id = ANY (_resources)
    ) THEN
        RAISE EXCEPTION USING ERRCODE = 'KY001', MESSAGE = 'kyo: an override is near';
    END IF;
    -- What is taken anew is given up first: ON CONFLICT would write each row in two steps.
    DELETE FROM occupancies o
    WHERE o.room_id = _room AND o.course_id = _course AND (_clears OR EXISTS (
        SELECT FROM unnest(_kinds, _resources) AS t (kind, resource)
        WHERE t.kind = o.resource_kind AND t.resource = o.resource_id
    ));
    INSERT INTO occupancies (room_id, course_id, resource_kind, resource_id, tenant_id, during,
        course_ends_at, hold)
    SELECT _room, _course, t.kind, t.resource, _tenant, tstzrange(_start, t.ends), _course_end, t.hold
    FROM unnest(_kinds, _resources, _ends, _holds) AS t (kind, resource, ends, hold);
    RETURN true;
END $$;

-- kyo_append_in_order_2 with these locks.
CREATE FUNCTION kyo_append_in_order_3(
    _rooms uuid[], _tenants text[], _epochs bigint[], _seqs bigint[], _heads bigint[],
    _policies bytea[],
    _event_batches int[], _event_seqs bigint[], _event_ops uuid[], _event_actors text[],
    _event_ats timestamptz[], _event_kinds text[], _event_bodies bytea[],
    _change_batches int[], _change_events int[], _change_waves int[], _change_courses text[], _change_kinds text[],
    _change_resources text[], _change_starts timestamptz[], _change_ends timestamptz[],
    _change_course_ends timestamptz[], _change_holds text[], _change_kept boolean[], _locks bigint[]
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
    PERFORM kyo_lock_2(_rooms, _locks);
    FOR _batch IN 1 .. cardinality(_rooms) LOOP
        batch := _batch;
        SELECT j.outcome, j.at_epoch, j.at_seq, j.place INTO outcome, at_epoch, at_seq, place
        FROM kyo_judge_1(_rooms[_batch], _tenants[_batch], _epochs[_batch], _seqs[_batch],
            ARRAY(
                SELECT e.op FROM unnest(_event_batches, _event_seqs, _event_ops)
                    AS e (batch, seq, op)
                WHERE e.batch = _batch ORDER BY e.seq
            )) j;
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
            WHERE e.batch = kyo_append_in_order_3.batch;

            FOR _change IN
                SELECT c.* FROM unnest(_change_batches, _change_events, _change_courses,
                    _change_kinds, _change_resources, _change_starts, _change_ends,
                    _change_course_ends, _change_holds, _change_kept) WITH ORDINALITY
                    AS c (batch, event, course, kind, resource, starts, ends, course_ends, hold,
                        kept, n)
                WHERE c.batch = kyo_append_in_order_3.batch
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
                            AND hashtextextended(o.resource_id, hashtextextended(o.tenant_id, 0))
                                = hashtextextended(_change.resource,
                                    hashtextextended(_tenants[batch], 0))
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
                SELECT kyo_append_in_order_3.batch, kyo_append_in_order_3.outcome,
                    kyo_append_in_order_3.at_epoch, kyo_append_in_order_3.at_seq,
                    kyo_append_in_order_3.place, f.room_id, f.course_id, f.resource_kind,
                    f.resource_id, f.during, f.course_ends_at, f.hold
                FROM unnest(_taken) f LIMIT 20;
        ELSE
            RETURN NEXT;
        END IF;
    END LOOP;
END $$;
