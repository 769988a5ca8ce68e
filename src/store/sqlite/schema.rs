//! The tables of `migrations/sqlite`, as Diesel sees them. Changed together with a migration.

diesel::table! {
    rooms (id) {
        id -> Binary,
        tenant_id -> Text,
        name -> Text,
        timezone -> Text,
        policy -> Binary,
        epoch -> BigInt,
        head_seq -> BigInt,
        created_at -> BigInt,
        archived_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    room_members (room_id, user_id) {
        room_id -> Binary,
        user_id -> Text,
        role -> Text,
    }
}

diesel::table! {
    events (room_id, seq) {
        room_id -> Binary,
        seq -> BigInt,
        op_id -> Binary,
        actor -> Text,
        at -> BigInt,
        kind -> Text,
        body -> Binary,
    }
}

diesel::table! {
    feed (tenant_id, position) {
        tenant_id -> Text,
        position -> BigInt,
        room_id -> Binary,
        seq -> BigInt,
    }
}

diesel::allow_tables_to_appear_in_same_query!(feed, events);

diesel::table! {
    snapshots (room_id, seq) {
        room_id -> Binary,
        seq -> BigInt,
        body -> Binary,
    }
}

diesel::table! {
    occupancies (room_id, course_id, resource_kind, resource_id) {
        room_id -> Binary,
        course_id -> Text,
        resource_kind -> Text,
        resource_id -> Text,
        tenant_id -> Text,
        starts_at -> BigInt,
        ends_at -> BigInt,
        course_ends_at -> BigInt,
        hold -> Text,
    }
}

diesel::table! {
    operator_audit (id) {
        id -> BigInt,
        at -> BigInt,
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
        room_id -> Binary,
        user_id -> Text,
        tenant_id -> Text,
        key -> Text,
        created_at -> BigInt,
    }
}
