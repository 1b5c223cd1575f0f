//! One behaviour test for each option, each entity format and each rule of naming.
#![allow(
    dead_code,
    non_snake_case,
    unreachable_pub,
    reason = "entities are written here as applications write them"
)]

use sea_orm::IdenStatic;
use sea_orm_audit::{Audited, Capture, Options, Values};

/// The columns that are nowhere in the log, by their names in the database.
fn excluded<E: Audited>() -> Vec<&'static str> {
    E::EXCLUDED.iter().map(IdenStatic::as_str).collect()
}

/// The columns whose value is not in the log, by their names in the database.
fn redacted<E: Audited>() -> Vec<&'static str> {
    E::REDACTED.iter().map(IdenStatic::as_str).collect()
}

mod options {
    use super::*;

    mod defaults {
        use sea_orm::entity::prelude::*;
        use sea_orm_audit::Audited;

        #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
        #[sea_orm(table_name = "defaults")]
        pub struct Model {
            #[sea_orm(primary_key)]
            pub id: i32,
            pub name: String,
        }

        #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
        pub enum Relation {}
    }

    #[test]
    fn without_options_everything_is_recorded() {
        assert_eq!(defaults::Entity::OPTIONS, Options::DEFAULT);
        assert_eq!(excluded::<defaults::Entity>(), [""; 0]);
        assert_eq!(redacted::<defaults::Entity>(), [""; 0]);
    }

    mod lists {
        use sea_orm::entity::prelude::*;
        use sea_orm_audit::Audited;

        #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
        #[sea_orm(table_name = "lists")]
        #[audited(exclude(updated_at, touched_by), redact(secret,))]
        pub struct Model {
            #[sea_orm(primary_key)]
            pub id: i32,
            pub name: String,
            pub secret: String,
            pub touched_by: String,
            pub updated_at: DateTimeUtc,
        }

        #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
        pub enum Relation {}
    }

    #[test]
    fn exclude_and_redact_name_fields_on_the_struct() {
        assert_eq!(excluded::<lists::Entity>(), ["touched_by", "updated_at"]);
        assert_eq!(redacted::<lists::Entity>(), ["secret"]);
    }

    mod fields {
        use sea_orm::entity::prelude::*;
        use sea_orm_audit::Audited;

        #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
        #[sea_orm(table_name = "fields")]
        #[audited(redact(token))]
        pub struct Model {
            #[sea_orm(primary_key)]
            pub id: i32,
            #[audited(redact)]
            pub secret: String,
            pub token: String,
            #[audited(skip)]
            #[sea_orm(column_type = "Text")]
            pub notes: String,
        }

        #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
        pub enum Relation {}
    }

    #[test]
    fn skip_and_redact_stand_on_fields_too() {
        assert_eq!(excluded::<fields::Entity>(), ["notes"]);
        assert_eq!(redacted::<fields::Entity>(), ["secret", "token"]);
    }

    mod scalars {
        use sea_orm::entity::prelude::*;
        use sea_orm_audit::Audited;

        #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
        #[sea_orm(table_name = "scalars")]
        #[audited(values = "full", log = "audit.scalars")]
        #[audited(capture = "hooks", require_actor)]
        pub struct Model {
            #[sea_orm(primary_key)]
            pub id: i32,
            pub name: String,
        }

        #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
        pub enum Relation {}
    }

    #[test]
    fn values_log_and_require_actor_reach_the_options() {
        let options = scalars::Entity::OPTIONS;
        assert_eq!(options.capture, Capture::Hooks);
        assert_eq!(options.values, Values::Full);
        assert_eq!(options.log, "audit.scalars");
        assert!(options.require_actor);
    }

    mod by_trigger {
        use sea_orm::entity::prelude::*;
        use sea_orm_audit::Audited;

        #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
        #[sea_orm(table_name = "by_trigger")]
        #[audited(capture = "trigger", values = "full", log = "other", require_actor)]
        pub struct Model {
            #[sea_orm(primary_key)]
            pub id: i32,
            pub name: String,
        }

        #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
        pub enum Relation {}
    }

    #[test]
    fn capture_by_triggers_goes_with_every_other_option() {
        let expected = Options::DEFAULT
            .capture(Capture::Trigger)
            .values(Values::Full)
            .log("other")
            .require_actor();
        assert_eq!(by_trigger::Entity::OPTIONS, expected);
    }

    mod by_trigger_with_own_hooks {
        use sea_orm::entity::prelude::*;
        use sea_orm_audit::Audited;

        #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
        #[sea_orm(table_name = "by_trigger_with_own_hooks")]
        #[audited(capture = "trigger", custom_behavior)]
        pub struct Model {
            #[sea_orm(primary_key)]
            pub id: i32,
        }

        #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
        pub enum Relation {}

        #[sea_orm_audit::behavior]
        impl ActiveModelBehavior for ActiveModel {}
    }

