//! Audited tables that refer to each other, for writes of several rows at once.

use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr, IntoActiveModel, TransactionTrait};

use super::{replay::replay, shop::create_table};

pub mod author {
    use sea_orm::entity::prelude::*;
    use sea_orm_audit::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
    #[sea_orm(table_name = "author")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub name: String,
        #[sea_orm(has_many)]
        pub posts: HasMany<super::post::Entity>,
    }
}

pub mod post {
    use sea_orm::entity::prelude::*;
    use sea_orm_audit::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
    #[sea_orm(table_name = "post")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub author_id: i32,
        pub title: String,
        #[sea_orm(belongs_to, from = "author_id", to = "id")]
        pub author: BelongsTo<super::author::Entity>,
        #[sea_orm(has_many, via = "post_tag")]
        pub tags: HasMany<super::tag::Entity>,
    }
}

pub mod tag {
    use sea_orm::entity::prelude::*;
    use sea_orm_audit::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
    #[sea_orm(table_name = "tag")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub name: String,
        #[sea_orm(has_many, via = "post_tag")]
        pub posts: HasMany<super::post::Entity>,
    }
}

pub mod post_tag {
    use sea_orm::entity::prelude::*;
    use sea_orm_audit::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
    #[sea_orm(table_name = "post_tag")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub post_id: i32,
        #[sea_orm(primary_key, auto_increment = false)]
        pub tag_id: i32,
        #[sea_orm(belongs_to, from = "post_id", to = "id")]
        pub post: BelongsTo<super::post::Entity>,
        #[sea_orm(belongs_to, from = "tag_id", to = "id")]
        pub tag: BelongsTo<super::tag::Entity>,
    }
}

pub async fn create_blog(db: &DatabaseConnection) {
    create_table(db, author::Entity).await;
    create_table(db, tag::Entity).await;
    create_table(db, post::Entity).await;
    create_table(db, post_tag::Entity).await;
}

pub async fn replay_blog(db: &DatabaseConnection) {
    replay::<author::Entity>(db).await;
    replay::<tag::Entity>(db).await;
    replay::<post::Entity>(db).await;
    replay::<post_tag::Entity>(db).await;
}

/// An author with a post that has two tags, none of which is written yet.
pub fn new_author() -> author::ActiveModelEx {
    let tags = ["green", "black"].map(|name| tag::ActiveModel::builder().set_name(name));
    let [green, black] = tags;
    author::ActiveModel::builder().set_name("Ada").add_post(
        post::ActiveModel::builder()
            .set_title("on tea")
            .add_tag(green)
            .add_tag(black),
    )
}

/// The author with the post and its tags, as they are in the database.
pub async fn load_author<C: ConnectionTrait>(db: &C) -> Result<author::ModelEx, DbErr> {
    author::Entity::load()
        .with((post::Entity, tag::Entity))
        .one(db)
        .await?
        .ok_or(DbErr::RecordNotUpdated)
}

/// Renames the author, replaces the tags of the post and adds another post.
pub async fn rewrite<C>(author: author::ModelEx, db: &C) -> Result<(), DbErr>
where
    C: TransactionTrait,
{
    let mut author = author.into_active_model().set_name("Ada L.");
    let white = tag::ActiveModel::builder().set_name("white");
    for post in author.posts.as_mut_vec() {
        post.tags.replace_all([white.clone()]);
    }
    author
        .add_post(post::ActiveModel::builder().set_title("on milk"))
        .save(db)
        .await
        .map(drop)
}
