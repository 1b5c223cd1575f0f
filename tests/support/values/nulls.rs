//! Arrays with nulls in them. SeaORM reads no such array by itself, so the type that does is the application's.

use sea_orm::{
    ColIdx, QueryResult, TryGetError, TryGetable, Value,
    sea_query::{ArrayType, ColumnType, Nullable, RcOrArc, ValueType, ValueTypeErr},
};

/// An array of PostgreSQL whose elements may be null.
#[derive(Clone, Debug, PartialEq)]
pub struct Sparse(pub Vec<Option<i32>>);

impl From<Sparse> for Value {
    fn from(Sparse(elements): Sparse) -> Self {
        let elements = elements.into_iter().map(Self::Int).collect();
        Self::Array(ArrayType::Int, Some(Box::new(elements)))
    }
}

impl TryGetable for Sparse {
    fn try_get_by<I: ColIdx>(row: &QueryResult, index: I) -> Result<Self, TryGetError> {
        let read = row.try_get_from_sqlx_postgres::<Vec<Option<i32>>, _>(index);
        read.expect("only PostgreSQL has arrays").map(Self)
    }
}

impl ValueType for Sparse {
    fn try_from(value: Value) -> Result<Self, ValueTypeErr> {
        let Value::Array(ArrayType::Int, Some(elements)) = value else {
            return Err(ValueTypeErr);
        };
        let elements = elements.into_iter().map(|element| match element {
            Value::Int(element) => Ok(element),
            _ => Err(ValueTypeErr),
        });
        elements.collect::<Result<_, _>>().map(Self)
    }

    fn type_name() -> String {
        "Sparse".to_owned()
    }

    fn array_type() -> ArrayType {
        ArrayType::Int
    }

    fn column_type() -> ColumnType {
        ColumnType::Array(RcOrArc::new(ColumnType::Integer))
    }
}

impl Nullable for Sparse {
    fn null() -> Value {
        Value::Array(ArrayType::Int, None)
    }
}

/// A table of them.
pub mod sparse {
    use sea_orm::entity::prelude::*;
    use sea_orm_audit::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
    #[sea_orm(table_name = "sparse_value")]
    #[audited(values = "full")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub name: String,
        pub numbers: super::Sparse,
        pub maybe: Option<super::Sparse>,
    }
}
