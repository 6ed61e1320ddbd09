//! The connector against hand-written replies.
