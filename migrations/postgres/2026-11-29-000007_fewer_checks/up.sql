-- PostgreSQL reads the text of each CHECK anew for every statement that writes to its table, which one
-- person's move waits for (ADR 6). Only the append functions write here, and what they are given has been
-- looked at before it is sent (src/store/misuse.rs). Tables that are seldom written keep their checks.

ALTER TABLE rooms DROP CONSTRAINT rooms_head_seq_check;
ALTER TABLE events DROP CONSTRAINT events_seq_check;
ALTER TABLE occupancies
    DROP CONSTRAINT occupancies_check,
    DROP CONSTRAINT occupancies_hold_check,
    DROP CONSTRAINT occupancies_resource_kind_check;
