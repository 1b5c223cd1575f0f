//! The replay oracle: folds the log and compares the result with the table, value for value.
//!
//! It shares no code with what it checks. It reads the log by plain SQL, renders the table's values by itself, and
//! on the way checks that each entry begins where the one before it ended.

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, EntityTrait, IdenStatic, Iterable, ModelTrait,
    PrimaryKeyToColumn, Statement, Value,
    entity::prelude::{TimeDate, TimeTime},
};
use serde_json::{Value as Json, json};

use super::{
    fold::{Row, Rows, fold_entries},
    values::json_by_value,
};

/// What to replay: an entity, and what its log leaves out.
#[derive(Clone, Default)]
pub struct Replay {
    log: Option<&'static str>,
    excluded: Vec<&'static str>,
    redacted: Vec<&'static str>,
}

/// Folds the log of `E`, which has no options, and compares.
pub async fn replay<E: EntityTrait>(db: &DatabaseConnection) {
    Replay::default().check::<E>(db).await;
}

impl Replay {
    pub fn log(mut self, log: &'static str) -> Self {
        self.log = Some(log);
        self
    }

    pub fn excluded(mut self, columns: &[&'static str]) -> Self {
        self.excluded = columns.to_vec();
        self
    }

    pub fn redacted(mut self, columns: &[&'static str]) -> Self {
        self.redacted = columns.to_vec();
        self
    }

    /// Panics, with both sides, where the log and the table differ.
    pub async fn check<E: EntityTrait>(&self, db: &DatabaseConnection) {
        let logged = self.fold::<E>(db).await;
        let table = self.table::<E>(db).await;
        for (key, row) in &table {
            let Some(image) = logged.get(key) else {
                panic!("{} {key} is in the table and not in the log", name::<E>());
            };
            assert!(
                self.equal(image, row),
                "{} {key} differs\n  log:   {image:?}\n  table: {row:?}",
                name::<E>()
            );
        }
        for key in logged.keys() {
            assert!(
                table.contains_key(key),
                "{} {key} is in the log and not in the table",
                name::<E>()
            );
        }
    }

    /// The rows that the entries add up to.
    async fn fold<E: EntityTrait>(&self, db: &DatabaseConnection) -> Rows {
        let entries = entries(db, self.log.unwrap_or("audit_log"), &name::<E>()).await;
        fold_entries(entries, |known, value| {
            known.is_some_and(|known| same(known, value))
        })
    }

    async fn table<E: EntityTrait>(&self, db: &DatabaseConnection) -> Rows {
        let models = E::find().all(db).await.unwrap();
        let row = |model: &E::Model| {
            E::Column::iter()
                .filter(|column| !self.excluded.contains(&column.as_str()))
                .map(|column| (column.as_str().to_owned(), render(&model.get(column))))
                .collect::<Row>()
        };
        let key = |model: &E::Model| {
            let mut values: Vec<Json> = E::PrimaryKey::iter()
                .map(|key| key_part(&model.get(key.into_column())))
                .collect();
            match values.len() {
                1 => match values.remove(0) {
                    Json::String(text) => text,
                    other => other.to_string(),
                },
                _ => Json::Array(values).to_string(),
            }
        };
        models
            .iter()
            .map(|model| (key(model), row(model)))
            .collect()
    }

    fn equal(&self, image: &Row, row: &Row) -> bool {
        image.len() == row.len()
            && row.iter().all(|(column, value)| match image.get(column) {
                Some(logged) if self.redacted.contains(&column.as_str()) => logged == "[redacted]",
                Some(logged) => same(logged, value),
                None => false,
            })
    }
}

fn name<E: EntityTrait>() -> String {
    E::default().table_name().to_owned()
}

/// One row of the log, read by plain SQL.
#[derive(Debug)]
pub struct Entry {
    pub id: i64,
    pub action: String,
    pub record_id: String,
    pub old_record_id: Option<String>,
    pub old: Option<Row>,
    pub new: Option<Row>,
}

/// The entries about one table, in order.
pub async fn entries(db: &DatabaseConnection, log: &str, entity: &str) -> Vec<Entry> {
    let backend = db.get_database_backend();
    let place = match backend {
        DbBackend::Postgres => "$1",
        _ => "?",
    };
    let sql = format!(
        "SELECT id, action, record_id, old_record_id, old_values, new_values FROM {log} \
         WHERE entity = {place} ORDER BY id"
    );
    let statement = Statement::from_sql_and_values(backend, sql, [entity.into()]);
    let rows = db.query_all_raw(statement).await.unwrap();
    let object = |json: Option<Json>| {
        json.map(|json| match json {
            Json::Object(row) => row,
            other => panic!("not an object: {other}"),
        })
    };
    rows.iter()
        .map(|row| Entry {
            id: row.try_get("", "id").unwrap(),
            action: row.try_get("", "action").unwrap(),
            record_id: row.try_get("", "record_id").unwrap(),
            old_record_id: row.try_get("", "old_record_id").unwrap(),
            old: object(row.try_get("", "old_values").unwrap()),
            new: object(row.try_get("", "new_values").unwrap()),
        })
        .collect()
}

/// The canonical form of a value, as the contract has it and by other means than the library's.
fn render(value: &Value) -> Json {
    match value.clone() {
        Value::Bool(v) => json!(v),
        Value::TinyInt(v) => json!(v),
        Value::SmallInt(v) => json!(v),
        Value::Int(v) => json!(v),
        Value::BigInt(v) => json!(v),
        Value::TinyUnsigned(v) => json!(v),
        Value::SmallUnsigned(v) => json!(v),
        Value::Unsigned(v) => json!(v),
        Value::BigUnsigned(v) => json!(v),
        Value::Float(v) => v.map_or(Json::Null, |v| float(&v.to_string(), f64::from(v))),
        Value::Double(v) => v.map_or(Json::Null, |v| float(&v.to_string(), v)),
        Value::String(v) => json!(v),
        Value::Char(v) => json!(v.map(|v| v.to_string())),
        Value::Enum(sea_orm::sea_query::OptionEnum::Some(v)) => json!(v.value),
        Value::Enum(_) => Json::Null,
        Value::Bytes(v) => {
            json!(v.map(|v| v.iter().map(|b| format!("{b:02x}")).collect::<String>()))
        }
        Value::Json(v) => match v.map(|v| *v) {
            None => Json::Null,
            Some(Json::Null) => json!({ "$json": null }),
            Some(Json::Object(o)) if o.len() == 1 && o.contains_key("$json") => {
                json!({ "$json": o })
            }
            Some(other) => other,
        },
        Value::ChronoDate(v) => json!(v.map(|v| v.to_string())),
        Value::ChronoTime(v) => json!(v.map(|v| seconds(&v.format("%H:%M:%S%.9f").to_string()))),
        Value::ChronoDateTime(v) => {
            json!(v.map(|v| seconds(&v.format("%Y-%m-%dT%H:%M:%S%.9f").to_string())))
        }
        Value::ChronoDateTimeUtc(v) => {
            json!(v.map(|v| moment(v.naive_utc().format("%Y-%m-%dT%H:%M:%S%.9f"))))
        }
        Value::ChronoDateTimeLocal(v) => {
            json!(v.map(|v| moment(v.naive_utc().format("%Y-%m-%dT%H:%M:%S%.9f"))))
        }
        Value::ChronoDateTimeWithTimeZone(v) => {
            json!(v.map(|v| moment(v.naive_utc().format("%Y-%m-%dT%H:%M:%S%.9f"))))
        }
        Value::TimeDate(v) => json!(v.map(day)),
        Value::TimeTime(v) => json!(v.map(clock)),
        Value::TimeDateTime(v) => {
            json!(v.map(|v| format!("{}T{}", day(v.date()), clock(v.time()))))
        }
        Value::TimeDateTimeWithTimeZone(v) => json!(v.map(|v| {
            let v = v.to_utc();
            format!("{}T{}Z", day(v.date()), clock(v.time()))
        })),
        Value::IpNetwork(v) => json!(v.map(|v| format!("{}/{}", v.ip(), v.prefix()))),
        Value::MacAddress(v) => json!(v.map(|v| v.to_string().to_lowercase())),
        Value::Uuid(v) => json!(v.map(|v| v.to_string())),
        Value::Decimal(v) => json!(v.map(|v| v.to_string())),
        Value::BigDecimal(v) => json!(v.map(|v| v.to_plain_string())),
        Value::Array(_, v) => v.map_or(Json::Null, |v| v.iter().map(render).collect()),
    }
}

/// A part of a key: as any value, but equal decimals are one key.
fn key_part(value: &Value) -> Json {
    match value {
        Value::Decimal(Some(v)) => json!(v.normalize().to_string()),
        value => render(value),
    }
}

/// A text that ends in nine digits, without the last three of them where they are zero.
fn seconds(text: &str) -> String {
    text.strip_suffix("000").unwrap_or(text).to_owned()
}

fn moment(text: impl ToString) -> String {
    format!("{}Z", seconds(&text.to_string()))
}

fn day(date: TimeDate) -> String {
    let (year, month, day) = date.to_calendar_date();
    let sign = if year < 0 { "-" } else { "" };
    format!("{sign}{:04}-{:02}-{day:02}", year.abs(), u8::from(month))
}

fn clock(time: TimeTime) -> String {
    let (hour, minute, second, nanos) = time.as_hms_nano();
    seconds(&format!("{hour:02}:{minute:02}:{second:02}.{nanos:09}"))
}

fn float(text: &str, value: f64) -> Json {
    if value.is_nan() {
        json!("NaN")
    } else if value.is_infinite() {
        json!(if value > 0.0 { "Infinity" } else { "-Infinity" })
    } else {
        json!(text.parse::<f64>().unwrap())
    }
}

/// Equality of canonical values: numbers by value, and decimals, which are texts, too.
pub fn same(a: &Json, b: &Json) -> bool {
    match (a, b) {
        (Json::String(x), Json::String(y)) => x == y || decimals(x, y),
        (Json::Array(x), Json::Array(y)) => {
            x.len() == y.len() && x.iter().zip(y).all(|(x, y)| same(x, y))
        }
        (Json::Object(x), Json::Object(y)) => {
            x.len() == y.len()
                && x.iter()
                    .all(|(key, x)| y.get(key).is_some_and(|y| same(x, y)))
        }
        (x, y) => json_by_value(x, y),
    }
}

/// Whether two texts are one decimal number, such as 1.10 and 1.1.
fn decimals(a: &str, b: &str) -> bool {
    let trim = |text: &str| {
        let is_decimal = text.contains('.')
            && text
                .trim_start_matches('-')
                .chars()
                .all(|c| c == '.' || c.is_ascii_digit());
        is_decimal.then(|| text.trim_end_matches('0').trim_end_matches('.').to_owned())
    };
    let plain = |text: &str| trim(text).unwrap_or_else(|| text.to_owned());
    (trim(a).is_some() || trim(b).is_some()) && plain(a) == plain(b)
}
