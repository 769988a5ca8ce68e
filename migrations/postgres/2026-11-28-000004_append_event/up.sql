-- Compare and append where one room has one event and that event changes the taken time of one course
-- at most: the most frequent call by far, for which the arrays of kyo_append_1, their joins and its
-- bookkeeping cost more than the writing.
--
-- True when it was committed. False when the room does not stand where it was expected: nothing was
-- written, and kyo_append_1 has to say what became of it. As there, an override that is near, what is
-- taken and a known operation end the call with KY001 or by a constraint.
--
-- _course: whose taken time changes; none when nobody's does. _clears: it gives up all that it took
-- before it takes _kinds and _resources, each from _start to its _end; without it, it takes them besides.
-- No resource is there twice.
CREATE FUNCTION kyo_append_event_1(
    _room uuid, _tenant text, _epoch bigint, _seq bigint, _policy bytea,
    _op uuid, _actor text, _at timestamptz, _kind text, _body bytea,
    _course text, _clears boolean, _kinds text[], _resources text[], _holds text[],
    _start timestamptz, _ends timestamptz[], _course_end timestamptz
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
    IF 'enforced' = ANY (_holds) THEN
        -- The hashes of kyo_lock_1, in their order. Before anything is given up: who has one of them may
        -- wait for what this call has changed.
        PERFORM pg_advisory_xact_lock(wanted.resource) FROM (
            SELECT hashtextextended(concat_ws('/', 'kyo', _tenant, t.kind, t.resource), 0) AS resource
            FROM unnest(_kinds, _resources, _holds) AS t (kind, resource, hold)
            WHERE t.hold = 'enforced'
            ORDER BY 1
        ) wanted;
    END IF;
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
