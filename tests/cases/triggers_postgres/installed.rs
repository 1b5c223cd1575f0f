//! What is installed: in a dump, beside triggers of somebody else, and in our documentation.

use std::sync::Arc;

use sea_orm_audit_migration::triggers::{self, Kind, TriggerTable};

use super::{item, items, said};
use crate::{
    cases,
    support::{
        case::Case,
        plain::{count, install, one, run},
        server::{Server, TestDb},
        store::{replay_store, store},
    },
};

pub fn cases() -> Vec<Case> {
    cases![
        a_dump_that_is_restored_goes_on_recording,
        a_trigger_that_changes_the_table_again_is_named,
        the_documented_function_is_the_installed_one,
    ]
}

async fn a_dump_that_is_restored_goes_on_recording(test: Arc<TestDb>) {
    let db = items(&test).await;
    run(
        &db,
        "CREATE TYPE mood AS ENUM ('sad', 'glad'); ALTER TABLE item ADD feels mood",
    )
    .await;
    install(&db, &item().column("feels", Kind::Text)).await;
    run(&db, "INSERT INTO item VALUES (1, 'a', 1, 'sad')").await;
    let name = one(&db, "SELECT current_database()").await;
    let server = Server::Postgres.url().unwrap();
    let copy = TestDb::create(Server::Postgres).await;
    let dump = std::process::Command::new("pg_dump")
        .arg(format!("{server}/{name}"))
        .output()
        .unwrap();
    assert!(dump.status.success(), "{dump:?}");
    let restored = copy.pool(1).await;
    // Whatever psql alone understands is no part of what is restored.
    let sql: String = String::from_utf8(dump.stdout)
        .unwrap()
        .lines()
        .filter(|line| !line.starts_with('\\'))
        .map(|line| format!("{line}\n"))
        .collect();
    let without_data: String = {
        let mut kept = String::new();
        let mut copying = false;
        for line in sql.lines() {
            if line.starts_with("COPY ") {
                copying = true;
            } else if copying {
                copying = line != "\\." && !line.is_empty();
            } else {
                kept.push_str(line);
                kept.push('\n');
            }
        }
        kept
    };
    run(&restored, &without_data).await;
    run(&restored, "RESET ALL; INSERT INTO public.item VALUES (2, 'b', 2, 'glad'); UPDATE public.item SET feels = 'sad'").await;
    assert_eq!(
        said(&restored, "item").await,
        [
            r#"create 2 | {"id":2,"name":"b","n":2,"feels":"glad"}"#,
            r#"update 2 {"feels":"glad"} | {"feels":"sad"}"#,
        ]
    );
    restored.close().await.unwrap();
    copy.remove().await;
}

async fn a_trigger_that_changes_the_table_again_is_named(test: Arc<TestDb>) {
    let db = store(&test).await;
    run(
        &db,
        "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
         IF pg_trigger_depth() = 1 THEN UPDATE store_ware SET stock = stock + 1; END IF; RETURN NULL; END $$; \
         CREATE TRIGGER a_touch AFTER UPDATE ON store_ware FOR EACH STATEMENT EXECUTE FUNCTION touch()",
    )
    .await;
    // One that fires for each statement comes after ours.
    run(&db, "INSERT INTO store_ware (name, price, stock, seen) VALUES ('tea', 1, 1, 0), ('mug', 1, 5, 0)").await;
    run(&db, "UPDATE store_ware SET price = 2").await;
    replay_store(&db).await;
    let gaps = async || {
        let status = triggers::status(&db).await.unwrap();
        status.table("store_ware").unwrap().gaps.clone()
    };
    assert!(gaps().await.is_empty());
    run(
        &db,
        "CREATE TRIGGER z_touch AFTER UPDATE ON store_ware FOR EACH ROW EXECUTE FUNCTION touch()",
    )
    .await;
    let gaps = gaps().await;
    assert!(gaps.len() == 1 && gaps[0].contains("z_touch"), "{gaps:?}");
}

/// With `AUDIT_BLESS_DOCS` set it writes the page instead of comparing it.
async fn the_documented_function_is_the_installed_one(test: Arc<TestDb>) {
    let db = test.connect().await;
    run(
        &db,
        "CREATE TABLE item (id integer PRIMARY KEY, name text, price numeric(12, 2))",
    )
    .await;
    let table = TriggerTable::named("item")
        .key("id", Kind::Integer)
        .column("name", Kind::Text)
        .redacted("price", Kind::Decimal);
    install(&db, &table).await;
    let function = one(&db, "SELECT pg_get_functiondef('audit_item'::regproc)").await;
    let triggers = one(
        &db,
        "SELECT string_agg(pg_get_triggerdef(oid) || ';', E'\\n' ORDER BY tgname) FROM pg_trigger WHERE tgrelid = 'item'::regclass",
    )
    .await;
    let installed = format!("{function}\n{triggers}\n");
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/triggers.md");
    let page = std::fs::read_to_string(path).unwrap();
    let mark = "<!-- installed on PostgreSQL -->\n```sql\n";
    let (before, documented) = page.split_once(mark).unwrap();
    let (documented, after) = documented.split_once("```").unwrap();
    if std::env::var_os("AUDIT_BLESS_DOCS").is_some() {
        std::fs::write(path, format!("{before}{mark}{installed}```{after}")).unwrap();
    } else {
        // Servers of other versions write the settings in another way.
        let version = count(
            &db,
            "SELECT current_setting('server_version_num')::int / 10000",
        )
        .await;
        assert!(
            documented == installed || version != 15,
            "docs/triggers.md shows something else than\n{installed}"
        );
    }
}
