//! The validated entity: the rules that need more than one option, or the fields.

use proc_macro2::{Ident, Span};
use quote::ToTokens;
use syn::{Data, DeriveInput, Field, Fields, ext::IdentExt, punctuated::Punctuated, token::Comma};

use crate::{
    attr::{self, EntityOptions, Hiding},
    column::{self, FieldInfo, FieldKind},
    error::Errors,
    suggest,
};

/// What the derive stands on.
pub(crate) enum Input {
    /// An entity's model.
    Model(Model),
    /// SeaORM's copy of the model, for which the model itself speaks.
    ModelEx,
    /// Nothing that could be audited; the error is reported.
    Unusable,
}

/// An entity, ready to be written out.
#[derive(Default)]
pub(crate) struct Model {
    pub(crate) by_trigger: bool,
    pub(crate) full_values: bool,
    pub(crate) log: Option<syn::LitStr>,
    pub(crate) require_actor: bool,
    /// Where `custom_behavior` is written.
    pub(crate) custom_behavior: Option<Span>,
    /// Variants of `Column`, spanned by the words that named them.
    pub(crate) excluded: Vec<Ident>,
    pub(crate) redacted: Vec<Ident>,
}

impl Input {
    pub(crate) fn read(input: &DeriveInput, errors: &mut Errors) -> Self {
        let named = match &input.data {
            Data::Struct(data) => match &data.fields {
                Fields::Named(fields) => Some(&fields.named),
                Fields::Unnamed(_) | Fields::Unit => None,
            },
            Data::Enum(_) | Data::Union(_) => None,
        };
        let Some(fields) = named else {
            errors.at(
                &input.ident,
                "`Audited` can only be derived for the `Model` of an entity",
                "put it on a struct with named fields: `pub struct Model { .. }`",
            );
            return Self::Unusable;
        };
        if input.ident == "ModelEx" {
            refuse_options_of_relations(fields, errors);
            return Self::ModelEx;
        }
        if input.ident != "Model" {
            errors.at(
                &input.ident,
                "`Audited` can only be derived for the `Model` of an entity",
                "name the struct `Model`, as SeaORM does, and give each entity a module of its own",
            );
            return Self::Unusable;
        }
        Self::Model(Model::read(input, fields, errors))
    }
}

impl Model {
    fn read(input: &DeriveInput, fields: &Punctuated<Field, Comma>, errors: &mut Errors) -> Self {
        let options = EntityOptions::read(&input.attrs, errors);
        let mut columns = Columns::read(fields);
        for (hiding, field) in &options.hidden {
            match columns.position(field) {
                Some(index) => columns.hide(index, *hiding, field, errors),
                None => columns.unknown(field, errors),
            }
        }
        for (index, field) in fields.iter().enumerate() {
            for (hiding, written) in attr::field_options(&field.attrs, errors) {
                columns.hide(index, hiding, written, errors);
            }
        }
        if !errors.is_empty() {
            return Self::fallback(&input.attrs);
        }
        Self {
            by_trigger: options.by_trigger,
            full_values: options.full_values,
            log: options.log,
            require_actor: options.require_actor,
            custom_behavior: options.custom_behavior,
            excluded: columns.hidden_as(Hiding::Excluded),
            redacted: columns.hidden_as(Hiding::Redacted),
        }
    }

    /// What is expanded beside an error: as much as keeps the rest of the user's code compiling.
    fn fallback(attrs: &[syn::Attribute]) -> Self {
        Self {
            custom_behavior: attr::mentions_custom_behavior(attrs).then(Span::call_site),
            ..Self::default()
        }
    }
}

/// The model's fields and what has been said about each so far.
struct Columns(Vec<(FieldInfo, Option<(Hiding, Ident)>)>);

impl Columns {
    fn read(fields: &Punctuated<Field, Comma>) -> Self {
        Self(
            fields
                .iter()
                .filter_map(FieldInfo::read)
                .map(|field| (field, None))
                .collect(),
        )
    }

    fn position(&self, name: &Ident) -> Option<usize> {
        let name = name.unraw();
        self.0.iter().position(|(field, _)| name == field.name)
    }

