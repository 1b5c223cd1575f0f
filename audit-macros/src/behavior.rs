//! `#[behavior]`: the user's impl of `ActiveModelBehavior`, with the recording around it.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Attribute, ImplItem, Item, ItemImpl, Path, ext::IdentExt};

use crate::{
    error::Errors,
    hooks::{self, Hook, UserHook},
    suggest,
};

const HELP: &str =
    "put `#[sea_orm_audit::behavior]` on `impl ActiveModelBehavior for ActiveModel { .. }`";

/// Expands the attribute; with an error the rest still compiles, so that one mistake gives one error.
pub(crate) fn expand(arguments: &TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    if !arguments.is_empty() {
        let help =
            "write `#[sea_orm_audit::behavior]`; options go into `#[audited(..)]` on the model";
        errors.at(arguments, "`behavior` takes no arguments", help);
    }
    let expanded = match syn::parse2::<Item>(item.clone()) {
        Ok(Item::Impl(block)) => match behavior_path(&block) {
            Some(path) if is_plain(&block, &mut errors) => {
                let path = path.clone();
                impls(block, &path, &mut errors)
            }
            Some(_) => fallback(),
            None => {
                let at = block.trait_.as_ref().map_or_else(
                    || block.impl_token.to_token_stream(),
                    |(_, path, _)| path.to_token_stream(),
                );
                errors.at(at, "this is not an impl of `ActiveModelBehavior`", HELP);
                item
            }
        },
        Ok(other) => {
            // Underlining the whole item would hide what is meant.
            let at: TokenStream = other.to_token_stream().into_iter().take(1).collect();
            errors.at(at, "this is not an impl of `ActiveModelBehavior`", HELP);
            item
        }
        Err(error) => {
            errors.syntax(&error, HELP);
            item
        }
    };
    let errors = errors.into_tokens();
    quote! {
        #errors
        #expanded
    }
}

/// The path of the trait, if it is SeaORM's.
fn behavior_path(block: &ItemImpl) -> Option<&Path> {
    let (_, path, _) = block.trait_.as_ref()?;
    let last = path.segments.last()?;
    (last.ident == "ActiveModelBehavior").then_some(path)
}

/// Reports what an impl of `ActiveModelBehavior` cannot be.
fn is_plain(block: &ItemImpl, errors: &mut Errors) -> bool {
    let (at, message) = if let Some((Some(negative), _, _)) = &block.trait_ {
        (negative.to_token_stream(), "a negative impl has no hooks")
    } else if let Some(unsafety) = &block.unsafety {
        (
            unsafety.to_token_stream(),
            "`ActiveModelBehavior` is not an unsafe trait",
        )
    } else if let Some(default) = &block.defaultness {
        (
            default.to_token_stream(),
            "a default impl cannot be recorded",
        )
    } else if !block.generics.params.is_empty() {
        (
            block.generics.to_token_stream(),
            "an active model has no generics",
        )
    } else if let Some(clause) = &block.generics.where_clause {
        (
            clause.to_token_stream(),
            "an active model has no generics, hence no bounds",
        )
    } else {
        return true;
    };
    errors.at(at, message, HELP);
    false
}

/// Stands in for an impl that cannot be taken over.
fn fallback() -> TokenStream {
    let target = quote!(ActiveModel);
    let behavior = hooks::active_model_behavior(&target, &[]);
    let marker = impl_marker(&target);
    quote!(#behavior #marker)
}

/// What tells the derive that the hooks are recorded.
fn impl_marker(target: &TokenStream) -> TokenStream {
    quote! {
        #[automatically_derived]
        impl ::sea_orm_audit::__private::CustomBehavior for #target {}
    }
}

/// The user's hooks, moved to a trait of their own, and the real impl that calls them.
///
/// The trait has other method names than SeaORM's: a trait is always in scope within its own impl, so with the same
/// names `Self::new()` in the user's code would be ambiguous. The import gives that code what its impl had in scope.
fn impls(mut block: ItemImpl, path: &Path, errors: &mut Errors) -> TokenStream {
    let user = take_hooks(&mut block, errors);
    let user_trait = hooks::user_trait();
    let target = block.self_ty.to_token_stream();
    let behavior = hooks::active_model_behavior(&target, &user);
    let marker = impl_marker(&target);
    let signatures = user.iter().map(|user| {
        let cfgs = &user.cfgs;
        let signature = user.hook.user_signature();
        quote!(#(#cfgs)* #signature)
    });
    let cfgs = cfgs(&block.attrs);
    if let Some((_, path, _)) = &mut block.trait_ {
        *path = user_trait.clone().into();
    }
    quote! {
        #(#cfgs)*
        const _: () = {
            #[allow(unused_imports)]
            use #path as _;

            #[::sea_orm_audit::__private::async_trait]
            trait #user_trait: ::sea_orm::ActiveModelBehavior {
                #(#signatures)*
            }

            #block

            #marker
            #behavior
        };
    }
}

/// Renames the user's hooks in place and says which there are. What is no hook is reported and dropped.
fn take_hooks(block: &mut ItemImpl, errors: &mut Errors) -> Vec<UserHook> {
    let mut user = Vec::new();
    block.items.retain_mut(|item| {
        let ImplItem::Fn(function) = item else {
            errors.at(&*item, "this is not a hook", allowed());
            return false;
        };
        let name = function.sig.ident.unraw().to_string();
        let Some(hook) = Hook::ALL.into_iter().find(|hook| hook.name() == name) else {
            let hint = suggest::did_you_mean(&name, Hook::ALL.into_iter().map(Hook::name));
            let message = format!("`{name}` is not a hook of `ActiveModelBehavior`");
            errors.at(&function.sig.ident, message, format!("{hint}{}", allowed()));
            return false;
        };
        function.sig.ident = hook.user_name(function.sig.ident.span());
        let cfgs = cfgs(&function.attrs);
        user.push(UserHook { hook, cfgs });
        true
    });
    user
}

fn allowed() -> String {
    let names = Hook::ALL.map(|hook| format!("`{}`", hook.name()));
    format!("the hooks are: {}", names.join(", "))
}

fn cfgs(attrs: &[Attribute]) -> Vec<Attribute> {
    attrs
        .iter()
        .filter(|attr| attr.path().is_ident("cfg"))
        .cloned()
        .collect()
}
