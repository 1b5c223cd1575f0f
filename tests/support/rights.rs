//! SeaORM's role-based access control, with one user.

use sea_orm::{
    DatabaseConnection, RestrictedConnection,
    rbac::{RbacContext, RbacUserId, schema},
};

const CLERK: &str = "clerk";

/// What a user may do: an action and the table.
pub type Right = (&'static str, &'static str);

/// A connection of a user who may do nothing but this.
pub async fn user_who_may(db: &DatabaseConnection, rights: &[Right]) -> RestrictedConnection {
    schema::create_tables(db, Default::default()).await.unwrap();
    let mut context = RbacContext::load(db).await.unwrap();
    let mut tables: Vec<&'static str> = rights.iter().map(|(_, table)| *table).collect();
    tables.sort_unstable();
    tables.dedup();
    context.add_tables(db, &tables).await.unwrap();
    context.add_crud_permissions(db).await.unwrap();
    context.add_roles(db, &[CLERK]).await.unwrap();
    context.assign_user_role(db, &[(1, CLERK)]).await.unwrap();
    for (action, table) in rights {
        context
            .add_role_permissions(db, CLERK, &[action], &[table])
            .await
            .unwrap();
    }
    db.load_rbac().await.unwrap();
    db.restricted_for(RbacUserId(1)).unwrap()
}
