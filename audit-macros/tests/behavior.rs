//! The user's own hooks: they keep compiling, in every form in which they compile without us.
#![allow(
    dead_code,
    unreachable_pub,
    reason = "entities are written here as applications write them"
)]

use sea_orm::{ActiveModelBehavior, ActiveModelTrait, ActiveValue, EntityTrait};
use sea_orm_audit::__private::CustomBehavior;

/// An entity whose hooks are the block that follows.
macro_rules! entity {
    ($module:ident { $($hooks:tt)* }) => {
        mod $module {
            use sea_orm::entity::prelude::*;
            use sea_orm_audit::Audited;

            #[sea_orm::model]
            #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
            #[sea_orm(table_name = "item")]
            #[audited(custom_behavior)]
            pub struct Model {
                #[sea_orm(primary_key)]
                pub id: i32,
                pub name: String,
            }

            $($hooks)*
        }
    };
}

/// What the user's `new()` must give.
fn name_of_new<A>(name: impl Fn(&A) -> &ActiveValue<String>) -> Option<String>
where
    A: ActiveModelBehavior + CustomBehavior,
{
    match name(&<A as ActiveModelBehavior>::new()) {
        ActiveValue::Set(name) => Some(name.clone()),
        _ => None,
    }
}

/// Every future of a behaviour must be `Send` and have SeaORM's type, whoever wrote the hook.
fn has_all_hooks<E: EntityTrait>()
where
    E::ActiveModel: ActiveModelBehavior + ActiveModelTrait<Entity = E>,
{
}

entity!(attribute_below {
    #[sea_orm_audit::behavior]
    #[async_trait::async_trait]
    impl ActiveModelBehavior for ActiveModel {
        fn new() -> Self {
            Self { name: sea_orm::Set("below".to_owned()), ..ActiveModelTrait::default() }
        }

        async fn before_save<C>(mut self, _db: &C, insert: bool) -> Result<Self, DbErr>
        where
            C: ConnectionTrait,
        {
            if insert && self.name.is_not_set() {
                self.name = Self::new().name;
            }
            Ok(self)
        }

        async fn after_save<Db: ConnectionTrait>(model: Model, db: &Db, _: bool) -> Result<Model, DbErr> {
            Entity::find_by_id(model.id).one(db).await?;
            Ok(model)
        }

        async fn before_delete<C>(self, _db: &C) -> Result<Self, DbErr>
        where
            C: ConnectionTrait,
        {
            Err(DbErr::Custom("never".to_owned()))
        }

        async fn after_delete<C>(self, _: &C) -> Result<Self, DbErr>
        where
            C: ConnectionTrait,
        {
            Ok(self)
        }
    }
});

entity!(attribute_above {
    #[async_trait::async_trait]
    #[sea_orm_audit::behavior]
    impl ActiveModelBehavior for ActiveModel {
        fn new() -> Self {
            Self { name: sea_orm::Set("above".to_owned()), ..<Self as ActiveModelTrait>::default() }
        }

        async fn before_save<C>(self, db: &C, _insert: bool) -> Result<Self, DbErr>
        where
            C: ConnectionTrait,
        {
            Entity::find().one(db).await?;
            Ok(self)
        }

        async fn after_save<C>(
            model: <Self::Entity as EntityTrait>::Model,
            _db: &C,
            _insert: bool,
        ) -> Result<<Self::Entity as EntityTrait>::Model, DbErr>
        where
            C: ConnectionTrait,
        {
            Ok(model)
        }
    }
});

entity!(full_path {
    /// Hooks of the application's own.
    #[async_trait::async_trait]
    #[sea_orm_audit::behavior]
    #[allow(clippy::needless_pass_by_value)]
    impl sea_orm::entity::ActiveModelBehavior for self::ActiveModel {
        #[inline]
        fn new() -> Self {
            Self { name: sea_orm::Set("path".to_owned()), ..ActiveModelTrait::default() }
        }

        async fn before_save<C>(self, db: &C, insert: bool) -> Result<Self, DbErr>
        where
            C: ConnectionTrait,
        {
            if insert {
                return <Self as ActiveModelBehavior>::before_delete(self, db).await;
            }
            Ok(self)
        }
    }
});

