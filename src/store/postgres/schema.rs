//! The tables of `migrations/postgres`, as Diesel sees them. Changed together with a migration.

diesel::table! {
    rooms (id) {
        id -> Uuid,
        tenant_id -> Text,
        name -> Text,
        timezone -> Text,
        policy -> Binary,
        epoch -> BigInt,
        head_seq -> BigInt,
        created_at -> Timestamptz,
        archived_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    room_members (room_id, user_id) {
        room_id -> Uuid,
        user_id -> Text,
        role -> Text,
    }
}

diesel::table! {
    events (room_id, seq) {
        room_id -> Uuid,
        seq -> BigInt,
        op_id -> Uuid,
        actor -> Text,
        at -> Timestamptz,
        kind -> Text,
        body -> Binary,
        tenant_id -> Text,
        tx -> BigInt,
    }
}

diesel::table! {
    snapshots (room_id, seq) {
        room_id -> Uuid,
        seq -> BigInt,
        body -> Binary,
    }
}

diesel::table! {
    occupancies (room_id, course_id, resource_kind, resource_id) {
        room_id -> Uuid,
        course_id -> Text,
        resource_kind -> Text,
        resource_id -> Text,
        tenant_id -> Text,
        during -> Range<Timestamptz>,
        course_ends_at -> Timestamptz,
        hold -> Text,
    }
}

diesel::table! {
    operator_audit (id) {
        id -> BigInt,
        at -> Timestamptz,
        tenant_id -> Text,
        operator -> Text,
        action -> Text,
        target -> Text,
        reason -> Text,
        node -> Text,
        outcome -> Text,
    }
}

diesel::table! {
    calendar_links (room_id, user_id) {
        room_id -> Uuid,
        user_id -> Text,
        tenant_id -> Text,
        key -> Text,
        created_at -> Timestamptz,
    }
}
