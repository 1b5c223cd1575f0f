//! Every mistake is refused at the words that make it, with what is allowed instead.
//!
//! After a wanted change of a message: `TRYBUILD=overwrite cargo test -p sea-orm-audit-macros --test ui`, then read
//! the difference.

#[test]
fn mistakes_do_not_compile() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
