//! The actors of one replica.
