//! The wire contract kyo.v1: messages, codes, codecs, envelopes.
