//! Wake-ups between replicas.
