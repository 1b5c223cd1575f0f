//! `#[audited(..)]`: from text to values.

use proc_macro2::{Ident, Span, TokenTree};
use syn::{
    Attribute, Expr, Lit, LitStr, MacroDelimiter, Meta, Path, Token, ext::IdentExt,
    punctuated::Punctuated, spanned::Spanned,
};

use crate::{error::Errors, field_list, log_name, suggest};

const ON_STRUCT: &str = "on the struct are allowed: `exclude(field, ..)`, `redact(field, ..)`, \
    `capture = \"hooks\" | \"trigger\"`, `values = \"changed\" | \"full\"`, `log = \"table\"`, `require_actor`, `custom_behavior`";
const ON_FIELD: &str = "on a field are allowed: `skip`, `redact`";
const STRUCT_OPTIONS: [&str; 7] = [
    "exclude",
    "redact",
    "capture",
    "values",
    "log",
    "require_actor",
    "custom_behavior",
];
const FIELD_OPTIONS: [&str; 2] = ["skip", "redact"];

/// What happens to a column that is not simply recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hiding {
    /// `exclude(..)` and `skip`: the column is nowhere.
    Excluded,
    /// `redact`: that it changed is recorded, its value is not.
    Redacted,
}

/// The options of the struct.
#[derive(Default)]
pub(crate) struct EntityOptions {
    /// The fields of `exclude(..)` and `redact(..)`, in the order in which they are written.
    pub(crate) hidden: Vec<(Hiding, Ident)>,
    pub(crate) by_trigger: bool,
    pub(crate) full_values: bool,
    pub(crate) log: Option<LitStr>,
    pub(crate) require_actor: bool,
    /// Where `custom_behavior` is written.
    pub(crate) custom_behavior: Option<Span>,
}

impl EntityOptions {
    pub(crate) fn read(attrs: &[Attribute], errors: &mut Errors) -> Self {
        let mut options = Self::default();
        let mut seen = Vec::new();
        for meta in metas(attrs, ON_STRUCT, errors) {
            let name = option_name(meta.path());
            if STRUCT_OPTIONS.contains(&name.as_str()) && is_repeated(&name, &mut seen) {
                let help = "write the option once, with everything that belongs to it";
                errors.at(meta.path(), format!("`{name}` is written twice"), help);
                // Its fields are read all the same: they may hold mistakes of their own.
                if !matches!(name.as_str(), "exclude" | "redact") {
                    continue;
                }
            }
            options.set(&name, &meta, errors);
        }
        options
    }

    fn set(&mut self, name: &str, meta: &Meta, errors: &mut Errors) {
        match name {
            "exclude" => self.hide(Hiding::Excluded, name, meta, errors),
            "redact" => self.hide(Hiding::Redacted, name, meta, errors),
            "capture" => {
                let form = "capture = \"hooks\" | \"trigger\"";
                if let Some(text) = string(meta, form, errors) {
                    match text.value().as_str() {
                        "hooks" => {}
                        "trigger" => self.by_trigger = true,
                        other => {
                            unknown_value("capture", other, &text, &["hooks", "trigger"], errors);
                        }
                    }
                }
            }
            "values" => {
                let form = "values = \"changed\" | \"full\"";
                if let Some(text) = string(meta, form, errors) {
                    match text.value().as_str() {
                        "changed" => {}
                        "full" => self.full_values = true,
                        other => unknown_value("values", other, &text, &["changed", "full"], errors),
                    }
                }
            }
            "log" => {
                if let Some(text) = string(meta, "log = \"product_audit\"", errors) {
                    match log_name::check(&text.value()) {
                        Ok(()) => self.log = Some(text),
                        Err(why) => errors.at(&text, why, log_name::HELP),
                    }
                }
            }
            "require_actor" => self.require_actor = flag(name, meta, errors),
            "custom_behavior" => {
                flag(name, meta, errors);
                // Even when misused: the user does have a behaviour of their own.
                self.custom_behavior = Some(meta.path().span());
            }
            "skip" => errors.at(
                meta.path(),
                "`skip` is an option of a field, not of the struct",
                format!("write `exclude(field, ..)` here, or `#[audited(skip)]` on the field; {ON_STRUCT}"),
            ),
            _ => unknown_option(name, meta, &STRUCT_OPTIONS, ON_STRUCT, errors),
        }
    }