    fn hide(&mut self, index: usize, hiding: Hiding, written: impl ToTokens, errors: &mut Errors) {
        let allowed = self.allowed();
        let Some((field, hidden)) = self.0.get_mut(index) else {
            return;
        };
        let name = &field.name;
        let (variant, key) = match &field.kind {
            FieldKind::Column { variant, key } => (variant, *key),
            FieldKind::Relation => {
                return errors.at(
                    written,
                    format!("`{name}` is a relation, not a column"),
                    allowed,
                );
            }
            FieldKind::Ignored => {
                let message = format!("`{name}` is `#[sea_orm(ignore)]`, not a column");
                return errors.at(written, message, allowed);
            }
        };
        if key {
            let message = match hiding {
                Hiding::Excluded => format!("`{name}` is a key column and cannot be skipped"),
                Hiding::Redacted => format!("`{name}` is a key column and cannot be redacted"),
            };
            return errors.at(
                written,
                message,
                format!("an entry names its record by the key; {allowed}"),
            );
        }
        match hidden {
            Some((earlier, _)) if *earlier == hiding => {
                let message = match hiding {
                    Hiding::Excluded => format!("`{name}` is skipped twice"),
                    Hiding::Redacted => format!("`{name}` is redacted twice"),
                };
                errors.at(written, message, "name a field once, on the struct or on the field");
            }
            Some(_) => errors.at(
                written,
                format!("`{name}` is both skipped and redacted"),
                "choose one: `skip` (or `exclude`) keeps the column out of the log, `redact` records that it changed",
            ),
            None => {
                let span = written
                    .into_token_stream()
                    .into_iter()
                    .next()
                    .map_or_else(Span::call_site, |token| token.span());
                match column::variant_ident(variant, span) {
                    Ok(variant) => *hidden = Some((hiding, variant)),
                    Err(error) => errors.syntax(&error, allowed),
                }
            }
        }
    }

    fn unknown(&self, name: &Ident, errors: &mut Errors) {
        let text = name.unraw().to_string();
        let hint = suggest::did_you_mean(&text, self.names());
        let help = format!("{hint}{}", self.allowed());
        errors.at(
            name,
            format!("`{text}` is not a column of this entity"),
            help,
        );
    }

    /// The names of the columns that may be skipped or redacted.
    fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|(field, _)| match field.kind {
            FieldKind::Column { key: false, .. } => Some(field.name.as_str()),
            _ => None,
        })
    }

    fn allowed(&self) -> String {
        let names: Vec<String> = self.names().map(|name| format!("`{name}`")).collect();
        if names.is_empty() {
            return "this entity has no column that can be skipped or redacted".to_owned();
        }
        format!("can be skipped or redacted: {}", names.join(", "))
    }

    fn hidden_as(&self, wanted: Hiding) -> Vec<Ident> {
        self.0
            .iter()
            .filter_map(|(_, hidden)| match hidden {
                Some((hiding, variant)) if *hiding == wanted => Some(variant.clone()),
                _ => None,
            })
            .collect()
    }
}

/// Under `#[sea_orm::model]` the relations are fields of `ModelEx` only, so it is here that options on them are seen.
fn refuse_options_of_relations(fields: &Punctuated<Field, Comma>, errors: &mut Errors) {
    for field in fields.iter().filter(|field| column::is_relation(&field.ty)) {
        for attr in attr::audited(&field.attrs) {
            errors.at(
                &attr.meta,
                "a relation is not a column",
                "remove the attribute; what belongs to another entity is decided there",
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use syn::{DeriveInput, parse_quote};

    use super::{Input, Model};
    use crate::error::Errors;

    fn read(input: &DeriveInput) -> (Option<Model>, Vec<String>) {
        let mut errors = Errors::default();
        let model = match Input::read(input, &mut errors) {
            Input::Model(model) => Some(model),
            Input::ModelEx | Input::Unusable => None,
        };
        (model, errors.messages())
    }

    #[test]
    fn columns_keep_the_order_of_the_fields() {
        let (model, errors) = read(&parse_quote!(
            #[audited(exclude(c, a))]
            struct Model {
                #[sea_orm(primary_key)]
                id: i32,
                a: i32,
                #[audited(skip)]
                b: i32,
                c: i32,
            }
        ));
        assert!(errors.is_empty(), "{errors:?}");
        assert_eq!(model.unwrap().excluded, ["A", "B", "C"]);
    }

    #[test]
    fn mistakes_on_the_struct_and_on_fields_are_reported_together_and_leave_a_fallback() {
        let (model, errors) = read(&parse_quote!(
            #[audited(custom_behavior, exclude(c, nobody), log = "")]
            struct Model {
                #[sea_orm(primary_key)]
                #[audited(redact)]
                id: i32,
                #[audited(hide)]
                a: i32,
                #[audited(redact)]
                c: i32,
                #[audited(skip)]
                parent: HasOne<super::parent::Entity>,
            }
        ));
        assert_eq!(errors.len(), 6, "{errors:#?}");
        let model = model.unwrap();
        assert!(model.custom_behavior.is_some());
        assert!(model.excluded.is_empty() && model.redacted.is_empty());
    }

    #[test]
    fn the_copy_of_the_model_is_silent_about_columns() {
        let (model, errors) = read(&parse_quote!(
            #[audited(exclude(nobody))]
            struct ModelEx {
                #[audited(hide)]
                a: i32,
            }
        ));
        assert!(model.is_none() && errors.is_empty(), "{errors:?}");
    }
}
