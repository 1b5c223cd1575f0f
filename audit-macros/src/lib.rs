#![doc = include_str!("../README.md")]

mod attr;
mod behavior;
mod column;
mod error;
mod expand;
mod hooks;
mod log_name;
mod model;
mod suggest;

use proc_macro::TokenStream;
use quote::quote;
use syn::{DeriveInput, parse_macro_input};

/// stub
#[proc_macro_derive(Audited, attributes(audited))]
pub fn derive_audited(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    let mut errors = error::Errors::default();
    let impls = match model::Input::read(&input, &mut errors) {
        model::Input::Model(model) => expand::model(&model),
        model::Input::ModelEx | model::Input::Unusable => proc_macro2::TokenStream::new(),
    };
    let errors = errors.into_tokens();
    quote! {
        #errors
        #impls
    }
    .into()
}

/// stub
#[proc_macro_attribute]
pub fn behavior(arguments: TokenStream, item: TokenStream) -> TokenStream {
    behavior::expand(&arguments.into(), item.into()).into()
}