    fn hide(&mut self, hiding: Hiding, name: &str, meta: &Meta, errors: &mut Errors) {
        let fields = field_list::read(name, meta, errors);
        self.hidden
            .extend(fields.into_iter().map(|field| (hiding, field)));
    }
}

/// The options of a field, each with the place where it is written.
pub(crate) fn field_options(attrs: &[Attribute], errors: &mut Errors) -> Vec<(Hiding, Path)> {
    let mut options = Vec::new();
    for meta in metas(attrs, ON_FIELD, errors) {
        let name = option_name(meta.path());
        let hiding = match name.as_str() {
            "skip" => Hiding::Excluded,
            "redact" => Hiding::Redacted,
            other if STRUCT_OPTIONS.contains(&other) => {
                let message = format!("`{other}` is an option of the struct, not of a field");
                errors.at(meta.path(), message, ON_FIELD);
                continue;
            }
            other => {
                unknown_option(other, &meta, &FIELD_OPTIONS, ON_FIELD, errors);
                continue;
            }
        };
        if flag(&name, &meta, errors) {
            options.push((hiding, meta.path().clone()));
        }
    }
    options
}

/// Whether a behaviour of the user's own is spoken of, be it in attributes that cannot be read.
///
/// Decides what is expanded beside an error, so that a typo does not bring up a conflicting impl as well.
pub(crate) fn mentions_custom_behavior(attrs: &[Attribute]) -> bool {
    audited(attrs).any(|attr| match &attr.meta {
        Meta::List(list) => list.tokens.clone().into_iter().any(|token| {
            matches!(token, TokenTree::Ident(ident)
                if suggest::closest(&ident.to_string(), STRUCT_OPTIONS) == Some("custom_behavior"))
        }),
        _ => false,
    })
}

/// The attributes that are ours.
pub(crate) fn audited(attrs: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    attrs.iter().filter(|attr| attr.path().is_ident("audited"))
}

fn metas(attrs: &[Attribute], allowed: &str, errors: &mut Errors) -> Vec<Meta> {
    let mut metas = Vec::new();
    for attr in audited(attrs) {
        let parsed = match &attr.meta {
            Meta::List(list) if matches!(list.delimiter, MacroDelimiter::Paren(_)) => {
                list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated)
            }
            _ => Ok(Punctuated::new()),
        };
        match parsed {
            Ok(parsed) if parsed.is_empty() => {
                errors.at(&attr.meta, "`#[audited(..)]` without an option", allowed);
            }
            Ok(parsed) => metas.extend(parsed),
            Err(error) => errors.syntax(&error, allowed),
        }
    }
    metas
}

fn option_name(path: &Path) -> String {
    path.get_ident()
        .map(|ident| ident.unraw().to_string())
        .unwrap_or_default()
}

fn is_repeated(name: &str, seen: &mut Vec<String>) -> bool {
    let repeated = seen.iter().any(|other| other == name);
    seen.push(name.to_owned());
    repeated
}

fn unknown_option(name: &str, meta: &Meta, known: &[&str], allowed: &str, errors: &mut Errors) {
    let hint = suggest::did_you_mean(name, known.iter().copied());
    let message = if name.is_empty() {
        "an option is a single word".to_owned()
    } else {
        format!("unknown option `{name}`")
    };
    errors.at(meta.path(), message, format!("{hint}{allowed}"));
}

fn unknown_value(option: &str, value: &str, at: &LitStr, known: &[&str], errors: &mut Errors) {
    let hint = suggest::did_you_mean(value, known.iter().copied());
    let allowed: Vec<String> = known.iter().map(|value| format!("{value:?}")).collect();
    errors.at(
        at,
        format!("unknown value {value:?} of `{option}`"),
        format!("{hint}allowed: {}", allowed.join(", ")),
    );
}

