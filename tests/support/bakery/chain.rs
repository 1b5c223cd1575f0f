//! Tables that refer to each other in every way SeaORM knows.

/// Has many of everything.
pub mod bakery {
    use sea_orm::entity::prelude::*;
    use sea_orm_audit::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
    #[sea_orm(table_name = "bakery")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub name: String,
        pub margin: f64,
        #[sea_orm(has_many)]
        pub bakers: HasMany<super::baker::Entity>,
        #[sea_orm(has_many)]
        pub cakes: HasMany<super::cake::Entity>,
        #[sea_orm(has_many)]
        pub ovens: HasMany<super::oven::Entity>,
    }
}

/// A child that may be without its bakery.
pub mod baker {
    use sea_orm::entity::prelude::*;
    use sea_orm_audit::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
    #[sea_orm(table_name = "baker")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        #[sea_orm(unique)]
        pub name: String,
        pub contact: Option<Json>,
        pub bakery_id: Option<i32>,
        #[sea_orm(belongs_to, from = "bakery_id", to = "id")]
        pub bakery: BelongsTo<Option<super::bakery::Entity>>,
        #[sea_orm(has_one)]
        pub badge: HasOne<super::badge::Entity>,
        #[sea_orm(has_one)]
        pub locker: HasOne<super::locker::Entity>,
        #[sea_orm(has_many, via = "cake_baker")]
        pub cakes: HasMany<super::cake::Entity>,
    }
}

/// The only one of its baker, and nothing without them.
pub mod badge {
    use sea_orm::entity::prelude::*;
    use sea_orm_audit::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
    #[sea_orm(table_name = "badge")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub title: String,
        #[sea_orm(unique)]
        pub baker_id: i32,
        #[sea_orm(belongs_to, from = "baker_id", to = "id")]
        pub baker: BelongsTo<super::baker::Entity>,
    }
}

/// The only one of its baker, and there without them.
pub mod locker {
    use sea_orm::entity::prelude::*;
    use sea_orm_audit::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
    #[sea_orm(table_name = "locker")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub place: String,
        #[sea_orm(unique)]
        pub baker_id: Option<i32>,
        #[sea_orm(belongs_to, from = "baker_id", to = "id")]
        pub baker: BelongsTo<Option<super::baker::Entity>>,
    }
}

/// A child that cannot be without its bakery, with children of the same kind.
pub mod oven {
    use sea_orm::entity::prelude::*;
    use sea_orm_audit::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
    #[sea_orm(table_name = "oven")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub label: String,
        pub bakery_id: i32,
        #[sea_orm(belongs_to, from = "bakery_id", to = "id")]
        pub bakery: BelongsTo<super::bakery::Entity>,
        #[sea_orm(has_many)]
        pub inspections: HasMany<super::inspection::Entity>,
    }
}

/// A child of a child.
pub mod inspection {
    use sea_orm::entity::prelude::*;
    use sea_orm_audit::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
    #[sea_orm(table_name = "inspection")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub passed: bool,
        pub oven_id: i32,
        #[sea_orm(belongs_to, from = "oven_id", to = "id")]
        pub oven: BelongsTo<super::oven::Entity>,
    }
}

/// Linked in two ways: to bakers by a junction without a key of its own, to labels by one with.
pub mod cake {
    use sea_orm::entity::prelude::*;
    use sea_orm_audit::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
    #[sea_orm(table_name = "cake")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub name: String,
        #[sea_orm(column_type = "Decimal(Some((12, 4)))")]
        pub price: Decimal,
        #[sea_orm(default_value = false)]
        pub gluten_free: bool,
        pub bakery_id: Option<i32>,
        #[sea_orm(belongs_to, from = "bakery_id", to = "id")]
        pub bakery: BelongsTo<Option<super::bakery::Entity>>,
        #[sea_orm(has_many, via = "cake_baker")]
        pub bakers: HasMany<super::baker::Entity>,
        #[sea_orm(has_many, via = "cake_label")]
        pub labels: HasMany<super::label::Entity>,
    }
}

/// A junction whose key is the two it joins.
pub mod cake_baker {
    use sea_orm::entity::prelude::*;
    use sea_orm_audit::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
    #[sea_orm(table_name = "cake_baker")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub cake_id: i32,
        #[sea_orm(primary_key, auto_increment = false)]
        pub baker_id: i32,
        #[sea_orm(belongs_to, from = "cake_id", to = "id")]
        pub cake: BelongsTo<super::cake::Entity>,
        #[sea_orm(belongs_to, from = "baker_id", to = "id")]
        pub baker: BelongsTo<super::baker::Entity>,
    }
}

/// What a cake is labelled with.
pub mod label {
    use sea_orm::entity::prelude::*;
    use sea_orm_audit::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
    #[sea_orm(table_name = "label")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub text: String,
        #[sea_orm(has_many, via = "cake_label")]
        pub cakes: HasMany<super::cake::Entity>,
    }
}

/// A junction with a key of its own.
pub mod cake_label {
    use sea_orm::entity::prelude::*;
    use sea_orm_audit::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
    #[sea_orm(table_name = "cake_label")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        #[sea_orm(unique_key = "pair")]
        pub cake_id: i32,
        #[sea_orm(unique_key = "pair")]
        pub label_id: i32,
        #[sea_orm(belongs_to, from = "cake_id", to = "id")]
        pub cake: BelongsTo<super::cake::Entity>,
        #[sea_orm(belongs_to, from = "label_id", to = "id")]
        pub label: BelongsTo<super::label::Entity>,
    }
}

/// Refers to itself.
pub mod employee {
    use sea_orm::entity::prelude::*;
    use sea_orm_audit::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
    #[sea_orm(table_name = "employee")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub name: String,
        pub manager_id: Option<i32>,
        #[sea_orm(
            self_ref,
            relation_enum = "Manager",
            relation_reverse = "Reports",
            from = "manager_id",
            to = "id"
        )]
        pub manager: BelongsTo<Option<Entity>>,
        #[sea_orm(self_ref, relation_enum = "Reports", relation_reverse = "Manager")]
        pub reports: HasMany<Entity>,
    }
}
