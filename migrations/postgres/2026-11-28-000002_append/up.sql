-- Compare and append, for many rooms in one call. Inside a function each statement sees what was
-- committed before it began, so whatever is read after the locks are taken is true until the end.
--
-- Arguments are arrays. _rooms … _policies: one entry a batch. _event_…: one entry an event, with the
-- number of its batch. _change_…: one entry a change of occupied time, with the numbers of its batch
-- and (from 0) of its event; without a kind of resource it clears the course.
--
-- A function that a released binary calls is never changed: a new one gets the next number.

-- Statements about single rows, in loops: each has one plan that is right at any size of the tables,
-- where a join of a list with a table may be turned round, or take the wrong index, while the table is
-- still empty.

-- Takes all locks, rooms before resources and both in one order for all, so that nobody waits in a
-- circle. Resources are locked because the exclusion constraint alone lets two transactions wait for
-- each other; a call with more of them than the lock table should hold leaves the rest to the
-- constraint.
CREATE FUNCTION kyo_lock_1(
    _rooms uuid[], _tenants text[],
    _change_batches int[], _change_kinds text[], _change_resources text[], _change_holds text[]
) RETURNS void
LANGUAGE plpgsql AS $$
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
END $$;

-- What can be said of one batch before anything of it is written; its room is locked.
CREATE FUNCTION kyo_judge_1(
    _room uuid, _tenant text, _epoch bigint, _seq bigint, _ops uuid[],
    OUT outcome text, OUT at_epoch bigint, OUT at_seq bigint, OUT place int
)
LANGUAGE plpgsql AS $$
DECLARE
    _known bigint;
BEGIN
    SELECT r.epoch, r.head_seq INTO at_epoch, at_seq
    FROM rooms r WHERE r.id = _room AND r.tenant_id = _tenant AND r.archived_at IS NULL;
    IF NOT FOUND THEN
        outcome := 'gone';
        RETURN;
    END IF;
    FOR _index IN 1 .. cardinality(_ops) LOOP
        -- Not by =, which would let the room's whole log be read through its key.
        SELECT e.seq INTO _known FROM events e
        WHERE e.op_id = _ops[_index] AND e.room_id IS NOT DISTINCT FROM _room;
        IF FOUND THEN
            outcome := 'duplicate';
            at_seq := _known;
            place := _index - 1;
            RETURN;
        END IF;
    END LOOP;
    outcome := CASE WHEN (at_epoch, at_seq) = (_epoch, _seq) THEN 'committed' ELSE 'stale' END;
END $$;

-- The common path: all rooms at once, changes of occupied time in their order. Where something taken
-- is in the way, or an operation is known already, nothing is written: the call fails with KY001 or
-- by a constraint, and kyo_append_in_order_1 has to say what becomes of each room.
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
    _fresh boolean[] := '{}';
    _overridden boolean;
    _room uuid;
BEGIN
    PERFORM kyo_lock_1(_rooms, _tenants, _change_batches, _change_kinds, _change_resources,
        _change_holds);

    FOR _batch IN 1 .. cardinality(_rooms) LOOP
        UPDATE rooms r SET head_seq = _heads[_batch], policy = coalesce(_policies[_batch], r.policy)
        WHERE r.id = _rooms[_batch] AND r.tenant_id = _tenants[_batch] AND r.archived_at IS NULL
            AND r.epoch = _epochs[_batch] AND r.head_seq = _seqs[_batch];
        _fresh[_batch] := FOUND;
        batch := _batch;
        IF FOUND THEN
            outcome := 'committed';
            at_epoch := NULL;
            at_seq := NULL;
            place := NULL;
        ELSE
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

    INSERT INTO events (room_id, seq, op_id, actor, at, kind, body, tenant_id)
    SELECT _rooms[e.batch], e.seq, e.op, e.actor, e.at, e.kind, e.body, _tenants[e.batch]
    FROM unnest(_event_batches, _event_seqs, _event_ops, _event_actors, _event_ats, _event_kinds,
        _event_bodies) AS e (batch, seq, op, actor, at, kind, body)
    WHERE _fresh[e.batch];

    _overridden := EXISTS (
        SELECT FROM occupancies o
        WHERE o.hold = 'overridden' AND o.tenant_id = ANY (_tenants)
    );
    FOR _change IN 1 .. cardinality(_change_batches) LOOP
        batch := _change_batches[_change];
        CONTINUE WHEN NOT _fresh[batch];
        _room := _rooms[batch];
        IF _change_kinds[_change] IS NULL THEN
            DELETE FROM occupancies o
            WHERE o.room_id = _room AND o.course_id = _change_courses[_change];
            CONTINUE;
        END IF;
        IF _overridden AND _change_holds[_change] = 'enforced' AND NOT _change_kept[_change]
            AND EXISTS (
                SELECT FROM occupancies o
                WHERE o.hold = 'overridden' AND o.tenant_id = _tenants[batch]
                    AND o.resource_kind = _change_kinds[_change]
                    AND o.resource_id = _change_resources[_change]
                    AND o.during && tstzrange(_change_starts[_change], _change_ends[_change])
                    AND o.room_id <> _room
            )
        THEN
            RAISE EXCEPTION USING ERRCODE = 'KY001', MESSAGE = 'kyo: taken over an override';
        END IF;
        INSERT INTO occupancies AS o (room_id, course_id, resource_kind, resource_id, tenant_id,
            during, course_ends_at, hold)
        VALUES (_room, _change_courses[_change], _change_kinds[_change], _change_resources[_change],
            _tenants[batch], tstzrange(_change_starts[_change], _change_ends[_change]),
            _change_course_ends[_change], _change_holds[_change])
        ON CONFLICT (room_id, course_id, resource_kind, resource_id) DO UPDATE
            SET during = excluded.during, course_ends_at = excluded.course_ends_at,
                hold = excluded.hold;
        _overridden := _overridden OR _change_holds[_change] = 'overridden';
    END LOOP;
END $$;

-- The same, each room under a savepoint, and with all that is in the way of a change. A refused room gets one row for each interval in its way.
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
    PERFORM kyo_lock_1(_rooms, _tenants, _change_batches, _change_kinds, _change_resources,
        _change_holds);
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
