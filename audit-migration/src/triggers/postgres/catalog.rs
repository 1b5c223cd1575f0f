//! What PostgreSQL's catalogue says about a table and about triggers of ours.

use sea_orm_migration::sea_orm::{
    ConnectionTrait, DbBackend, DbErr, QueryResult, Statement, TryGetable, Value,
};

use super::{
    event::{Event, Level},
    quote::{identifier, texts},
    statement::{Lists, PLACE},
};
use crate::triggers::{
    error::{Error, Result},
    stamp::MARK,
    table::TriggerTable,
};

/// The audited table in the database.
#[derive(Debug)]
pub(super) struct Relation {
    pub(super) oid: i64,
    pub(super) schema: String,
    pub(super) name: String,
    kind: String,
    pub(super) columns: Vec<String>,
    /// The columns of each unique index that tells all rows apart, in the order of their names: NULL equals nothing.
    unique: Vec<Vec<String>>,
}

/// The table itself or one of its partitions, and which of our triggers it has.
#[derive(Debug)]
pub(super) struct Part {
    /// Quoted and with its schema.
    pub(super) table: String,
    triggers: Vec<Trigger>,
}

#[derive(Debug)]
struct Trigger {
    name: String,
    fires: bool,
    level: Level,
    /// The schema and the name of the function that it calls.
    function: (String, String),
}

/// A trigger function of ours.
#[derive(Debug)]
pub(super) struct Function {
    pub(super) schema: String,
    pub(super) name: String,
    pub(super) source: String,
}

/// A name as `to_regclass` reads it: found along the search path where there is no schema.
pub(super) fn reg_name(schema: Option<&str>, name: &str) -> String {
    match schema {
        Some(schema) => format!("{}.{}", identifier(schema), identifier(name)),
        None => identifier(name),
    }
}

