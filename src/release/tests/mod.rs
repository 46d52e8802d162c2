//! Tests of the core as a whole: each rule by an example, and all rules at once against a naive oracle.
//!
//! `PROPTEST_CASES=1000000 cargo test --release --lib laws` looks longer than the default.

mod laws;
mod oracle;
mod plans;
mod rules;
mod witnesses;
mod worlds;
