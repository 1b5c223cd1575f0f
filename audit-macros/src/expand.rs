//! From the validated entity to tokens.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};

use crate::{hooks, model::Model};

/// The impls of an audited entity.
pub(crate) fn model(model: &Model) -> TokenStream {
    let audited = impl_audited(model);
    let keys = refuse_hidden_keys(model);
    let registered = quote! {
        ::sea_orm_audit::__private::inventory::submit! {
            ::sea_orm_audit::__private::RegisteredTable::of::<Entity>()
        }
    };
    let behavior = match model.custom_behavior {
        Some(span) => quote_spanned! {span=>
            const _: fn() = || {
                fn records<A: ::sea_orm_audit::__private::CustomBehavior>() {}
                records::<ActiveModel>();
            };
        },
        None => hooks::active_model_behavior(&quote!(ActiveModel), &[]),
    };
    quote! {
        #audited
        #keys
        #behavior
        #registered
    }
}

fn impl_audited(model: &Model) -> TokenStream {
    let log = model.log.iter();
    let by_trigger = model
        .by_trigger
        .then(|| quote!(.capture(::sea_orm_audit::Capture::Trigger)));
    let full_values = model
        .full_values
        .then(|| quote!(.values(::sea_orm_audit::Values::Full)));
    let require_actor = model.require_actor.then(|| quote!(.require_actor()));
    let excluded = &model.excluded;
    let redacted = &model.redacted;
    quote! {
        #[automatically_derived]
        impl ::sea_orm_audit::Audited for Entity {
            const OPTIONS: ::sea_orm_audit::Options =
                ::sea_orm_audit::Options::DEFAULT #by_trigger #(.log(#log))* #full_values #require_actor;
            const EXCLUDED: &'static [<Self as ::sea_orm::EntityTrait>::Column] =
                &[#(<Self as ::sea_orm::EntityTrait>::Column::#excluded),*];
            const REDACTED: &'static [<Self as ::sea_orm::EntityTrait>::Column] =
                &[#(<Self as ::sea_orm::EntityTrait>::Column::#redacted),*];
        }
    }
}

/// Makes hiding a key column an error where the model does not know the key.
///
/// In the expanded format the key is only in `enum PrimaryKey`, which a derive on the model cannot see. But
/// `<PrimaryKey>::Name` is that enum's variant where there is one, and else the constant of a trait that every
/// type implements: the type of the value tells the two apart.
fn refuse_hidden_keys(model: &Model) -> Option<TokenStream> {
    let hidden: Vec<&Ident> = model.excluded.iter().chain(&model.redacted).collect();
    if hidden.is_empty() {
        return None;
    }
    let checks = hidden.iter().map(|variant| {
        let message = format!(
            "`{variant}` is a key column and cannot be skipped or redacted\n\n\
             help: an entry names its record by the key; skip or redact other columns only"
        );
        quote_spanned! {variant.span()=>
            const _: () = ::core::assert!(!belongs_to_key(&<Key>::#variant), #message);
        }
    });
    Some(quote! {
        const _: () = {
            type Key = <Entity as ::sea_orm::EntityTrait>::PrimaryKey;
            struct NoKey;

            trait MayBeKey {
                const IS_KEY: bool;
            }
            impl MayBeKey for Key {
                const IS_KEY: bool = true;
            }
            impl MayBeKey for NoKey {
                const IS_KEY: bool = false;
            }

            #[allow(dead_code, non_upper_case_globals)]
            trait UnlessVariant {
                #(const #hidden: NoKey = NoKey;)*
            }
            impl UnlessVariant for Key {}

            const fn belongs_to_key<T: MayBeKey>(_: &T) -> bool {
                T::IS_KEY
            }
            #(#checks)*
        };
    })
}