pub(super) async fn query<C: ConnectionTrait>(
    db: &C,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<Vec<QueryResult>, DbErr> {
    db.query_all_raw(Statement::from_sql_and_values(
        DbBackend::Postgres,
        sql,
        values,
    ))
    .await
}

/// The first column of the first row; `None` where there is no row.
pub(super) async fn one<C: ConnectionTrait, T: TryGetable>(
    db: &C,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<Option<T>, DbErr> {
    let rows = query(db, sql, values).await?;
    rows.first().map(|row| row.try_get_by_index(0)).transpose()
}

impl Relation {
    /// The table, if it is there.
    pub(super) async fn find<C: ConnectionTrait>(
        db: &C,
        table: &TriggerTable,
    ) -> Result<Option<Self>> {
        let name = reg_name(table.0.schema.as_deref(), &table.0.name);
        let found = query(
            db,
            "SELECT c.oid::bigint AS oid, n.nspname::text AS schema, c.relname::text AS name, c.relkind::text AS kind \
             FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
             WHERE c.oid = pg_catalog.to_regclass($1)",
            [name.into()],
        )
        .await?;
        let Some(row) = found.first() else {
            return Ok(None);
        };
        let oid: i64 = row.try_get("", "oid")?;
        let columns = query(
            db,
            "SELECT attname::text FROM pg_catalog.pg_attribute \
             WHERE attrelid = $1::bigint::oid AND attnum > 0 AND NOT attisdropped",
            [oid.into()],
        )
        .await?;
        let indexes = query(
            db,
            "SELECT i.indexrelid::bigint AS index, a.attname::text AS name \
             FROM pg_catalog.pg_index i JOIN pg_catalog.pg_attribute a \
             ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey[0 : i.indnkeyatts - 1]) \
             WHERE i.indrelid = $1::bigint::oid AND i.indisunique AND i.indpred IS NULL AND 0 <> ALL (i.indkey) \
             AND NOT EXISTS (SELECT FROM pg_catalog.pg_attribute n WHERE n.attrelid = i.indrelid \
             AND n.attnum = ANY (i.indkey[0 : i.indnkeyatts - 1]) AND NOT n.attnotnull) \
             ORDER BY i.indexrelid, a.attname COLLATE \"C\"",
            [oid.into()],
        )
        .await?;
        let mut unique: Vec<(i64, Vec<String>)> = Vec::new();
        for row in &indexes {
            let index: i64 = row.try_get("", "index")?;
            let name: String = row.try_get("", "name")?;
            match unique.last_mut() {
                Some((last, names)) if *last == index => names.push(name),
                _ => unique.push((index, vec![name])),
            }
        }
        Ok(Some(Self {
            oid,
            schema: row.try_get("", "schema")?,
            name: row.try_get("", "name")?,
            kind: row.try_get("", "kind")?,
            columns: columns
                .iter()
                .map(|row| row.try_get_by_index(0))
                .collect::<Result<_, DbErr>>()?,
            unique: unique.into_iter().map(|(_, names)| names).collect(),
        }))
    }

    /// That triggers can be made for it.
    ///
    /// # Errors
    ///
    /// [`Error::NotATable`], [`Error::ColumnMissing`], [`Error::NoKey`].
    pub(super) fn check(&self, table: &TriggerTable) -> Result<()> {
        let name = table.display();
        let what = match self.kind.as_str() {
            "r" | "p" => None,
            "v" => Some("a view"),
            "m" => Some("a materialized view"),
            "f" => Some("a foreign table"),
            _ => Some("something else"),
        };
        if let Some(what) = what {
            return Err(Error::NotATable {
                table: name,
                what: what.to_owned(),
            });
        }
        let missing = |column: &&String| !self.columns.contains(column);
        let audited = table.audited().map(|column| &column.name);
        if let Some(column) = audited.chain(&table.0.key).find(missing) {
            return Err(Error::ColumnMissing {
                table: name,
                column: column.clone(),
            });
        }
        if self.columns.iter().any(|column| column == PLACE) {
            return Err(Error::Unsupported {
                table: name,
                reason: format!(
                    "triggers number rows by the name of its column {PLACE}, rename it"
                ),
            });
        }
        let tells_rows_apart =
            |index: &Vec<String>| index.iter().all(|column| table.0.key.contains(column));
        if !self.unique.iter().any(tells_rows_apart) {
            return Err(Error::NoKey {
                table: name,
                columns: table.0.key.join(", "),
            });
        }
        Ok(())
    }

    /// Its columns and their types, as a trigger function asks for them.
    pub(super) async fn shape<C: ConnectionTrait>(
        &self,
        db: &C,
        support: &str,
    ) -> Result<Vec<String>> {
        let sql = format!("SELECT unnest({support}.audit_shape_v01($1::bigint::oid))");
        let rows = query(db, &sql, [self.oid.into()]).await?;
        Ok(rows
            .iter()
            .map(|row| row.try_get_by_index(0))
            .collect::<Result<_, DbErr>>()?)
    }

    /// The expressions that a trigger function is made of.
    pub(super) async fn lists<C: ConnectionTrait>(
        &self,
        db: &C,
        support: &str,
        [key, excluded, redacted]: [&[String]; 3],
        full: bool,
    ) -> Result<Lists> {
        let array = |names: &[String]| texts(names.iter().map(String::as_str));
        let sql = format!(
            "SELECT * FROM {support}.audit_lists_v01($1::bigint::oid, {}, {}, {}, {full})",
            array(key),
            array(excluded),
            array(redacted),
        );
        let rows = query(db, &sql, [self.oid.into()]).await?;
        let list = |name| match rows.first() {
            Some(row) => row.try_get("", name),
            None => Err(DbErr::RecordNotFound("audit_lists".to_owned())),
        };
        Ok(Lists {
            record_old: list("record_old")?,
            record_new: list("record_new")?,
            same_key: list("same_key")?,
            whole_old: list("whole_old")?,
            whole_new: list("whole_new")?,
            was: list("was")?,
            became: list("became")?,
            differs: list("differs")?,
        })
    }

    /// The table and all of its partitions.
    pub(super) async fn parts<C: ConnectionTrait>(&self, db: &C) -> Result<Vec<Part>> {
        let rows = query(
            db,
            "SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname) AS name, \
             t.tgname::text AS trigger, t.tgenabled IN ('O', 'A') AS fires, t.tgtype & 1 = 1 AS by_row, \
             s.nspname::text AS schema, f.proname::text AS function \
             FROM (SELECT $1::bigint::oid AS relid UNION SELECT relid FROM pg_catalog.pg_partition_tree($1::bigint::oid::regclass)) p \
             JOIN pg_catalog.pg_class c ON c.oid = p.relid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
             LEFT JOIN (pg_catalog.pg_trigger t JOIN pg_catalog.pg_proc f ON f.oid = t.tgfoid AND f.prosrc LIKE '%' || $2 || '%' \
             JOIN pg_catalog.pg_namespace s ON s.oid = f.pronamespace) \
             ON t.tgrelid = c.oid AND NOT t.tgisinternal ORDER BY c.oid",
            [self.oid.into(), MARK.into()],
        )
        .await?;
        let mut parts: Vec<Part> = Vec::new();
        for row in &rows {
            let table: String = row.try_get("", "name")?;
            if parts.last().is_none_or(|part| part.table != table) {
                parts.push(Part {
                    table,
                    triggers: Vec::new(),
                });
            }
            let name: Option<String> = row.try_get("", "trigger")?;
            if let (Some(name), Some(part)) = (name, parts.last_mut()) {
                part.triggers.push(Trigger {
                    name,
                    fires: row.try_get("", "fires")?,
                    level: if row.try_get("", "by_row")? {
                        Level::Row
                    } else {
                        Level::Statement
                    },
                    function: (row.try_get("", "schema")?, row.try_get("", "function")?),
                });
            }
        }
        Ok(parts)
    }

    pub(super) fn is_partitioned(&self) -> bool {
        self.kind == "p"
    }
}

impl Part {
    fn trigger(&self, event: Event) -> Option<&Trigger> {
        self.triggers
            .iter()
            .find(|trigger| trigger.name == event.trigger())
    }

    /// At which level the trigger fires, if it is there and calls this function: one of a table that was renamed, or became a
    /// partition, goes on calling that of its old name.
    pub(super) fn level(&self, event: Event, schema: &str, function: &str) -> Option<Level> {
        self.trigger(event)
            .filter(|trigger| trigger.function.0 == schema && trigger.function.1 == function)
            .map(|trigger| trigger.level)
    }

    /// Whether it has the trigger, whatever that calls.
    pub(super) fn has_any(&self, event: Event) -> bool {
        self.trigger(event).is_some()
    }

    pub(super) fn is_disabled(&self, event: Event) -> bool {
        self.trigger(event).is_some_and(|trigger| !trigger.fires)
    }
}

/// The log, quoted and with its schema, if it is there.
pub(super) async fn log<C: ConnectionTrait>(db: &C, log: &str) -> Result<Option<String>> {
    let name = match log.split_once('.') {
        Some((schema, table)) => reg_name(Some(schema), table),
        None => reg_name(None, log),
    };
    let found = one::<_, String>(
        db,
        "SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname) \
         FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
         WHERE c.oid = pg_catalog.to_regclass($1)",
        [name.into()],
    )
    .await?;
    Ok(found)
}

/// The schema, quoted, of the functions that all triggers have in common; the first one on the search path that has them.
pub(super) async fn support<C: ConnectionTrait>(db: &C) -> Result<Option<String>> {
    let found = one::<_, String>(
        db,
        "SELECT pg_catalog.quote_ident(n.nspname) FROM pg_catalog.pg_proc p \
         JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace \
         WHERE p.proname = 'audit_lists_v01' \
         ORDER BY pg_catalog.pg_function_is_visible(p.oid) DESC, n.nspname LIMIT 1",
        [],
    )
    .await?;
    Ok(found)
}

/// The function of this name, whosever it is.
pub(super) async fn source<C: ConnectionTrait>(
    db: &C,
    schema: &str,
    name: &str,
) -> Result<Option<String>> {
    let source = one::<_, String>(
        db,
        "SELECT p.prosrc FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace \
         WHERE n.nspname = $1 AND p.proname = $2 AND p.pronargs = 0",
        [schema.into(), name.into()],
    )
    .await?;
    Ok(source)
}

/// All trigger functions of ours.
pub(super) async fn functions<C: ConnectionTrait>(db: &C) -> Result<Vec<Function>> {
    let rows = query(
        db,
        "SELECT n.nspname::text AS schema, p.proname::text AS name, p.prosrc AS source \
         FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace \
         WHERE p.prosrc LIKE '%' || $1 || '%' AND p.prorettype = 'trigger'::regtype ORDER BY 1, 2",
        [MARK.into()],
    )
    .await?;
    let function = |row: &QueryResult| {
        Ok(Function {
            schema: row.try_get("", "schema")?,
            name: row.try_get("", "name")?,
            source: row.try_get("", "source")?,
        })
    };
    Ok(rows.iter().map(function).collect::<Result<_, DbErr>>()?)
}
