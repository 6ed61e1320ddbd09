//! The connector against replies of the vendor's shape.
