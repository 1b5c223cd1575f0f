//! Nested writes: builders, junction rows, cascading deletes.

use std::sync::Arc;

use sea_orm::{
    ActiveModelTrait, DatabaseConnection, EntityLoaderTrait, EntityTrait, IntoActiveModel,
    ModelTrait, Set,
};
use sea_orm_audit::AuditContext;

use crate::{
    cases,
    support::{
        case::Case,
        events::Events,
        log::{log, trail},
        magazine::{author, comment, magazine, post, post_tag, replay_magazine, tag},
        server::TestDb,
    },
};

pub fn cases() -> Vec<Case> {
    cases![
        every_row_of_a_builder_is_recorded,
        an_existing_parent_that_is_not_changed_makes_no_entry,
        a_child_unlinked_by_null_is_recorded_as_an_update,
        a_child_that_cannot_be_unlinked_is_recorded_as_a_delete,
        new_junction_rows_are_recorded,
        a_junction_row_that_is_there_already_makes_no_entry,
        replaced_junction_rows_are_recorded,
        a_cascading_delete_records_children_and_not_junction_rows,
        a_loaded_entity_saved_again_records_what_changed,
        a_builder_that_fails_leaves_no_entry,
    ]
}

/// A post with two tags, saved by a builder.
async fn tagged(db: &DatabaseConnection) -> post::ActiveModelEx {
    post::ActiveModel::builder()
        .set_title("hello")
        .add_tag(tag::ActiveModel::builder().set_word("rust"))
        .add_tag(tag::ActiveModel::builder().set_word("orm"))
        .save(db)
        .await
        .unwrap()
}

/// What happened since there were this many entries.
async fn since(db: &DatabaseConnection, entries: usize) -> Vec<String> {
    trail(db).await.split_off(entries)
}

async fn every_row_of_a_builder_is_recorded(test: Arc<TestDb>) {
    let db = magazine(&test).await;

    AuditContext::new()
        .actor("alice")
        .scope(async {
            author::ActiveModel::builder()
                .set_name("ann")
                .add_post(
                    post::ActiveModel::builder()
                        .set_title("hello")
                        .add_comment(comment::ActiveModel::builder().set_text("first"))
                        .add_comment(comment::ActiveModel::builder().set_text("second")),
                )
                .save(&db)
                .await
                .unwrap();
        })
        .await;

    let entries = log(&db).await;
    let about = |entity: &str| {
        entries
            .iter()
            .filter(|entry| entry.entity == entity)
            .count()
    };
    assert_eq!(
        (
            about("magazine_author"),
            about("magazine_post"),
            about("magazine_comment")
        ),
        (1, 1, 2)
    );
    for entry in &entries {
        assert_eq!(entry.action.as_str(), "create");
        assert_eq!(entry.actor.as_deref(), Some("alice"));
        assert_eq!(entry.correlation_id, entries[0].correlation_id);
    }
    replay_magazine(&db).await;
}

async fn an_existing_parent_that_is_not_changed_makes_no_entry(test: Arc<TestDb>) {
    let db = magazine(&test).await;
    let ann = author::ActiveModel::builder().set_name("ann");
    let ann = ann.save(&db).await.unwrap();

    post::ActiveModel::builder()
        .set_title("hello")
        .set_author(ann)
        .save(&db)
        .await
        .unwrap();

    assert_eq!(
        trail(&db).await,
        ["create magazine_author 1", "create magazine_post 1"]
    );
    replay_magazine(&db).await;
}

async fn a_child_unlinked_by_null_is_recorded_as_an_update(test: Arc<TestDb>) {
    let db = magazine(&test).await;
    let mut ann = author::ActiveModel::builder()
        .set_name("ann")
        .add_post(post::ActiveModel::builder().set_title("hello"))
        .save(&db)
        .await
        .unwrap();
    let before = log(&db).await.len();

    ann.posts.replace_all([]);
    ann.save(&db).await.unwrap();

    let unlinked = log(&db).await.split_off(before);
    assert_eq!(unlinked.len(), 1);
    let null = serde_json::json!({"author_id": null});
    assert_eq!(unlinked[0].entity, "magazine_post");
    assert_eq!(unlinked[0].new_values, Some(null));
    replay_magazine(&db).await;
}

