//! What `status` says.

use std::sync::Arc;

use sea_orm_audit_migration::triggers::{self, Kind, State, TriggerTable};
use sea_orm_migration::SchemaManager;

use super::{item, items};
use crate::{
    cases,
    support::{
        case::Case,
        plain::{install, run},
        server::TestDb,
        shop::{create_table, product},
    },
};

pub fn cases() -> Vec<Case> {
    cases![status_tells_every_state]
}

/// An entity that is captured by triggers.
pub mod traced {
    use sea_orm::entity::prelude::*;
    use sea_orm_audit::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
    #[sea_orm(table_name = "traced")]
    #[audited(capture = "trigger")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub name: String,
        pub parent: Option<i32>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
}

async fn status_tells_every_state(test: Arc<TestDb>) {
    let db = items(&test).await;
    let manager = SchemaManager::new(&db);
    let state = async || {
        let status = triggers::status(&db).await.unwrap();
        status.table("traced").unwrap().clone()
    };
    let missing = State::Missing(
        ["insert", "update", "delete"]
            .map(|event| format!("audit_traced_{event}"))
            .into(),
    );
    assert_eq!(state().await.state, missing);
    create_table(&db, traced::Entity).await;
    assert_eq!(state().await.state, missing);

    triggers::install::<traced::Entity>(&manager).await.unwrap();
    assert_eq!(state().await.state, State::Installed);
    assert!(state().await.gaps.is_empty());

    run(&db, "DROP TRIGGER audit_traced_update").await;
    assert_eq!(
        state().await.state,
        State::Missing(vec!["audit_traced_update".to_owned()])
    );
    triggers::install::<traced::Entity>(&manager).await.unwrap();
    assert_eq!(state().await.state, State::Installed);

    let outdated = |words: &str| {
        let words = words.to_owned();
        move |state: State| match state {
            State::Outdated(differences) => {
                assert!(
                    differences
                        .iter()
                        .any(|difference| difference.contains(&words)),
                    "{words}: {differences:?}"
                );
            }
            other => panic!("{words}: {other:?}"),
        }
    };
    run(&db, "ALTER TABLE traced ADD colour VARCHAR(20)").await;
    outdated("the table has a new column `colour`")(state().await.state);
    run(&db, "ALTER TABLE traced DROP colour").await;
    assert_eq!(state().await.state, State::Installed);
    run(&db, "ALTER TABLE traced MODIFY name TEXT").await;
    outdated("column `name` of the table was")(state().await.state);
    triggers::install::<traced::Entity>(&manager).await.unwrap();
    assert_eq!(state().await.state, State::Installed);

    let other = TriggerTable::named("traced")
        .key("id", Kind::Integer)
        .column("name", Kind::Text);
    install(&db, &other).await;
    outdated("the entity has a new column `parent`")(state().await.state);
    triggers::install::<traced::Entity>(&manager).await.unwrap();

    // A trigger that was made by an older server, or changed by hand, is the same by what it was made from only.
    run(
        &db,
        "SET sql_mode = 'ANSI_QUOTES'; RENAME TABLE traced TO other; RENAME TABLE other TO traced",
    )
    .await;
    assert_eq!(state().await.state, State::Installed);
    run(
        &db,
        "SET sql_mode = DEFAULT; ALTER TABLE traced DROP parent",
    )
    .await;
    outdated("has no column `parent`")(state().await.state);
    run(&db, "ALTER TABLE traced ADD parent INT NULL REFERENCES item (id) ON DELETE SET NULL ON UPDATE CASCADE, ENGINE = InnoDB").await;
    let status = state().await;
    assert_eq!(status.state, State::Installed);
    assert_eq!(status.gaps.len(), 1);
    for part in [
        "`item`",
        "ON DELETE SET NULL, ON UPDATE CASCADE",
        "RESTRICT",
    ] {
        assert!(status.gaps[0].contains(part), "{part}: {status}");
    }
    run(&db, "ALTER TABLE traced DROP FOREIGN KEY IF EXISTS traced_ibfk_1, DROP FOREIGN KEY IF EXISTS `1`").await;
    run(&db, "ALTER TABLE traced ENGINE = MyISAM").await;
    assert!(state().await.gaps[0].contains("InnoDB"));

    install(&db, &item()).await;
    create_table(&db, product::Entity).await;
    triggers::install::<product::Entity>(&manager)
        .await
        .unwrap();
    let status = triggers::status(&db).await.unwrap();
    assert_eq!(status.table("item").unwrap().state, State::LeftOver);
    assert_eq!(
        status.table("product").unwrap().state,
        State::CapturedByHooks
    );
    status.check().unwrap_err();
    item().drop(&manager).await.unwrap();
    assert!(triggers::status(&db).await.unwrap().table("item").is_none());
}
