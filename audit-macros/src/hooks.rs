//! SeaORM's five hooks, and the impl of `ActiveModelBehavior` that calls the user's and ours.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::Attribute;

/// A method of `ActiveModelBehavior`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hook {
    New,
    BeforeSave,
    AfterSave,
    BeforeDelete,
    AfterDelete,
}

/// A hook that the user has written.
pub(crate) struct UserHook {
    pub(crate) hook: Hook,
    /// The `#[cfg(..)]`s on it: a hook that is configured out must not be called.
    pub(crate) cfgs: Vec<Attribute>,
}

impl Hook {
    pub(crate) const ALL: [Self; 5] = [
        Self::New,
        Self::BeforeSave,
        Self::AfterSave,
        Self::BeforeDelete,
        Self::AfterDelete,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::BeforeSave => "before_save",
            Self::AfterSave => "after_save",
            Self::BeforeDelete => "before_delete",
            Self::AfterDelete => "after_delete",
        }
    }

    /// The name of the user's hook in the trait that it is moved to.
    pub(crate) fn user_name(self, span: Span) -> Ident {
        Ident::new(&format!("__user_{}", self.name()), span)
    }

    /// The method's declaration under the name of the user's hook.
    pub(crate) fn user_signature(self) -> TokenStream {
        let name = self.user_name(Span::call_site());
        let model = quote!(
            <<Self as ::sea_orm::ActiveModelTrait>::Entity as ::sea_orm::EntityTrait>::Model
        );
        let (arguments, output) = match self {
            Self::New => return quote!(fn #name() -> Self;),
            Self::BeforeSave => (quote!(self, db: &C, insert: bool), quote!(Self)),
            Self::AfterSave => (quote!(model: #model, db: &C, insert: bool), model),
            Self::BeforeDelete | Self::AfterDelete => (quote!(self, db: &C), quote!(Self)),
        };
        quote! {
            async fn #name<C>(#arguments) -> ::core::result::Result<#output, ::sea_orm::DbErr>
            where
                C: ::sea_orm::ConnectionTrait;
        }
    }
}

/// The trait that user hooks are moved to; local to the block that is expanded around them.
pub(crate) fn user_trait() -> Ident {
    Ident::new("__SeaOrmAuditUserHooks", Span::call_site())
}

/// The impl of `ActiveModelBehavior`: the user's `before_*`, ours, the statement, ours, the user's `after_*`.
pub(crate) fn active_model_behavior(target: &TokenStream, user: &[UserHook]) -> TokenStream {
    let user_trait = user_trait();
    let cfgs = |hook| {
        user.iter()
            .filter(move |user| user.hook == hook)
            .map(|user| &user.cfgs)
    };
    let call = |hook: Hook, value: TokenStream, arguments: TokenStream| {
        let name = hook.user_name(Span::call_site());
        let cfgs = cfgs(hook);
        quote! {
            #(#(#cfgs)* let #value = <Self as #user_trait>::#name(#value, #arguments).await?;)*
        }
    };

    let user_new = Hook::New.user_name(Span::call_site());
    let new_cfgs = cfgs(Hook::New);
    let user_before_save = call(Hook::BeforeSave, quote!(active), quote!(db, insert));
    let user_after_save = call(Hook::AfterSave, quote!(model), quote!(db, insert));
    let user_before_delete = call(Hook::BeforeDelete, quote!(active), quote!(db));
    let user_after_delete = call(Hook::AfterDelete, quote!(active), quote!(db));

    quote! {
        #[automatically_derived]
        #[::sea_orm_audit::__private::async_trait]
        impl ::sea_orm::ActiveModelBehavior for #target {
            #(
                #(#new_cfgs)*
                fn new() -> Self {
                    <Self as #user_trait>::#user_new()
                }
            )*

            async fn before_save<C>(
                self,
                db: &C,
                insert: bool,
            ) -> ::core::result::Result<Self, ::sea_orm::DbErr>
            where
                C: ::sea_orm::ConnectionTrait,
            {
                let active = self;
                #user_before_save
                ::sea_orm_audit::__private::before_save(active, db, insert).await
            }

            async fn after_save<C>(
                model: <<Self as ::sea_orm::ActiveModelTrait>::Entity as ::sea_orm::EntityTrait>::Model,
                db: &C,
                insert: bool,
            ) -> ::core::result::Result<
                <<Self as ::sea_orm::ActiveModelTrait>::Entity as ::sea_orm::EntityTrait>::Model,
                ::sea_orm::DbErr,
            >
            where
                C: ::sea_orm::ConnectionTrait,
            {
                let model = ::sea_orm_audit::__private::after_save::<Self, C>(model, db, insert).await?;
                #user_after_save
                ::core::result::Result::Ok(model)
            }

            async fn before_delete<C>(
                self,
                db: &C,
            ) -> ::core::result::Result<Self, ::sea_orm::DbErr>
            where
                C: ::sea_orm::ConnectionTrait,
            {
                let active = self;
                #user_before_delete
                ::sea_orm_audit::__private::before_delete(active, db).await
            }

            async fn after_delete<C>(
                self,
                db: &C,
            ) -> ::core::result::Result<Self, ::sea_orm::DbErr>
            where
                C: ::sea_orm::ConnectionTrait,
            {
                let active = ::sea_orm_audit::__private::after_delete(self, db).await?;
                #user_after_delete
                ::core::result::Result::Ok(active)
            }
        }
    }
}