async fn a_child_that_cannot_be_unlinked_is_recorded_as_a_delete(test: Arc<TestDb>) {
    let db = magazine(&test).await;
    let mut post = post::ActiveModel::builder()
        .set_title("hello")
        .add_comment(comment::ActiveModel::builder().set_text("first"))
        .save(&db)
        .await
        .unwrap();
    let before = log(&db).await.len();

    post.comments.replace_all([]);
    post.save(&db).await.unwrap();

    assert_eq!(since(&db, before).await, ["delete magazine_comment 1"]);
    replay_magazine(&db).await;
}

async fn new_junction_rows_are_recorded(test: Arc<TestDb>) {
    let db = magazine(&test).await;

    tagged(&db).await;

    // Both rows are announced before the one statement that inserts them.
    assert_eq!(
        trail(&db).await,
        [
            "create magazine_post 1",
            "create magazine_tag 1",
            "create magazine_tag 2",
            "create magazine_post_tag [1,1]",
            "create magazine_post_tag [1,2]"
        ]
    );
    replay_magazine(&db).await;
}

/// On MySQL SeaORM reports such a row as inserted.
async fn a_junction_row_that_is_there_already_makes_no_entry(test: Arc<TestDb>) {
    let db = magazine(&test).await;
    let post = tagged(&db).await;
    let before = log(&db).await.len();

    let events = Events::collect();
    AuditContext::new()
        .scope(async {
            post.add_tag(tag::ActiveModel::builder().set_word("sql"))
                .save(&db)
                .await
                .unwrap();
        })
        .await;

    assert_eq!(
        since(&db, before).await,
        ["create magazine_tag 3", "create magazine_post_tag [1,3]"]
    );
    assert!(events.containing("is not in the log").is_empty());
    replay_magazine(&db).await;
}

async fn replaced_junction_rows_are_recorded(test: Arc<TestDb>) {
    let db = magazine(&test).await;
    let mut post = tagged(&db).await;
    let before = log(&db).await.len();

    post.tags
        .replace_all([tag::ActiveModel::builder().set_word("sql")]);
    post.save(&db).await.unwrap();

    let mut since = since(&db, before).await;
    since.sort();
    assert_eq!(
        since,
        [
            "create magazine_post_tag [1,3]",
            "create magazine_tag 3",
            "delete magazine_post_tag [1,1]",
            "delete magazine_post_tag [1,2]"
        ]
    );
    replay_magazine(&db).await;
}

/// SeaORM removes junction rows by `delete_many`, which has no hooks.
async fn a_cascading_delete_records_children_and_not_junction_rows(test: Arc<TestDb>) {
    let db = magazine(&test).await;
    let post = tagged(&db).await;
    post.add_comment(comment::ActiveModel::builder().set_text("first"))
        .save(&db)
        .await
        .unwrap();
    let before = log(&db).await.len();

    let post = post::Entity::find_by_id(1).one(&db).await.unwrap().unwrap();
    post.cascade_delete(&db).await.unwrap();

    assert_eq!(
        since(&db, before).await,
        ["delete magazine_comment 1", "delete magazine_post 1"]
    );
    assert!(post_tag::Entity::find().all(&db).await.unwrap().is_empty());
}

async fn a_loaded_entity_saved_again_records_what_changed(test: Arc<TestDb>) {
    let db = magazine(&test).await;
    tagged(&db).await;
    let before = log(&db).await.len();

    let loaded = post::Entity::load()
        .filter_by_id(1)
        .with(tag::Entity)
        .one(&db)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(loaded.tags.len(), 2);
    let changed = loaded.into_active_model().set_title("good bye");
    changed.save(&db).await.unwrap();

    assert_eq!(since(&db, before).await, ["update magazine_post 1"]);
    replay_magazine(&db).await;
}

async fn a_builder_that_fails_leaves_no_entry(test: Arc<TestDb>) {
    let db = magazine(&test).await;
    let tag = tag::ActiveModel {
        word: Set("rust".to_owned()),
        ..Default::default()
    };
    let tag = tag.insert(&db).await.unwrap();
    let gone = tag.clone();
    ModelTrait::delete(tag, &db).await.unwrap();
    let before = log(&db).await.len();

    // The post is inserted and recorded before its tag turns out to be missing.
    let failed = post::ActiveModel::builder()
        .set_title("hello")
        .add_tag(gone.into_active_model().into_ex().set_word("orm"))
        .save(&db)
        .await;

    failed.unwrap_err();
    assert!(since(&db, before).await.is_empty());
    replay_magazine(&db).await;
}
