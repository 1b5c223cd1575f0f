//! What SeaORM makes of a field: a column under which name, or none.

use heck::ToUpperCamelCase;
use proc_macro2::{Ident, Span};
use syn::{Field, LitStr, Type, ext::IdentExt, meta::ParseNestedMeta};

/// A field of the model, as far as SeaORM's rules decide it.
pub(crate) struct FieldInfo {
    /// The field's name without `r#`.
    pub(crate) name: String,
    pub(crate) kind: FieldKind,
}

pub(crate) enum FieldKind {
    Column {
        /// The variant of `Column`.
        variant: String,
        /// Marked as (part of) the primary key on the field itself.
        key: bool,
    },
    /// Of type `BelongsTo`, `HasOne` or `HasMany`.
    Relation,
    /// `#[sea_orm(ignore)]`.
    Ignored,
}

impl FieldInfo {
    /// Reads a named field; nothing for a field without a name.
    pub(crate) fn read(field: &Field) -> Option<Self> {
        let name = field.ident.as_ref()?.unraw().to_string();
        let mut key = false;
        let mut ignored = false;
        let mut enum_name = None;
        for attr in &field.attrs {
            if !attr.path().is_ident("sea_orm") {
                continue;
            }
            // What is wrong in SeaORM's attributes is SeaORM's to report.
            let _ = attr.parse_nested_meta(|meta| {
                if meta.path.is_ident("primary_key") {
                    key = true;
                } else if meta.path.is_ident("ignore") {
                    ignored = true;
                } else if meta.path.is_ident("enum_name") {
                    enum_name = Some(meta.value()?.parse::<LitStr>()?.value());
                } else {
                    skip_value(&meta);
                }
                Ok(())
            });
        }
        let kind = if is_relation(&field.ty) {
            FieldKind::Relation
        } else if ignored {
            FieldKind::Ignored
        } else {
            let variant = enum_name.unwrap_or_else(|| variant_of(&name));
            FieldKind::Column { variant, key }
        };
        Some(Self { name, kind })
    }
}

/// The variant's identifier at the span of the words that named the field.
pub(crate) fn variant_ident(variant: &str, span: Span) -> syn::Result<Ident> {
    let mut ident: Ident =
        syn::parse_str(variant).map_err(|error| syn::Error::new(span, error.to_string()))?;
    ident.set_span(span);
    Ok(ident)
}

/// Whether SeaORM takes a field of this type for a relation; it looks at the type's last name, too.
pub(crate) fn is_relation(ty: &Type) -> bool {
    match ty {
        Type::Path(path) => path.path.segments.last().is_some_and(|segment| {
            ["BelongsTo", "HasOne", "HasMany"]
                .iter()
                .any(|relation| segment.ident == relation)
        }),
        Type::Group(group) => is_relation(&group.elem),
        _ => false,
    }
}

fn variant_of(field_name: &str) -> String {
    let variant = field_name.to_upper_camel_case();
    // SeaORM escapes every keyword here, but in upper camel case there is only one.
    if variant == "Self" {
        "Self_".to_owned()
    } else {
        variant
    }
}

fn skip_value(meta: &ParseNestedMeta<'_>) {
    if meta.input.peek(syn::token::Paren) {
        let _ = meta.parse_nested_meta(|nested| {
            skip_value(&nested);
            Ok(())
        });
    } else {
        let _ = meta.value().and_then(|value| value.parse::<syn::Expr>());
    }
}

#[cfg(test)]
mod tests {
    use syn::{Field, parse_quote};

    use super::{FieldInfo, FieldKind};

    fn variant(field: &Field) -> String {
        match FieldInfo::read(field).unwrap().kind {
            FieldKind::Column { variant, .. } => variant,
            FieldKind::Relation => "a relation".to_owned(),
            FieldKind::Ignored => "ignored".to_owned(),
        }
    }

    #[test]
    fn variants_are_named_as_seaorm_names_them() {
        assert_eq!(variant(&parse_quote!(created_at: i32)), "CreatedAt");
        assert_eq!(variant(&parse_quote!(r#type: i32)), "Type");
        assert_eq!(variant(&parse_quote!(self_: i32)), "Self_");
        assert_eq!(variant(&parse_quote!(_hidden: i32)), "Hidden");
        assert_eq!(variant(&parse_quote!(a__b: i32)), "AB");
        assert_eq!(variant(&parse_quote!(ID2: i32)), "Id2");
        assert_eq!(
            variant(&parse_quote!(#[sea_orm(column_name = "x", enum_name = "Other")] a: i32)),
            "Other"
        );
    }

    #[test]
    fn what_is_no_column_is_told_apart() {
        assert_eq!(variant(&parse_quote!(#[sea_orm(ignore)] a: i32)), "ignored");
        assert_eq!(
            variant(
                &parse_quote!(#[sea_orm(belongs_to, from = "a", to = "b")] a: HasOne<super::b::Entity>)
            ),
            "a relation"
        );
        assert_eq!(
            variant(&parse_quote!(a: sea_orm::entity::prelude::HasMany<super::b::Entity>)),
            "a relation"
        );
    }

    #[test]
    fn a_key_is_seen_among_other_attributes() {
        let field = parse_quote!(
            #[sea_orm(column_type = "Text", extra(a, b = 1), auto_increment = false, primary_key)]
            id: i32
        );
        let info = FieldInfo::read(&field).unwrap();
        assert!(matches!(info.kind, FieldKind::Column { key: true, .. }));
    }
}
