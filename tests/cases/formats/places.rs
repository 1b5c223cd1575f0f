//! Entities whose table or log is somewhere else.

use std::sync::Arc;

use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DatabaseConnection, EntityTrait, IntoActiveModel,
    ModelTrait, PaginatorTrait, Set,
};
use sea_orm_audit::{Audited, Error, audit_log};
use sea_orm_audit_migration::CreateLog;
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager};

use crate::{
    cases,
    support::{
        case::Case,
        replay::{Replay, entries},
        server::{Server, TestDb},
        shop::create_table,
    },
};

/// Its entries are in a log of its own.
mod order {
    use sea_orm::entity::prelude::*;
    use sea_orm_audit::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
    #[sea_orm(table_name = "order")]
    #[audited(log = "order_audit")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        #[sea_orm(column_name = "select")]
        pub what: String,
    }
}

/// A table in a schema.
mod pallet {
    use sea_orm::entity::prelude::*;
    use sea_orm_audit::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
    #[sea_orm(schema_name = "warehouse", table_name = "pallet")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub what: String,
    }
}

/// A table of the same name in another schema, whose log is in a schema too.
mod archived {
    use sea_orm::entity::prelude::*;
    use sea_orm_audit::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
    #[sea_orm(schema_name = "archive", table_name = "pallet")]
    #[audited(log = "archive.log")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub what: String,
    }
}

/// A table in the schema that is the default one anyway.
mod public {
    use sea_orm::entity::prelude::*;
    use sea_orm_audit::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
    #[sea_orm(schema_name = "public", table_name = "pallet")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub what: String,
    }
}

pub fn cases() -> Vec<Case> {
    let mut cases = cases![
        entries_go_to_the_log_that_the_entity_names,
        a_write_is_refused_while_the_log_that_the_entity_names_is_missing,
    ];
    cases.extend(
        cases![
            tables_in_schemas_are_told_apart,
            the_default_schema_is_not_named,
        ]
        .into_iter()
        .map(|case| case.only_on(&[Server::Postgres])),
    );
    cases
}

/// Creates, updates and deletes a row and creates another, and reads the history of the first.
macro_rules! comes_and_goes {
    ($db:ident, $module:ident) => {{
        let new = |what: &str| $module::ActiveModel {
            what: Set(what.to_owned()),
            ..Default::default()
        };
        let first = new("first").insert(&$db).await.unwrap();
        let mut second = first.clone().into_active_model();
        second.what = Set("second".to_owned());
        let second = second.update(&$db).await.unwrap();
        second.clone().delete(&$db).await.unwrap();
        new("third").insert(&$db).await.unwrap();

        let history = $module::Entity::history(first.id).all(&$db).await.unwrap();
        let actions: Vec<_> = history
            .iter()
            .map(|entry| entry.action.to_string())
            .collect();
        assert_eq!(actions, ["delete", "update", "create"]);
        assert_eq!(history[2].new::<$module::Entity>().unwrap(), Some(first));
        assert_eq!(history[0].old::<$module::Entity>().unwrap(), Some(second));
        history[0].entity.clone()
    }};
}

async fn entries_in_the_default_log(db: &DatabaseConnection) -> u64 {
    audit_log::Entity::find().count(db).await.unwrap()
}

async fn entries_go_to_the_log_that_the_entity_names(test: Arc<TestDb>) {
    let db = test.connect().await;
    let migration = CreateLog::named("order_audit");
    migration.up(&SchemaManager::new(&db)).await.unwrap();
    create_table(&db, order::Entity).await;

    assert_eq!(comes_and_goes!(db, order), "order");
    assert_eq!(entries_in_the_default_log(&db).await, 0);
    assert_eq!(entries(&db, "order_audit", "order").await.len(), 4);
    let replay = Replay::default().log("order_audit");
    replay.check::<order::Entity>(&db).await;
}

async fn a_write_is_refused_while_the_log_that_the_entity_names_is_missing(test: Arc<TestDb>) {
    let db = test.connect().await;
    create_table(&db, order::Entity).await;
    let new = order::ActiveModel {
        what: Set("first".to_owned()),
        ..Default::default()
    };
    let refused = new.clone().insert(&db).await.unwrap_err();

    let Some(Error::LogMissing {
        entity,
        log,
        migration,
        ..
    }) = Error::of(&refused)
    else {
        panic!("{refused:?}");
    };
    let named = CreateLog::named("order_audit");
    assert_eq!((&**entity, &**log), ("order", "order_audit"));
    assert_eq!(migration, named.name());
    assert_eq!(order::Entity::find().count(&db).await.unwrap(), 0);

    named.up(&SchemaManager::new(&db)).await.unwrap();
    new.insert(&db).await.unwrap();
    assert_eq!(entries(&db, "order_audit", "order").await.len(), 1);
}

async fn tables_in_schemas_are_told_apart(test: Arc<TestDb>) {
    let db = test.connect().await;
    for schema in ["warehouse", "archive"] {
        let create = format!("CREATE SCHEMA {schema}");
        db.execute_unprepared(&create).await.unwrap();
    }
    let migration = CreateLog::named("archive.log");
    migration.up(&SchemaManager::new(&db)).await.unwrap();
    create_table(&db, pallet::Entity).await;
    create_table(&db, archived::Entity).await;
    create_table(&db, public::Entity).await;

    assert_eq!(comes_and_goes!(db, pallet), "warehouse.pallet");
    assert_eq!(comes_and_goes!(db, archived), "archive.pallet");
    assert_eq!(comes_and_goes!(db, public), "pallet");
    assert_eq!(entries_in_the_default_log(&db).await, 8);
    let entry = pallet::Entity::history(1).one(&db).await.unwrap().unwrap();
    let wrong = entry.old::<archived::Entity>();
    assert!(matches!(wrong, Err(Error::WrongEntity { .. })), "{wrong:?}");
}

async fn the_default_schema_is_not_named(test: Arc<TestDb>) {
    let db = test.connect().await;
    create_table(&db, public::Entity).await;

    assert_eq!(comes_and_goes!(db, public), "pallet");
    Replay::default().check::<public::Entity>(&db).await;
}
