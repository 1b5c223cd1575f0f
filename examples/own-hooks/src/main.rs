//! My entity has hooks already. How do I keep them?
//!
//! `cargo run -p example-own-hooks` writes to an SQLite file in a temporary folder.

use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ConnectionTrait, Database, DbErr, IntoActiveModel, Schema,
};
use sea_orm_audit::{AuditContext, Audited, AuditedConnection};
use sea_orm_migration::MigratorTrait;

mod customer {
    use sea_orm::{ActiveValue::Set, entity::prelude::*};
    use sea_orm_audit::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Audited)]
    #[sea_orm(table_name = "customer")]
    // The derive then leaves `ActiveModelBehavior` to the impl below, ..
    #[audited(custom_behavior)]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub mail: String,
        pub version: i32,
    }

    // .. and this records around it. Without the attribute the entity does not compile.
    #[sea_orm_audit::behavior]
    #[async_trait::async_trait]
    impl ActiveModelBehavior for ActiveModel {
        fn new() -> Self {
            Self {
                version: Set(1),
                ..ActiveModelTrait::default()
            }
        }

        /// Runs before the recording looks at the row, so the log holds what this makes of it.
        async fn before_save<C>(mut self, _db: &C, insert: bool) -> Result<Self, DbErr>
        where
            C: ConnectionTrait,
        {
            if let Some(mail) = self.mail.take() {
                if !mail.contains('@') {
                    return Err(DbErr::Custom("that is no mail address".to_owned()));
                }
                self.mail = Set(mail.trim().to_lowercase());
            }
            if !insert && let Some(version) = self.version.take() {
                self.version = Set(version + 1);
            }
            Ok(self)
        }
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let url = format!("sqlite://{}/shop.db?mode=rwc", folder.path().display());
    let db = Database::connect(url).await?;
    sea_orm_audit_migration::Migrator::up(&db, None).await?;
    let create = Schema::new(db.get_database_backend()).create_table_from_entity(customer::Entity);
    db.execute(&create).await?;
    let db = AuditedConnection::new(db);

    let id = AuditContext::new()
        .actor("alice")
        .scope(async {
            let mut new = <customer::ActiveModel as sea_orm::ActiveModelBehavior>::new();
            new.mail = Set(" Ann@Example.org ".to_owned());
            let ann = new.insert(&db).await?;
            let mut change = ann.clone().into_active_model();
            change.mail = Set("ann@example.com".to_owned());
            let ann = change.update(&db).await?;

            // What a hook refuses is not written, and not recorded.
            let mut bad = ann.clone().into_active_model();
            bad.mail = Set("nowhere".to_owned());
            let refused = bad.update(&db).await.unwrap_err();
            println!("refused by the hook: {refused}");
            Ok::<_, DbErr>(ann.id)
        })
        .await?;

    let history = customer::Entity::history(id).all(&db).await?;
    for entry in &history {
        println!("{} {:?}", entry.action, entry.changes()?);
    }
    let [update, create] = history.as_slice() else {
        return Err("a create and an update were expected".into());
    };
    let created = create
        .new::<customer::Entity>()?
        .ok_or("a create has a new row")?;
    assert_eq!(
        (created.mail.as_str(), created.version),
        ("ann@example.org", 1)
    );
    let changes = update.changes()?;
    assert_eq!(
        changes["mail"].to_string(),
        r#""ann@example.org" -> "ann@example.com""#
    );
    assert_eq!(changes["version"].to_string(), "1 -> 2");
    Ok(())
}
