//! The domain as a whole: laws that hold for any sequence of operations, and every refusal by
//! example.

mod properties {
    mod brute;
    mod laws;
    mod merging;
    mod overlaps;
    mod refusals;
    mod restoring;
    mod templates;
    mod undoing;
    mod wishes;
    mod world;
}
