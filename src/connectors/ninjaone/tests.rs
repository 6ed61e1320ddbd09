//! Against replies of the vendor's shape, written by hand.