    #[test]
    fn capture_by_triggers_goes_with_own_hooks() {
        let expected = Options::DEFAULT.capture(Capture::Trigger);
        assert_eq!(by_trigger_with_own_hooks::Entity::OPTIONS, expected);
    }

    mod changed {
        use sea_orm::entity::prelude::*;
        use sea_orm_audit::Audited;

        #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
        #[sea_orm(table_name = "changed")]
        #[audited(values = "changed")]
        pub struct Model {
            #[sea_orm(primary_key)]
            pub id: i32,
            pub name: String,
        }

        #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
        pub enum Relation {}
    }

    #[test]
    fn the_default_may_be_said() {
        assert_eq!(changed::Entity::OPTIONS, Options::DEFAULT);
    }
}

mod formats {
    use super::*;

    mod author {
        use sea_orm::entity::prelude::*;
        use sea_orm_audit::Audited;

        #[sea_orm::model]
        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Audited)]
        #[sea_orm(table_name = "author")]
        #[audited(exclude(email), require_actor)]
        pub struct Model {
            #[sea_orm(primary_key)]
            pub id: i32,
            pub email: String,
            #[audited(redact)]
            pub phone: String,
            #[sea_orm(has_many)]
            pub books: HasMany<super::book::Entity>,
        }
    }

    mod book {
        use sea_orm::entity::prelude::*;
        use sea_orm_audit::Audited;

        #[sea_orm::model]
        #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
        #[sea_orm(table_name = "book")]
        pub struct Model {
            #[sea_orm(primary_key)]
            pub id: i32,
            pub author_id: i32,
            #[sea_orm(belongs_to, from = "author_id", to = "id")]
            pub author: HasOne<super::author::Entity>,
        }
    }

    #[test]
    fn the_dense_format_is_expanded_once() {
        assert_eq!(excluded::<author::Entity>(), ["email"]);
        assert_eq!(redacted::<author::Entity>(), ["phone"]);
        let options = author::Entity::OPTIONS;
        assert!(options.require_actor);
        assert_eq!(book::Entity::OPTIONS, Options::DEFAULT);
    }

    mod compact {
        use sea_orm::entity::prelude::*;
        use sea_orm_audit::Audited;

        #[sea_orm::compact_model]
        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Audited)]
        #[sea_orm(table_name = "compact")]
        #[audited(exclude(email))]
        pub struct Model {
            #[sea_orm(primary_key)]
            pub id: i32,
            pub email: String,
            #[audited(redact)]
            pub phone: String,
        }

        #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
        pub enum Relation {}
    }

    #[test]
    fn the_compact_format_is_expanded_once() {
        assert_eq!(excluded::<compact::Entity>(), ["email"]);
        assert_eq!(redacted::<compact::Entity>(), ["phone"]);
    }

    mod expanded {
        use sea_orm::entity::prelude::*;
        use sea_orm_audit::Audited;

        #[derive(Copy, Clone, Default, Debug, DeriveEntity)]
        pub struct Entity;

        impl EntityName for Entity {
            fn table_name(&self) -> &'static str {
                "expanded"
            }
        }

        #[derive(Clone, Debug, PartialEq, Eq, DeriveModel, DeriveActiveModel, Audited)]
        #[audited(exclude(email))]
        pub struct Model {
            pub id: i32,
            pub email: String,
            #[audited(redact)]
            pub phone: String,
        }

        #[derive(Copy, Clone, Debug, EnumIter, DeriveColumn)]
        pub enum Column {
            Id,
            Email,
            Phone,
        }

        #[derive(Copy, Clone, Debug, EnumIter, DerivePrimaryKey)]
        pub enum PrimaryKey {
            Id,
        }

        impl PrimaryKeyTrait for PrimaryKey {
            type ValueType = i32;

            fn auto_increment() -> bool {
                true
            }
        }

        #[derive(Copy, Clone, Debug, EnumIter)]
        pub enum Relation {}

        impl ColumnTrait for Column {
            type EntityName = Entity;

            fn def(&self) -> ColumnDef {
                match self {
                    Self::Id => ColumnType::Integer.def(),
                    Self::Email | Self::Phone => ColumnType::Text.def(),
                }
            }
        }

        impl RelationTrait for Relation {
            fn def(&self) -> RelationDef {
                match *self {}
            }
        }
    }

    #[test]
    fn the_expanded_format_works() {
        assert_eq!(excluded::<expanded::Entity>(), ["email"]);
        assert_eq!(redacted::<expanded::Entity>(), ["phone"]);
    }

    mod above {
        use sea_orm::entity::prelude::*;
        use sea_orm_audit::Audited;

        #[derive(Audited)]
        #[sea_orm::model]
        #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
        #[sea_orm(table_name = "above")]
        #[audited(exclude(email), values = "full")]
        pub struct Model {
            #[sea_orm(primary_key)]
            pub id: i32,
            pub email: String,
            #[audited(redact)]
            pub phone: String,
            pub author_id: i32,
            #[sea_orm(belongs_to, from = "author_id", to = "id")]
            pub author: HasOne<super::author::Entity>,
        }
    }

    #[test]
    fn the_derive_may_stand_above_the_format() {
        assert_eq!(excluded::<above::Entity>(), ["email"]);
        assert_eq!(redacted::<above::Entity>(), ["phone"]);
        assert_eq!(above::Entity::OPTIONS.values, Values::Full);
    }

    mod model_attrs {
        use sea_orm::entity::prelude::*;

        #[sea_orm::model]
        #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
        #[sea_orm(
            table_name = "model_attrs",
            model_attrs(derive(sea_orm_audit::Audited), audited(exclude(email)))
        )]
        pub struct Model {
            #[sea_orm(primary_key)]
            pub id: i32,
            pub email: String,
        }
    }

    #[test]
    fn the_derive_may_be_given_to_the_model_alone() {
        assert_eq!(excluded::<model_attrs::Entity>(), ["email"]);
    }

    /// Entities are often written by a macro of the application's own.
    macro_rules! entity {
        ($module:ident, $table:literal, $log:literal, $hidden:ident, $masked:tt) => {
            mod $module {
                use sea_orm::entity::prelude::*;
                use sea_orm_audit::Audited;

                #[sea_orm::model]
                #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
                #[sea_orm(table_name = $table)]
                #[audited(log = $log, exclude($hidden), redact($masked))]
                pub struct Model {
                    #[sea_orm(primary_key)]
                    pub id: i32,
                    pub $hidden: String,
                    pub $masked: String,
                }
            }
        };
    }

    entity!(generated, "generated", "generated_audit", email, phone);

    #[test]
    fn the_entity_may_come_out_of_a_macro() {
        assert_eq!(excluded::<generated::Entity>(), ["email"]);
        assert_eq!(redacted::<generated::Entity>(), ["phone"]);
        assert_eq!(generated::Entity::OPTIONS.log, "generated_audit");
    }
}