/// The text of `name = "text"`.
fn string(meta: &Meta, form: &str, errors: &mut Errors) -> Option<LitStr> {
    let found = match meta {
        Meta::NameValue(pair) => string_literal(&pair.value),
        Meta::Path(_) | Meta::List(_) => None,
    };
    if found.is_none() {
        let name = option_name(meta.path());
        let message = format!("`{name}` takes a string");
        let help = format!("write `{form}`");
        match meta {
            Meta::NameValue(pair) => errors.at(&pair.value, message, help),
            Meta::Path(_) | Meta::List(_) => errors.at(meta, message, help),
        }
    }
    found
}

fn string_literal(expr: &Expr) -> Option<LitStr> {
    match expr {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Str(text) => Some(text.clone()),
            _ => None,
        },
        // A fragment of the user's own `macro_rules!`.
        Expr::Group(group) => string_literal(&group.expr),
        _ => None,
    }
}

/// Whether the option is written as a single word.
fn flag(name: &str, meta: &Meta, errors: &mut Errors) -> bool {
    let message = format!("`{name}` takes no value");
    let help = format!("write `{name}` alone");
    match meta {
        Meta::Path(_) => return true,
        Meta::NameValue(pair) => errors.at(&pair.value, message, help),
        Meta::List(list) => errors.at(list, message, help),
    }
    false
}

#[cfg(test)]
mod tests {
    use syn::{Attribute, parse_quote};

    use super::{EntityOptions, Hiding, field_options, mentions_custom_behavior};
    use crate::error::Errors;

    fn read(attrs: &[Attribute]) -> (EntityOptions, Vec<String>) {
        let mut errors = Errors::default();
        let options = EntityOptions::read(attrs, &mut errors);
        (options, errors.messages())
    }

    #[test]
    fn options_add_up_over_attributes_and_foreign_ones_are_left_alone() {
        let (options, errors) = read(&[
            parse_quote!(#[sea_orm(table_name = "a", exclude(b))]),
            parse_quote!(#[audited(exclude(a, r#type,), values = "full")]),
            parse_quote!(#[audited(require_actor, redact(b), log = "x.y")]),
        ]);
        assert!(errors.is_empty(), "{errors:?}");
        let hidden: Vec<_> = options
            .hidden
            .iter()
            .map(|(hiding, field)| (*hiding, field.to_string()))
            .collect();
        assert_eq!(
            hidden,
            [
                (Hiding::Excluded, "a".to_owned()),
                (Hiding::Excluded, "r#type".to_owned()),
                (Hiding::Redacted, "b".to_owned()),
            ]
        );
        assert!(options.full_values && options.require_actor);
        assert_eq!(options.log.unwrap().value(), "x.y");
        assert!(options.custom_behavior.is_none());
    }

    #[test]
    fn every_mistake_of_an_attribute_is_reported() {
        let (_, errors) = read(&[parse_quote!(
            #[audited(skip, exclude(1, a + b, , c), values = 3, log = "", capture = "triggers", nonsense)]
        )]);
        assert_eq!(errors.len(), 8, "{errors:#?}");
        assert!(errors.iter().all(|error| error.contains("\n\nhelp: ")));
    }

    #[test]
    fn a_field_has_options_of_its_own() {
        let mut errors = Errors::default();
        let attrs: [Attribute; 1] = [parse_quote!(#[audited(skip, redact(a), exclude(b), log)])];
        let options = field_options(&attrs, &mut errors);
        assert_eq!(options.len(), 1);
        assert_eq!(errors.messages().len(), 3);
    }

    #[test]
    fn a_behavior_is_noticed_even_where_nothing_can_be_read() {
        let attr: Attribute = parse_quote!(#[audited(exclude(a) custom_behaviour)]);
        assert!(mentions_custom_behavior(&[attr]));
        let attr: Attribute = parse_quote!(#[audited(exclude(a) values)]);
        assert!(!mentions_custom_behavior(&[attr]));
    }
}
