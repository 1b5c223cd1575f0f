//! What the server says of tables: their columns, keys, triggers and foreign keys, all tables at once.

use sea_orm_migration::sea_orm::{
    ConnectionTrait, DbBackend, DbErr, QueryResult, Statement, Value,
};

use crate::triggers::stamp::MARK;

/// A server and the session's place on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Server {
    /// MariaDB's, or else MySQL's.
    pub(super) mariadb: bool,
    /// The first two numbers of its version.
    pub(super) version: (u32, u32),
    /// The session's default database.
    pub(super) database: Option<String>,
    /// Whether names that differ in case only are one.
    pub(super) folds_case: bool,
}

/// A table's place: its database, and its name.
pub(super) type Place = (String, String);

/// A table as it is.
#[derive(Clone, Debug, Default)]
pub(super) struct Table {
    /// `BASE TABLE`, `VIEW` or what else it is.
    pub(super) is: String,
    /// Whether its engine has transactions.
    pub(super) transactional: bool,
    pub(super) columns: Vec<Column>,
    /// The columns of each index that keeps rows apart.
    pub(super) keys: Vec<Vec<String>>,
    /// The foreign keys that change its rows when a row of another table changes: the other table, and what happens.
    pub(super) cascades: Vec<Cascade>,
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) name: String,
    /// `varchar`.
    pub(super) data_type: String,
    /// `varchar(20)`, `int(10) unsigned zerofill`.
    pub(super) full_type: String,
    /// The character set, where the column is a text.
    pub(super) charset: Option<String>,
}

/// A foreign key that changes rows of its own table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cascade {
    pub(super) name: String,
    pub(super) parent: String,
    /// `ON DELETE CASCADE`, `ON UPDATE SET NULL` or both.
    pub(super) rules: Vec<String>,
}

/// A trigger as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Trigger {
    pub(super) name: String,
    pub(super) place: Place,
    /// `INSERT`, `UPDATE` or `DELETE`.
    pub(super) event: String,
    /// `BEFORE` or `AFTER`.
    pub(super) timing: String,
    pub(super) body: String,
    pub(super) sql_mode: String,
}

impl Trigger {
    pub(super) fn is_ours(&self) -> bool {
        self.body.contains(MARK)
    }
}

impl Server {
    pub(super) async fn read<C: ConnectionTrait>(db: &C) -> Result<Self, DbErr> {
        let sql = "SELECT CONVERT(VERSION() USING utf8mb4), CONVERT(DATABASE() USING utf8mb4), \
                   CAST(@@lower_case_table_names AS SIGNED)";
        let row = all(db, sql, []).await?.into_iter().next();
        let row = row.ok_or_else(|| DbErr::RecordNotFound("the server's version".to_owned()))?;
        let version: String = row.try_get_by_index(0)?;
        let folds: i64 = row.try_get_by_index(2)?;
        Ok(Self {
            database: row.try_get_by_index(1)?,
            folds_case: folds != 0,
            ..Self::of_version(&version)
        })
    }

    /// What a version's text says: `10.11.19-MariaDB-0+deb12u1`, `8.4.0`, `5.5.5-10.6.1-MariaDB`.
    fn of_version(text: &str) -> Self {
        let mariadb = text.to_lowercase().contains("mariadb");
        let text = text.strip_prefix("5.5.5-").unwrap_or(text);
        let mut numbers = text
            .split(|c: char| !c.is_ascii_digit())
            .map_while(|number| number.parse().ok());
        Self {
            mariadb,
            version: (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)),
            database: None,
            folds_case: false,
        }
    }

    /// Whether two names of tables or databases are one.
    pub(super) fn same_name(&self, a: &str, b: &str) -> bool {
        a == b || (self.folds_case && a.to_lowercase() == b.to_lowercase())
    }

    pub(super) fn same_place(&self, a: &Place, b: &Place) -> bool {
        self.same_name(&a.0, &b.0) && self.same_name(&a.1, &b.1)
    }
}

