//! Why a value has no canonical form, or a form no value. No error carries a value.

use std::fmt::{self, Write as _};

use thiserror::Error;

/// A value that cannot be recorded: this build does not know its kind, or it is JSON that is nested too deep.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("values of kind `{kind}` cannot be recorded: {remedy}")]
#[non_exhaustive]
pub struct Unencodable {
    kind: String,
    remedy: &'static str,
}

impl Unencodable {
    /// `value` is a variant which the enabled features do not cover.
    pub(super) fn variant(value: &sea_orm::Value) -> Self {
        let kind = variant_name(value);
        let remedy = remedy(&kind);
        Self { kind, remedy }
    }

    /// JSON that could be written and not be read.
    pub(super) fn too_deep() -> Self {
        Self {
            kind: "Json".to_owned(),
            remedy: "arrays and objects are more than 126 levels deep, which no entry can be read back with",
        }
    }
}

/// A recorded form that is no value of the column's type.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Undecodable {
    /// The form is not one of the type's forms, or outside its range.
    #[error("expected {expected}")]
    Form {
        /// What the type wants.
        expected: &'static str,
    },
    /// The enabled features do not cover the type.
    #[error("values of kind `{kind}` cannot be read back: {remedy}")]
    Kind {
        /// The type, by SeaQuery's name.
        kind: String,
        /// What to do about it.
        remedy: &'static str,
    },
}

impl Undecodable {
    /// `ty` is a variant which the enabled features do not cover.
    pub(super) fn variant(ty: &sea_orm::sea_query::ArrayType) -> Self {
        Self::kind(variant_name(ty))
    }

    /// SeaQuery's name of a kind that is no variant of its type enum.
    pub(super) fn kind(kind: String) -> Self {
        let remedy = remedy(&kind);
        Self::Kind { kind, remedy }
    }
}

fn remedy(kind: &str) -> &'static str {
    match kind {
        "Vector" => "enable feature `postgres-vector` of sea-orm-audit",
        "Uuid" => "enable feature `with-uuid` of sea-orm-audit",
        "Decimal" => "enable feature `with-rust_decimal` of sea-orm-audit",
        "BigDecimal" => "enable feature `with-bigdecimal` of sea-orm-audit",
        "IpNetwork" => "enable feature `with-ipnetwork` of sea-orm-audit",
        "MacAddress" => "enable feature `with-mac_address` of sea-orm-audit",
        kind if kind.starts_with("Time") => "enable feature `with-time` of sea-orm-audit",
        _ => "sea-orm-audit does not know this kind, exclude the column with `#[audited(skip)]`",
    }
}

/// The variant's name. Only `Debug` knows it, for a variant that cannot be named here; writing stops before the
/// contents, so that no part of a value is ever copied.
fn variant_name(variant: &impl fmt::Debug) -> String {
    struct Name(String);

    impl fmt::Write for Name {
        fn write_str(&mut self, part: &str) -> fmt::Result {
            for c in part.chars() {
                if !c.is_ascii_alphanumeric() {
                    return Err(fmt::Error);
                }
                self.0.push(c);
            }
            Ok(())
        }
    }

    let mut name = Name(String::new());
    // The error is how writing stops.
    let _ = write!(name, "{variant:?}");
    name.0
}

#[cfg(test)]
mod tests {
    use sea_orm::{Value, sea_query::ArrayType};

    use super::*;

    #[test]
    fn an_error_names_the_kind_and_never_the_value() {
        let error = Unencodable::variant(&Value::String(Some("secret".into())));
        assert_eq!(error.kind, "String");
        assert!(!format!("{error} {error:?}").contains("secret"));

        let error = Undecodable::variant(&ArrayType::Enum(Box::new("mood".into())));
        assert!(error.to_string().contains("kind `Enum` cannot"));
    }

    #[test]
    fn an_error_says_which_feature_is_missing() {
        for (kind, feature) in [
            ("TimeDateTimeWithTimeZone", "`with-time`"),
            ("Uuid", "`with-uuid`"),
            ("BigDecimal", "`with-bigdecimal`"),
            ("JiffDate", "does not know"),
        ] {
            assert!(
                Undecodable::kind(kind.to_owned())
                    .to_string()
                    .contains(feature),
                "{kind}"
            );
        }
    }
}