mod names {
    use super::*;

    mod odd {
        use sea_orm::entity::prelude::*;
        use sea_orm_audit::Audited;

        #[sea_orm::model]
        #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
        #[sea_orm(table_name = "odd", schema_name = "shop")]
        #[audited(exclude(r#type, self_, _hidden, renamed), redact(other, a__b))]
        pub struct Model {
            #[sea_orm(primary_key)]
            pub id: i32,
            pub r#type: String,
            pub self_: String,
            pub _hidden: String,
            pub a__b: String,
            #[sea_orm(column_name = "in_the_database")]
            pub renamed: String,
            #[sea_orm(enum_name = "AnotherVariant")]
            pub other: String,
            #[audited(redact)]
            pub r#match: String,
            #[sea_orm(ignore)]
            pub cached: i32,
        }
    }

    #[test]
    fn fields_are_found_however_their_column_is_called() {
        assert_eq!(
            excluded::<odd::Entity>(),
            ["type", "self", "hidden", "in_the_database"]
        );
        assert_eq!(
            redacted::<odd::Entity>(),
            ["a_b", "another_variant", "match"]
        );
        assert!(matches!(
            odd::Entity::REDACTED,
            [
                odd::Column::AB,
                odd::Column::AnotherVariant,
                odd::Column::Match
            ]
        ));
    }

    mod keyword {
        use sea_orm::entity::prelude::*;
        use sea_orm_audit::Audited;

        #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
        #[sea_orm(table_name = "keyword")]
        #[audited(exclude(type))]
        pub struct Model {
            #[sea_orm(primary_key)]
            pub id: i32,
            pub r#type: String,
        }

        #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
        pub enum Relation {}
    }

    #[test]
    fn a_keyword_needs_no_escape_in_a_list() {
        assert_eq!(excluded::<keyword::Entity>(), ["type"]);
    }

    mod camel {
        use sea_orm::entity::prelude::*;
        use sea_orm_audit::Audited;

        #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
        #[sea_orm(table_name = "camel", rename_all = "camelCase")]
        pub struct Model {
            #[sea_orm(primary_key)]
            pub id: i32,
            #[audited(skip)]
            pub updated_at: DateTimeUtc,
        }

        #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
        pub enum Relation {}
    }

    #[test]
    fn rename_all_does_not_change_the_fields_name() {
        assert_eq!(excluded::<camel::Entity>(), ["updatedAt"]);
    }

    mod composite {
        use sea_orm::entity::prelude::*;
        use sea_orm_audit::Audited;

        #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
        #[sea_orm(table_name = "composite")]
        #[audited(redact(note))]
        pub struct Model {
            #[sea_orm(primary_key, auto_increment = false)]
            pub left_id: i32,
            #[sea_orm(primary_key, auto_increment = false)]
            pub right_id: String,
            pub note: String,
        }

        #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
        pub enum Relation {}
    }

    #[test]
    fn a_composite_key_is_no_obstacle() {
        assert_eq!(redacted::<composite::Entity>(), ["note"]);
        let _ = composite::Entity::history((1, "a".to_owned()));
    }
}