/// The tables at these places; `None` where there is none.
pub(super) async fn tables<C: ConnectionTrait>(
    db: &C,
    server: &Server,
    places: &[Place],
) -> Result<Vec<Option<Table>>, DbErr> {
    let mut found: Vec<Option<Table>> = places.iter().map(|_| None).collect();
    if places.is_empty() {
        return Ok(found);
    }
    let condition = Condition::new(places);
    for row in condition.all(db, TABLES).await? {
        let is: String = row.try_get_by_index(2)?;
        let transactions: Option<String> = row.try_get_by_index(3)?;
        let place = place(&row)?;
        for (wanted, table) in places.iter().zip(&mut found) {
            if server.same_place(wanted, &place) {
                *table = Some(Table {
                    is: is.clone(),
                    transactional: transactions.as_deref() != Some("NO"),
                    ..Table::default()
                });
            }
        }
    }
    for row in condition.all(db, COLUMNS).await? {
        let column = Column {
            name: row.try_get_by_index(2)?,
            data_type: row.try_get_by_index::<String>(3)?.to_lowercase(),
            full_type: row.try_get_by_index(4)?,
            charset: row.try_get_by_index(5)?,
        };
        for table in at(server, places, &mut found, &place(&row)?) {
            table.columns.push(column.clone());
        }
    }
    for row in condition.all(db, KEYS).await? {
        let first: i64 = row.try_get_by_index(2)?;
        let whole: i64 = row.try_get_by_index(3)?;
        let column: Option<String> = row.try_get_by_index(4)?;
        // A part of a column, or an expression, keeps no rows apart that differ in the whole column.
        let column = column.filter(|_| whole != 0).unwrap_or_default();
        for table in at(server, places, &mut found, &place(&row)?) {
            match table.keys.last_mut() {
                Some(key) if first != 1 => key.push(column.clone()),
                _ => table.keys.push(vec![column.clone()]),
            }
        }
    }
    for row in condition.all(db, CASCADES).await? {
        let rules: (String, String) = (row.try_get_by_index(4)?, row.try_get_by_index(5)?);
        let changes = |event: &str, rule: String| {
            (rule.starts_with("SET") || rule == "CASCADE").then(|| format!("ON {event} {rule}"))
        };
        let rules = [changes("DELETE", rules.0), changes("UPDATE", rules.1)];
        let cascade = Cascade {
            name: row.try_get_by_index(2)?,
            parent: row.try_get_by_index(3)?,
            rules: rules.into_iter().flatten().collect(),
        };
        if cascade.rules.is_empty() {
            continue;
        }
        for table in at(server, places, &mut found, &place(&row)?) {
            table.cascades.push(cascade.clone());
        }
    }
    Ok(found)
}

/// The tables that are at a place; one that is described twice is there twice.
fn at<'a>(
    server: &'a Server,
    places: &'a [Place],
    found: &'a mut [Option<Table>],
    place: &'a Place,
) -> impl Iterator<Item = &'a mut Table> {
    let of_place = move |wanted: &Place| server.same_place(wanted, place);
    let found = places.iter().zip(found);
    found.filter_map(move |(wanted, table)| table.as_mut().filter(|_| of_place(wanted)))
}

/// The triggers of ours in these databases, and those of these names, whosever they are.
pub(super) async fn triggers<C: ConnectionTrait>(
    db: &C,
    schemas: &[String],
    names: &[String],
) -> Result<Vec<Trigger>, DbErr> {
    if schemas.is_empty() {
        return Ok(Vec::new());
    }
    let named = if names.is_empty() {
        String::new()
    } else {
        format!(" OR TRIGGER_NAME IN ({})", marks(names.len()))
    };
    let sql = format!(
        "{TRIGGERS} WHERE TRIGGER_SCHEMA IN ({}) AND (INSTR(ACTION_STATEMENT, ?) > 0{named}) \
         ORDER BY TRIGGER_SCHEMA, EVENT_OBJECT_TABLE, TRIGGER_NAME",
        marks(schemas.len())
    );
    let values = schemas
        .iter()
        .cloned()
        .chain([MARK.to_owned()])
        .chain(names.iter().cloned());
    all(db, &sql, values.map(Value::from))
        .await?
        .iter()
        .map(|row| {
            Ok(Trigger {
                place: place(row)?,
                name: row.try_get_by_index(2)?,
                event: row.try_get_by_index(3)?,
                timing: row.try_get_by_index(4)?,
                body: row.try_get_by_index(5)?,
                sql_mode: row.try_get_by_index(6)?,
            })
        })
        .collect()
}

// The columns are converted because servers differ in whether they are texts or bytes.

const TABLES: &str = "SELECT CONVERT(t.TABLE_SCHEMA USING utf8mb4), CONVERT(t.TABLE_NAME USING utf8mb4), \
    CONVERT(t.TABLE_TYPE USING utf8mb4), CONVERT(e.TRANSACTIONS USING utf8mb4) \
    FROM information_schema.TABLES t LEFT JOIN information_schema.ENGINES e ON e.ENGINE = t.ENGINE \
    WHERE t.TABLE_SCHEMA IN ({schemas}) AND t.TABLE_NAME IN ({tables})";

