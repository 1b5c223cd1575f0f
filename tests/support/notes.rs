//! An audited table whose rows say by themselves who wrote them.

use sea_orm::DatabaseConnection;

use super::{server::TestDb, shop::create_table};

pub mod note {
    use sea_orm::entity::prelude::*;
    use sea_orm_audit::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Audited)]
    #[sea_orm(table_name = "note")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub text: String,
    }
}

/// A database with the log and the table of notes.
pub async fn notebook(db: &TestDb) -> DatabaseConnection {
    let db = db.connect().await;
    create_table(&db, note::Entity).await;
    db
}
