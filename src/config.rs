//! Configuration: layered load, one check of everything.
