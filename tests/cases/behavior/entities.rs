//! Two tables with the same hooks of their own, one audited and one not, and what the hooks were called with.

use std::{any::type_name, cell::RefCell, fmt::Debug, future::Future};

use sea_orm::{ConnectionTrait, DbErr, EntityTrait, PaginatorTrait};
use sea_orm_audit::audit_log;

/// A call of a hook.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    pub hook: &'static str,
    /// All that the hook was given.
    pub arguments: String,
    /// How many entries the log had then.
    pub entries: u64,
}

tokio::task_local! {
    static CALLS: RefCell<Vec<Call>>;
}

/// Does some work and gives the calls of hooks in it.
pub async fn calls_in<T>(work: impl Future<Output = T>) -> (T, Vec<Call>) {
    let calls = RefCell::default();
    let work = async {
        let result = work.await;
        (result, CALLS.with(RefCell::take))
    };
    CALLS.scope(calls, work).await
}

async fn called<C: ConnectionTrait>(
    db: &C,
    hook: &'static str,
    insert: Option<bool>,
    row: &(dyn Debug + Sync),
) {
    let arguments = format!("{row:?}, {}, {insert:?}", type_name::<C>());
    let entries = entries(db).await;
    let call = Call {
        hook,
        arguments,
        entries,
    };
    // Outside of `calls_in` nobody asks.
    let _ = CALLS.try_with(|calls| calls.borrow_mut().push(call));
}

/// How many entries the log has; none where there is no log.
async fn entries<C: ConnectionTrait>(db: &C) -> u64 {
    audit_log::Entity::find().count(db).await.unwrap_or(0)
}

/// Fails where the row's name asks for it.
fn unless_asked(name: &str, hook: &str) -> Result<(), DbErr> {
    if name == format!("fail {hook}") {
        return Err(DbErr::Custom(format!("{hook} was asked to fail")));
    }
    Ok(())
}

/// An entity with all hooks, and the attributes that make it audited.
macro_rules! entity {
    ($module:ident, $table:literal, [$(#[$audited:meta])*], [$(#[$behavior:meta])*]) => {
        #[allow(dead_code, reason = "the attribute writes more than a test needs")]
        pub mod $module {
            use sea_orm::{Set, entity::prelude::*};

            use super::{called, unless_asked};

            #[sea_orm::model]
            #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
            #[sea_orm(table_name = $table)]
            $(#[$audited])*
            pub struct Model {
                #[sea_orm(primary_key)]
                pub id: i32,
                pub name: String,
                pub slug: Option<String>,
            }

            $(#[$behavior])*
            #[async_trait::async_trait]
            impl ActiveModelBehavior for ActiveModel {
                fn new() -> Self {
                    Self {
                        slug: Set(Some("new".to_owned())),
                        ..ActiveModelTrait::default()
                    }
                }

                async fn before_save<C>(mut self, db: &C, insert: bool) -> Result<Self, DbErr>
                where
                    C: ConnectionTrait,
                {
                    called(db, "before_save", Some(insert), &self).await;
                    if let Set(name) = &self.name {
                        unless_asked(name, "before_save")?;
                        if name == "needs another" {
                            let other = Self { name: Set("the other".to_owned()), ..Self::new() };
                            other.insert(db).await?;
                        }
                        if name == "updates itself first" {
                            let id = self.id.clone();
                            let first = Self { id, name: Set("first".to_owned()), ..Self::new() };
                            first.update(db).await?;
                        }
                        if name == "gets its key" {
                            self.id = Set(4711);
                        }
                        self.slug = Set(Some(name.replace(' ', "-")));
                    }
                    Ok(self)
                }

                async fn after_save<C>(
                    mut model: Model,
                    db: &C,
                    insert: bool,
                ) -> Result<Model, DbErr>
                where
                    C: ConnectionTrait,
                {
                    called(db, "after_save", Some(insert), &model).await;
                    unless_asked(&model.name, "after_save")?;
                    if model.name == "makes another" {
                        let other = Self { name: Set("the other".to_owned()), ..Self::new() };
                        other.insert(db).await?;
                    }
                    if model.name == "seen otherwise" {
                        "otherwise".clone_into(&mut model.name);
                    }
                    Ok(model)
                }

                async fn before_delete<C>(self, db: &C) -> Result<Self, DbErr>
                where
                    C: ConnectionTrait,
                {
                    called(db, "before_delete", None, &self).await;
                    let name = self.name.try_as_ref().map_or("", |name| name);
                    unless_asked(name, "before_delete")?;
                    if name == "says goodbye" {
                        let id = self.id.clone();
                        let last = Self { id, name: Set("goodbye".to_owned()), ..Self::new() };
                        last.update(db).await?;
                    }
                    Ok(self)
                }

                async fn after_delete<C>(self, db: &C) -> Result<Self, DbErr>
                where
                    C: ConnectionTrait,
                {
                    called(db, "after_delete", None, &self).await;
                    unless_asked(self.name.try_as_ref().map_or("", |name| name), "after_delete")?;
                    Ok(self)
                }
            }
        }
    };
}

entity!(
    audited,
    "audited",
    [#[derive(sea_orm_audit::Audited)] #[audited(custom_behavior)]],
    [#[sea_orm_audit::behavior]]
);
entity!(unaudited, "unaudited", [], []);

/// Hooks of its own, none of which is written.
pub mod bare {
    use sea_orm::entity::prelude::*;
    use sea_orm_audit::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
    #[sea_orm(table_name = "bare")]
    #[audited(custom_behavior)]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub name: String,
    }

    #[sea_orm_audit::behavior]
    impl ActiveModelBehavior for ActiveModel {}
}