const COLUMNS: &str = "SELECT CONVERT(TABLE_SCHEMA USING utf8mb4), CONVERT(TABLE_NAME USING utf8mb4), \
    CONVERT(COLUMN_NAME USING utf8mb4), CONVERT(DATA_TYPE USING utf8mb4), CONVERT(COLUMN_TYPE USING utf8mb4), \
    CONVERT(CHARACTER_SET_NAME USING utf8mb4) FROM information_schema.COLUMNS \
    WHERE TABLE_SCHEMA IN ({schemas}) AND TABLE_NAME IN ({tables}) ORDER BY TABLE_SCHEMA, TABLE_NAME, ORDINAL_POSITION";

const KEYS: &str = "SELECT CONVERT(TABLE_SCHEMA USING utf8mb4), CONVERT(TABLE_NAME USING utf8mb4), \
    CAST(SEQ_IN_INDEX AS SIGNED), CAST(SUB_PART IS NULL AS SIGNED), CONVERT(COLUMN_NAME USING utf8mb4) \
    FROM information_schema.STATISTICS WHERE NON_UNIQUE = 0 AND TABLE_SCHEMA IN ({schemas}) AND TABLE_NAME IN ({tables}) \
    ORDER BY TABLE_SCHEMA, TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX";

const CASCADES: &str = "SELECT CONVERT(CONSTRAINT_SCHEMA USING utf8mb4), CONVERT(TABLE_NAME USING utf8mb4), \
    CONVERT(CONSTRAINT_NAME USING utf8mb4), CONVERT(REFERENCED_TABLE_NAME USING utf8mb4), \
    CONVERT(DELETE_RULE USING utf8mb4), CONVERT(UPDATE_RULE USING utf8mb4) \
    FROM information_schema.REFERENTIAL_CONSTRAINTS \
    WHERE CONSTRAINT_SCHEMA IN ({schemas}) AND TABLE_NAME IN ({tables}) \
    ORDER BY CONSTRAINT_SCHEMA, TABLE_NAME, CONSTRAINT_NAME";

const TRIGGERS: &str = "SELECT CONVERT(EVENT_OBJECT_SCHEMA USING utf8mb4), CONVERT(EVENT_OBJECT_TABLE USING utf8mb4), \
    CONVERT(TRIGGER_NAME USING utf8mb4), CONVERT(EVENT_MANIPULATION USING utf8mb4), \
    CONVERT(ACTION_TIMING USING utf8mb4), CONVERT(ACTION_STATEMENT USING utf8mb4), CONVERT(SQL_MODE USING utf8mb4) \
    FROM information_schema.TRIGGERS";

/// What rows of the catalogue are about: some schemas, and some tables of them.
struct Condition {
    schemas: Vec<String>,
    tables: Vec<String>,
}

impl Condition {
    fn new(places: &[Place]) -> Self {
        let distinct = |mut names: Vec<String>| {
            names.sort();
            names.dedup();
            names
        };
        let (schemas, tables) = places.iter().cloned().unzip();
        Self {
            schemas: distinct(schemas),
            tables: distinct(tables),
        }
    }

    async fn all<C: ConnectionTrait>(&self, db: &C, sql: &str) -> Result<Vec<QueryResult>, DbErr> {
        let sql = sql
            .replace("{schemas}", &marks(self.schemas.len()))
            .replace("{tables}", &marks(self.tables.len()));
        let values = self.schemas.iter().chain(&self.tables).cloned();
        all(db, &sql, values.map(Value::from)).await
    }
}

fn marks(count: usize) -> String {
    vec!["?"; count].join(", ")
}

fn place(row: &QueryResult) -> Result<Place, DbErr> {
    Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?))
}

async fn all<C: ConnectionTrait>(
    db: &C,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<Vec<QueryResult>, DbErr> {
    db.query_all_raw(Statement::from_sql_and_values(
        DbBackend::MySql,
        sql,
        values,
    ))
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_tells_the_server() {
        let read = |text| {
            let server = Server::of_version(text);
            (server.mariadb, server.version)
        };
        assert_eq!(read("10.11.19-MariaDB-0+deb12u1"), (true, (10, 11)));
        assert_eq!(read("5.5.5-10.6.1-MariaDB"), (true, (10, 6)));
        assert_eq!(read("8.4.0"), (false, (8, 4)));
        assert_eq!(read("8.0.36-0ubuntu0.22.04.1"), (false, (8, 0)));
        assert_eq!(read("odd"), (false, (0, 0)));
    }
}
