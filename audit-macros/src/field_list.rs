//! The fields that an option of the struct names.

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};
use syn::{MacroDelimiter, Meta};

use crate::error::Errors;

/// Reads the names in `name(field, ..)`.
pub(crate) fn read(name: &str, meta: &Meta, errors: &mut Errors) -> Vec<Ident> {
    let mut form = format!("write `{name}(field, ..)` with the names of fields of the struct");
    if name == "redact" {
        form.push_str(", or `#[audited(redact)]` on the field");
    }
    let list = match meta {
        Meta::List(list) if matches!(list.delimiter, MacroDelimiter::Paren(_)) => list,
        _ => {
            errors.at(meta, format!("`{name}` takes a list of fields"), form);
            return Vec::new();
        }
    };
    if list.tokens.is_empty() {
        errors.at(list, format!("`{name}` without a field"), form);
        return Vec::new();
    }
    let tokens: Vec<TokenTree> = list.tokens.clone().into_iter().collect();
    let mut parts: Vec<&[TokenTree]> = tokens.split(is_comma).collect();
    if parts.last().is_some_and(|last| last.is_empty()) {
        parts.pop();
    }
    let mut names = Vec::new();
    for part in parts {
        match single_ident(part) {
            Some(field) => names.push(field),
            None if part.is_empty() => {
                errors.at(&list.tokens, "a name of a field is missing", &form)
            }
            None => errors.at(
                part.iter().cloned().collect::<TokenStream>(),
                "not the name of a field",
                &form,
            ),
        }
    }
    names
}

fn is_comma(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == ',')
}

fn single_ident(tokens: &[TokenTree]) -> Option<Ident> {
    match tokens {
        [TokenTree::Ident(ident)] => Some(ident.clone()),
        // A fragment of the user's own `macro_rules!`.
        [TokenTree::Group(group)] if group.delimiter() == Delimiter::None => {
            single_ident(&group.stream().into_iter().collect::<Vec<_>>())
        }
        _ => None,
    }
}
