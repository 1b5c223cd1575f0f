//! Tables that triggers capture, with triggers that do no more than write down whom they were told of.

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, FromQueryResult, Set, Statement};

use super::{server::TestDb, shop::create_table};

pub mod flight {
    use sea_orm::entity::prelude::*;
    use sea_orm_audit::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Audited)]
    #[sea_orm(table_name = "airport_flight")]
    #[audited(capture = "trigger")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        #[sea_orm(unique)]
        pub name: String,
        pub seats: i32,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
}

/// The same table through an entity that says nothing of triggers.
pub mod departure {
    use sea_orm::entity::prelude::*;
    use sea_orm_audit::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Audited)]
    #[sea_orm(table_name = "airport_flight")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub name: String,
        pub seats: i32,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
}

/// One that wants to know who acts.
pub mod crew {
    use sea_orm::entity::prelude::*;
    use sea_orm_audit::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Audited)]
    #[sea_orm(table_name = "airport_crew")]
    #[audited(capture = "trigger", require_actor)]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub name: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
}

/// One that hooks capture, beside a trigger.
pub mod luggage {
    use sea_orm::entity::prelude::*;
    use sea_orm_audit::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Audited)]
    #[sea_orm(table_name = "airport_luggage")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub name: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
}

/// One that is not audited.
pub mod kiosk {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "airport_kiosk")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub name: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What a trigger was told.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Seen {
    pub what: String,
    pub actor: Option<String>,
    pub correlation_id: Option<String>,
    pub context: Option<String>,
}

/// A database with these tables and triggers.
pub async fn airport(test: &TestDb) -> DatabaseConnection {
    let db = test.connect().await;
    create_airport(&db).await;
    db
}

pub async fn create_airport(db: &DatabaseConnection) {
    create_table(db, flight::Entity).await;
    create_table(db, crew::Entity).await;
    create_table(db, luggage::Entity).await;
    create_table(db, kiosk::Entity).await;

    let text = "VARCHAR(300)";
    let id = match db.get_database_backend() {
        DbBackend::Postgres => "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
        DbBackend::MySql => "BIGINT AUTO_INCREMENT PRIMARY KEY",
        _ => "INTEGER PRIMARY KEY AUTOINCREMENT",
    };
    let create = format!(
        "CREATE TABLE seen (id {id}, what {text}, actor {text}, correlation_id {text}, context TEXT)"
    );
    db.execute_unprepared(&create).await.unwrap();
    for table in [
        "airport_flight",
        "airport_crew",
        "airport_luggage",
        "airport_kiosk",
    ] {
        spy_on(db, table).await;
    }
}

async fn spy_on(db: &DatabaseConnection, table: &str) {
    let insert = "INSERT INTO seen (what, actor, correlation_id, context)";
    match db.get_database_backend() {
        DbBackend::Postgres => {
            let setting = |name: &str| format!("NULLIF(current_setting('audit.{name}', true), '')");
            let (actor, id, context) = (
                setting("actor"),
                setting("correlation_id"),
                setting("context"),
            );
            let function = format!(
                "CREATE FUNCTION spy_{table}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
                 {insert} VALUES (CASE TG_OP WHEN 'DELETE' THEN OLD.name ELSE NEW.name END, {actor}, {id}, {context}); \
                 RETURN NULL; END $$"
            );
            db.execute_unprepared(&function).await.unwrap();
            let trigger = format!(
                "CREATE TRIGGER spy AFTER INSERT OR UPDATE OR DELETE ON {table} \
                 FOR EACH ROW EXECUTE FUNCTION spy_{table}()"
            );
            db.execute_unprepared(&trigger).await.unwrap();
        }
        backend => {
            for (verb, row) in [("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD")] {
                let values = if backend == DbBackend::MySql {
                    format!(
                        "VALUES ({row}.name, @audit_actor, @audit_correlation_id, @audit_context)"
                    )
                } else {
                    format!(
                        "SELECT {row}.name, (SELECT actor FROM audit_context), \
                         (SELECT correlation_id FROM audit_context), (SELECT context FROM audit_context)"
                    )
                };
                let trigger = format!(
                    "CREATE TRIGGER spy_{table}_{verb} AFTER {verb} ON {table} \
                     FOR EACH ROW BEGIN {insert} {values}; END"
                );
                db.execute_unprepared(&trigger).await.unwrap();
            }
        }
    }
}

/// What the triggers saw so far, which is then forgotten.
pub async fn seen(db: &DatabaseConnection) -> Vec<Seen> {
    let all = "SELECT what, actor, correlation_id, context FROM seen ORDER BY id";
    let all = Statement::from_string(db.get_database_backend(), all);
    let all = Seen::find_by_statement(all).all(db).await.unwrap();
    db.execute_unprepared("DELETE FROM seen").await.unwrap();
    all
}

/// Which row was written by whom.
pub async fn who(db: &DatabaseConnection) -> Vec<(String, Option<String>)> {
    let seen = seen(db).await;
    seen.into_iter()
        .map(|seen| (seen.what, seen.actor))
        .collect()
}

pub fn new_flight(name: &str) -> flight::ActiveModel {
    flight::ActiveModel {
        name: Set(name.to_owned()),
        seats: Set(1),
        ..Default::default()
    }
}

pub fn new_crew(name: &str) -> crew::ActiveModel {
    crew::ActiveModel {
        name: Set(name.to_owned()),
        ..Default::default()
    }
}

pub fn new_luggage(name: &str) -> luggage::ActiveModel {
    luggage::ActiveModel {
        name: Set(name.to_owned()),
        ..Default::default()
    }
}

pub fn new_kiosk(name: &str) -> kiosk::ActiveModel {
    kiosk::ActiveModel {
        name: Set(name.to_owned()),
        ..Default::default()
    }
}

/// What a connection's session has as its actor, outside of any write.
pub async fn session_actor<C: ConnectionTrait>(db: &C) -> Option<String> {
    let sql = match db.get_database_backend() {
        DbBackend::Postgres => "SELECT NULLIF(current_setting('audit.actor', true), '') AS actor",
        DbBackend::MySql => "SELECT CAST(@audit_actor AS CHAR) AS actor",
        _ => "SELECT (SELECT actor FROM audit_context) AS actor",
    };
    let statement = Statement::from_string(db.get_database_backend(), sql);
    let row = db.query_one_raw(statement).await.unwrap().unwrap();
    row.try_get("", "actor").unwrap()
}
