#![doc = include_str!("../README.md")]

mod attr;
mod behavior;
mod column;
mod error;
mod expand;
mod field_list;
mod hooks;
mod log_name;
mod model;
mod suggest;

use proc_macro::TokenStream;
use quote::quote;
use syn::{DeriveInput, parse_macro_input};

/// Makes an entity audited: every change of its rows is in the log.
///
/// Derive it for the entity's `Model`, in whichever format the entity is written: `#[sea_orm::model]`,
/// `#[sea_orm::compact_model]`, plain `DeriveEntityModel`, or the expanded format with a `DeriveModel` and a
/// `DeriveActiveModel`. It implements `sea_orm_audit::Audited` for `Entity` and `ActiveModelBehavior` for
/// `ActiveModel`, so the entity's file needs no `impl ActiveModelBehavior` of its own. One that is left there is a
/// conflicting implementation (E0119): remove it, or keep its hooks with `custom_behavior`. With `capture = "trigger"`
/// those hooks do nothing, so that an entity can go from one capture to the other by this word and a migration.
///
/// # Options of the struct
///
/// | `#[audited(..)]` | |
/// |---|---|
/// | `exclude(a, b)` | The columns of these fields are nowhere in the log, and a change of them alone makes no entry. |
/// | `redact(a, b)` | An entry says that the column changed, and holds `"[redacted]"` instead of its values. |
/// | `values = "changed"` | The entry of an update holds the changed columns. This is the default. |
/// | `values = "full"` | The entry of an update holds the whole row, before and after. |
/// | `log = "product_audit"` | Writes to another table with the columns of `audit_log`; `log = "schema.table"` is understood. |
/// | `require_actor` | A write without an actor is refused. |
/// | `capture = "hooks"` | SeaORM's hooks see the changes. This is the default. |
/// | `capture = "trigger"` | Triggers in the database see the changes of every writer; a migration installs them, see `sea_orm_audit_migration::triggers`. |
/// | `custom_behavior` | The hooks are the application's own, with [`macro@behavior`] on their impl. |
///
/// Lists hold the names of fields, whatever their columns are called: `exclude(r#type)`, not `exclude("type")`.
///
/// # Options of a field
///
/// | `#[audited(..)]` | |
/// |---|---|
/// | `skip` | As `exclude(..)` on the struct. |
/// | `redact` | As `redact(..)` on the struct. |
///
/// # Errors
///
/// An option that is unknown, written twice, in conflict with another or in the wrong place does not compile; the
/// error stands at its words and says what is allowed. Neither does a skipped or redacted key column: an entry names
/// its record by the key.
///
/// # Example
///
/// ```
/// mod product {
///     use sea_orm::entity::prelude::*;
///     use sea_orm_audit::Audited;
///
///     #[sea_orm::model]
///     #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
///     #[sea_orm(table_name = "product")]
///     #[audited(exclude(updated_at), require_actor)]
///     pub struct Model {
///         #[sea_orm(primary_key)]
///         pub id: i32,
///         pub name: String,
///         #[audited(redact)]
///         pub supplier_key: String,
///         pub updated_at: DateTimeUtc,
///     }
/// }
/// # use sea_orm_audit::Audited;
/// # fn main() {
///
/// assert!(product::Entity::OPTIONS.require_actor);
/// assert!(matches!(product::Entity::EXCLUDED, [product::Column::UpdatedAt]));
/// assert!(matches!(product::Entity::REDACTED, [product::Column::SupplierKey]));
/// # }
/// ```
///
/// A slip that would bring a secret into the log does not compile:
///
/// ```compile_fail
/// # mod product {
/// # use sea_orm::entity::prelude::*;
/// # use sea_orm_audit::Audited;
/// #[sea_orm::model]
/// #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
/// #[sea_orm(table_name = "product")]
/// pub struct Model {
///     #[sea_orm(primary_key)]
///     pub id: i32,
///     #[audited(redcat)] // unknown option `redcat`, help: did you mean `redact`?
///     pub supplier_key: String,
/// }
/// # }
/// # fn main() {}
/// ```
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

/// Keeps an application's own hooks and records the changes around them.
///
/// Put it on `impl ActiveModelBehavior for ActiveModel { .. }`, above or below `#[async_trait::async_trait]`, and write
/// `#[audited(custom_behavior)]` on the model. A write then runs in this order:
///
/// 1. the application's `before_save` or `before_delete`, so that the log holds what it made of the row,
/// 2. the recording's first half,
/// 3. the statement,
/// 4. the recording's second half,
/// 5. the application's `after_save` or `after_delete`.
///
/// `new()` is the application's. Code that two hooks share belongs in a function of its own: a hook that calls
/// another one through `ActiveModelBehavior` calls its recording, too.
///
/// # Errors
///
/// The attribute takes no arguments and stands on nothing else. With `custom_behavior` but without this attribute
/// the entity does not compile, so hooks cannot be what silently ends the recording.
///
/// # Example
///
/// ```
/// mod product {
///     use sea_orm::{Set, entity::prelude::*};
///     use sea_orm_audit::Audited;
///
///     #[sea_orm::model]
///     #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
///     #[sea_orm(table_name = "product")]
///     #[audited(custom_behavior)]
///     pub struct Model {
///         #[sea_orm(primary_key)]
///         pub id: i32,
///         pub name: String,
///     }
///
///     #[sea_orm_audit::behavior]
///     #[async_trait::async_trait]
///     impl ActiveModelBehavior for ActiveModel {
///         async fn before_save<C>(mut self, _db: &C, _insert: bool) -> Result<Self, DbErr>
///         where
///             C: ConnectionTrait,
///         {
///             if let Some(name) = self.name.take() {
///                 self.name = Set(name.trim().to_owned());
///             }
///             Ok(self)
///         }
///     }
/// }
/// # fn main() {}
/// ```
///
/// Without the attribute the same impl would record nothing, so it does not compile:
///
/// ```compile_fail,E0277
/// # mod product {
/// # use sea_orm::entity::prelude::*;
/// # use sea_orm_audit::Audited;
/// # #[sea_orm::model]
/// # #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
/// # #[sea_orm(table_name = "product")]
/// # #[audited(custom_behavior)]
/// # pub struct Model {
/// #     #[sea_orm(primary_key)]
/// #     pub id: i32,
/// # }
/// impl ActiveModelBehavior for ActiveModel {}
/// # }
/// # fn main() {}
/// ```
///
/// Nor does an impl with the attribute on an entity that is not audited:
///
/// ```compile_fail,E0277
/// # mod product {
/// # use sea_orm::entity::prelude::*;
/// # #[sea_orm::model]
/// # #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
/// # #[sea_orm(table_name = "product")]
/// # pub struct Model {
/// #     #[sea_orm(primary_key)]
/// #     pub id: i32,
/// # }
/// #[sea_orm_audit::behavior]
/// impl ActiveModelBehavior for ActiveModel {}
/// # }
/// # fn main() {}
/// ```
#[proc_macro_attribute]
pub fn behavior(arguments: TokenStream, item: TokenStream) -> TokenStream {
    behavior::expand(&arguments.into(), item.into()).into()
}