entity!(only_new {
    #[sea_orm_audit::behavior]
    impl ActiveModelBehavior for ActiveModel {
        fn new() -> Self {
            Self { name: sea_orm::Set("only".to_owned()), ..ActiveModelTrait::default() }
        }
    }
});

entity!(empty {
    #[sea_orm_audit::behavior]
    impl ActiveModelBehavior for ActiveModel {}
});

entity!(configured {
    #[sea_orm_audit::behavior]
    #[async_trait::async_trait]
    impl ActiveModelBehavior for ActiveModel {
        #[cfg(any())]
        fn new() -> Self {
            Self { name: sea_orm::Set("never".to_owned()), ..ActiveModelTrait::default() }
        }

        #[cfg(not(any()))]
        fn new() -> Self {
            Self { name: sea_orm::Set("configured".to_owned()), ..ActiveModelTrait::default() }
        }

        #[cfg(any())]
        async fn before_save<C>(self, _db: &C, _insert: bool) -> Result<Self, Missing>
        where
            C: ConnectionTrait,
        {
            Ok(self)
        }
    }

    #[sea_orm_audit::behavior]
    #[cfg(any())]
    impl ActiveModelBehavior for Missing {}
});

/// No prelude, and nothing of SeaORM imported: the trait's name is known from the impl's path alone.
mod nothing_imported {
    mod entity {
        use sea_orm::entity::prelude::*;

        #[derive(Clone, Debug, PartialEq, DeriveEntityModel, sea_orm_audit::Audited)]
        #[sea_orm(table_name = "item")]
        #[audited(custom_behavior)]
        pub struct Model {
            #[sea_orm(primary_key)]
            pub id: i32,
            pub name: String,
        }

        #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
        pub enum Relation {}
    }
    pub use entity::ActiveModel;

    #[sea_orm_audit::behavior]
    #[sea_orm::prelude::async_trait::async_trait]
    impl sea_orm::ActiveModelBehavior for ActiveModel {
        fn new() -> Self {
            Self {
                name: sea_orm::Set("nothing".to_owned()),
                ..sea_orm::ActiveModelTrait::default()
            }
        }

        async fn before_save<C>(self, _db: &C, insert: bool) -> Result<Self, sea_orm::DbErr>
        where
            C: sea_orm::ConnectionTrait,
        {
            Ok(if insert { Self::new() } else { self })
        }
    }
}

#[test]
fn the_users_new_is_the_new_of_the_active_model() {
    use attribute_below::ActiveModel as Below;
    assert_eq!(name_of_new(|a: &Below| &a.name).as_deref(), Some("below"));
    assert_eq!(
        name_of_new(|a: &attribute_above::ActiveModel| &a.name).as_deref(),
        Some("above")
    );
    assert_eq!(
        name_of_new(|a: &full_path::ActiveModel| &a.name).as_deref(),
        Some("path")
    );
    assert_eq!(
        name_of_new(|a: &only_new::ActiveModel| &a.name).as_deref(),
        Some("only")
    );
    assert_eq!(
        name_of_new(|a: &nothing_imported::ActiveModel| &a.name).as_deref(),
        Some("nothing")
    );
}

#[test]
fn without_a_new_of_the_users_everything_is_unset() {
    assert_eq!(name_of_new(|a: &empty::ActiveModel| &a.name), None);
}

#[test]
fn a_hook_that_is_configured_out_is_not_called() {
    assert_eq!(
        name_of_new(|a: &configured::ActiveModel| &a.name).as_deref(),
        Some("configured")
    );
}

#[test]
fn the_active_model_behaves_as_seaorm_asks() {
    has_all_hooks::<attribute_below::Entity>();
    has_all_hooks::<attribute_above::Entity>();
    has_all_hooks::<full_path::Entity>();
    has_all_hooks::<empty::Entity>();
}
