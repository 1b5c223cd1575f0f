//! Texts that are not what they should be.

use std::sync::Arc;

use sea_orm::{ConnectionTrait, DbBackend, Statement};
use sea_orm_audit_migration::triggers::{Kind, TriggerTable};
use serde_json::{Value as Json, json};

use super::table;
use crate::{
    cases,
    support::{
        case::Case,
        log::log,
        plain::{install, run},
        server::TestDb,
    },
};

pub fn cases() -> Vec<Case> {
    cases![
        text_that_is_not_utf8_is_recorded_as_far_as_it_is,
        json_that_nobody_could_read_back_is_kept_as_text,
    ]
}

async fn text_that_is_not_utf8_is_recorded_as_far_as_it_is(test: Arc<TestDb>) {
    let db = test.connect().await;
    run(
        &db,
        "CREATE TABLE odd (id TEXT PRIMARY KEY, name TEXT) WITHOUT ROWID",
    )
    .await;
    let table = TriggerTable::named("odd")
        .key("id", Kind::Text)
        .column("name", Kind::Text);
    install(&db, &table).await;
    let euro = "aé€😀".repeat(30);
    for bytes in [
        b"\xff".to_vec(),
        b"a\xe9".to_vec(),
        b"\xc3".to_vec(),
        b"\xe2\x82".to_vec(),
        b"\xe2\x82a".to_vec(),
        b"\xf0\x9f\x98".to_vec(),
        b"\xc0\x80".to_vec(),
        b"\xe0\x80\x80".to_vec(),
        b"\xed\xa0\x80".to_vec(),
        b"\xf4\x90\x80\x80".to_vec(),
        b"\xf8\x88\x80\x80\x80".to_vec(),
        b"\x80\x80".to_vec(),
        b"\xe3\xa9".to_vec(),
        b"caf\xe9 au lait and more than thirty-two characters".to_vec(),
        [euro.as_bytes(), b"\xff", euro.as_bytes()].concat(),
        [b"\xff\0\xff".as_slice(), euro.as_bytes()].concat(),
    ] {
        let sql = "INSERT INTO odd VALUES (CAST(? AS TEXT), CAST(? AS TEXT))";
        let values = [bytes.clone().into(), bytes.clone().into()];
        db.execute_raw(Statement::from_sql_and_values(
            DbBackend::Sqlite,
            sql,
            values,
        ))
        .await
        .unwrap();
        let entry = log(&db).await.pop().unwrap();
        let name = entry.new_values.unwrap()["name"]
            .as_str()
            .unwrap()
            .to_owned();
        let plain = |text: &str| text.replace('\u{fffd}', "");
        assert_eq!(
            plain(&name),
            plain(&String::from_utf8_lossy(&bytes)),
            "{bytes:x?}"
        );
        assert!(name.contains('\u{fffd}'), "{bytes:x?}");
        assert_eq!(entry.record_id, name);
    }
    let text =
        format!("{euro}\u{0}{euro}\u{7ff}\u{800}\u{d7ff}\u{e000}\u{ffff}\u{10000}\u{10ffff}\u{80}");
    let sql = "INSERT INTO odd VALUES (?, ?)";
    let values = [text.clone().into(), text.clone().into()];
    db.execute_raw(Statement::from_sql_and_values(
        DbBackend::Sqlite,
        sql,
        values,
    ))
    .await
    .unwrap();
    let entry = log(&db).await.pop().unwrap();
    assert_eq!(entry.record_id, text);
    assert_eq!(entry.new_values, Some(json!({"id": text, "name": text})));
}

async fn json_that_nobody_could_read_back_is_kept_as_text(test: Arc<TestDb>) {
    let db = test.connect().await;
    let table = table(&db, "odd", true).await;
    install(&db, &table).await;
    let nested = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
    let wide = format!("[{}]", ["{}"; 2000].join(","));
    for (text, kept) in [
        (r#"["\ud800"]"#.to_owned(), false),
        (r#"["\udc00\ud800"]"#.to_owned(), false),
        (r#"{"\uD800": 1}"#.to_owned(), false),
        (r#"["\ud83d\ude00", "\\ud800", "\u00e9"]"#.to_owned(), true),
        ("[1e400]".to_owned(), false),
        ("[-1E+400]".to_owned(), false),
        ("[1e300, 1e-400]".to_owned(), true),
        (format!("[{}]", "9".repeat(400)), false),
        (format!("[{}]", "9".repeat(300)), true),
        (nested(126), true),
        (nested(127), false),
        (nested(900), false),
        (wide, true),
        (format!("[{}]", i64::MIN), true),
    ] {
        let sql = "INSERT INTO odd (json) VALUES (?)";
        let statement =
            Statement::from_sql_and_values(DbBackend::Sqlite, sql, [text.clone().into()]);
        db.execute_raw(statement).await.unwrap();
        let entry = log(&db).await.pop().unwrap();
        let json = &entry.new_values.unwrap()["json"];
        if kept {
            assert_eq!(
                json,
                &serde_json::from_str::<Json>(&text).unwrap(),
                "{text}"
            );
        } else {
            assert_eq!(json, &json!(text));
        }
    }
}
