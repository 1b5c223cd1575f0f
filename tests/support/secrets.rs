//! Audited tables with something to hide, or with somebody to ask for.

use sea_orm::Set;

/// A redacted, an excluded and a plain column.
pub mod vault {
    use sea_orm::entity::prelude::*;
    use sea_orm_audit::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Audited)]
    #[sea_orm(table_name = "vault")]
    #[audited(redact(secret), exclude(hidden))]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i32,
        pub owner: String,
        pub secret: String,
        pub hidden: String,
    }
}

/// Nobody writes it without saying who.
pub mod payment {
    use sea_orm::entity::prelude::*;
    use sea_orm_audit::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Audited)]
    #[sea_orm(table_name = "payment")]
    #[audited(require_actor)]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub amount: i32,
    }
}

/// A text that is in no log, error or warning.
pub const MARKER: &str = "xyzzy-1f6b";

/// A row whose hidden columns hold the marker.
pub fn new_vault(id: i32) -> vault::ActiveModel {
    vault::ActiveModel {
        id: Set(id),
        owner: Set("alice".to_owned()),
        secret: Set(format!("{MARKER} secret")),
        hidden: Set(format!("{MARKER} hidden")),
    }
}
