//! How does each entry come to know the user and the request, and what about tasks that a request starts?
//!
//! There is no web framework here: `with_audit_context` has the shape of a middleware, a request and the handler to run.
//! `cargo run -p example-request-context` writes to an SQLite file in a temporary folder.

use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ConnectionTrait, Database, DatabaseConnection, DbErr,
    EntityTrait, IntoActiveModel, QueryOrder, Schema,
};
use sea_orm_audit::{AuditContext, AuditedConnection, Error, InCurrentAuditContext, audit_log};
use sea_orm_migration::MigratorTrait;

mod order {
    use sea_orm::entity::prelude::*;
    use sea_orm_audit::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Audited)]
    #[sea_orm(table_name = "order")]
    #[audited(require_actor)]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub item: String,
        pub confirmed: bool,
    }
}

type Db = AuditedConnection<DatabaseConnection>;

/// What a framework knows of a request when its middleware runs.
struct Request {
    id: &'static str,
    user: Option<&'static str>,
    path: &'static str,
}

/// The middleware: everything that the handler writes is by this user, for this request.
async fn with_audit_context<F: Future>(request: &Request, handler: F) -> F::Output {
    let mut context = AuditContext::new()
        .correlation_id(request.id)
        .with("path", request.path);
    if let Some(user) = request.user {
        context = context.actor(user);
    }
    context.scope(handler).await
}

/// A handler: it knows nothing of auditing, but that the task it starts belongs to the request.
async fn place_order(db: &Db, item: &str) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let new = order::ActiveModel {
        item: Set(item.to_owned()),
        confirmed: Set(false),
        ..Default::default()
    };
    let placed = new.insert(db).await?;

    let db = db.clone();
    let confirm = async move {
        let mut change = placed.into_active_model();
        change.confirmed = Set(true);
        change.update(&db).await
    };
    // A spawned task inherits nothing unless asked.
    tokio::spawn(confirm.in_current_audit_context()).await??;
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let folder = tempfile::tempdir()?;
    let url = format!("sqlite://{}/orders.db?mode=rwc", folder.path().display());
    let db = Database::connect(url).await?;
    sea_orm_audit_migration::Migrator::up(&db, None).await?;
    let create = Schema::new(db.get_database_backend()).create_table_from_entity(order::Entity);
    db.execute(&create).await?;
    let db = AuditedConnection::new(db);

    let alice = Request {
        id: "req-1",
        user: Some("alice"),
        path: "/orders",
    };
    let bob = Request {
        id: "req-2",
        user: Some("bob"),
        path: "/orders",
    };
    // At the same time, on one connection.
    let (first, second) = tokio::join!(
        with_audit_context(&alice, place_order(&db, "tea")),
        with_audit_context(&bob, place_order(&db, "milk")),
    );
    first?;
    second?;

    // A request of nobody may read, but not order.
    let anyone = Request {
        id: "req-3",
        user: None,
        path: "/orders",
    };
    let refused = with_audit_context(&anyone, place_order(&db, "jam"))
        .await
        .unwrap_err();
    let refused = refused.downcast_ref::<DbErr>().and_then(Error::of);
    assert!(matches!(refused, Some(Error::ActorRequired { .. })));

    let entries = audit_log::Entity::find()
        .order_by_asc(audit_log::Column::CorrelationId)
        .order_by_asc(audit_log::Column::Id)
        .all(&db)
        .await?;
    for entry in &entries {
        println!(
            "{} {} order {} by {}: {:?}",
            entry.correlation_id.as_deref().unwrap_or("-"),
            entry.action,
            entry.record_id,
            entry.actor.as_deref().unwrap_or("-"),
            entry.changes()?
        );
    }
    let told: Vec<_> = entries
        .iter()
        .map(|entry| {
            (
                entry.correlation_id.as_deref(),
                entry.actor.as_deref(),
                entry.action.as_str(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (Some("req-1"), Some("alice"), "create"),
            (Some("req-1"), Some("alice"), "update"),
            (Some("req-2"), Some("bob"), "create"),
            (Some("req-2"), Some("bob"), "update"),
        ]
    );
    Ok(())
}
