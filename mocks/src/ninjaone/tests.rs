//! The simulator through `handle`, as a client sees it.
