//! The contract of `Store`. Cases take a [`Database`] and know nothing of what is behind it;
//! `store_contract!` makes one test of each case for one implementation.

#[path = "store/append.rs"]
pub mod append;
#[path = "store/audit.rs"]
pub mod audit;
#[path = "store/build.rs"]
pub mod build;
#[path = "store/feed.rs"]
pub mod feed;
#[path = "store/occupancy.rs"]
pub mod occupancy;
#[path = "store/races.rs"]
pub mod races;
#[path = "store/read.rs"]
pub mod read;
#[path = "store/rooms.rs"]
pub mod rooms;

use std::sync::Arc;

use async_trait::async_trait;
use kyo_collaboration::store::Store;

/// A database of its own for each test, which can be opened more than once.
#[async_trait]
pub trait Database: Send + Sync + Sized + 'static {
    /// A new one with the current schema.
    async fn fresh() -> Self;

    /// Says that it was put back from a backup; how many rooms heard it.
    async fn restored(&self) -> usize;

    /// One more store on it, as another replica would have.
    async fn open(&self) -> Arc<dyn Store>;
}

/// All cases as tests of one [`Database`].
macro_rules! store_contract {
    ($database:ty) => {
        store_contract! { @cases $database;
            append::commits_and_reads_back
            append::takes_nothing_for_nothing
            append::refuses_a_stale_seq
            append::refuses_a_stale_epoch
            append::answers_a_repeat_before_staleness
            append::keeps_operations_of_rooms_apart
            append::takes_effect_per_room_or_not_at_all
            append::keeps_big_batches_whole
            append::sets_the_policy_with_the_events
            append::refuses_misuse_without_a_trace
            append::finishes_what_was_begun_when_dropped
            append::knows_no_room_of_another_tenant
            audit::is_read_newest_first_in_pages
            audit::is_kept_apart_by_tenant
            audit::has_one_calendar_link_a_person
            feed::comes_in_pages_without_loss_or_repeat
            feed::brings_events_as_they_were_written
            feed::keeps_tenants_apart_in_the_feed
            feed::keeps_events_of_archived_rooms
            feed::begins_with_what_is_new
            feed::ends_a_page_at_its_bytes
            feed::starts_again_when_its_event_is_not_there
            feed::misses_nothing_while_many_write
            occupancy::refuses_overlap_across_rooms
            occupancy::refuses_overlap_within_a_room
            occupancy::lets_ends_touch_but_not_buffers
            occupancy::lets_warnings_pass
            occupancy::applies_changes_in_order
            occupancy::applies_rooms_in_the_given_order
            occupancy::moves_a_course_that_takes_again
            occupancy::changes_what_a_course_has_event_by_event
            occupancy::keeps_tenants_apart
            occupancy::keeps_trainers_and_studios_apart
            occupancy::is_freed_by_archiving
            occupancy::names_at_most_twenty
            occupancy::lists_what_other_rooms_took
            occupancy::refuses_what_overlaps_another_rooms_override
            occupancy::sees_an_override_of_the_same_call
            occupancy::leaves_overrides_inside_a_room_to_the_room
            occupancy::does_not_judge_again_what_is_kept
            races::let_one_of_many_commit
            races::leave_a_log_without_gaps
            races::give_a_slot_to_one_room
            races::never_tear_a_load
            races::show_only_committed_rooms
            read::pages_history_both_ways
            read::finds_an_event_by_its_operation
            read::keeps_the_first_snapshot
            read::loads_snapshot_tail_and_members
            read::loads_no_more_of_the_tail_than_fits
            rooms::are_made_with_owner_and_snapshot
            rooms::are_not_there_for_other_tenants
            rooms::are_listed_in_pages
            rooms::change_until_archived
            rooms::are_archived_once
            rooms::have_members
            rooms::have_new_epochs_after_a_restore
            rooms::tell_their_heads
            rooms::answer_a_ping
        }
    };
    (@cases $database:ty; $($module:ident :: $case:ident)*) => {
        $(
            #[tokio::test]
            async fn $case() {
                crate::store::$module::$case::<$database>().await;
            }
        )*
    };
}

pub(crate) use store_contract;
