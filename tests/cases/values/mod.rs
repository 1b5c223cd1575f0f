//! Any value of any type is in the log as it is in the table, and reads back from there.

mod arrays;
mod deep;
mod hidden;
mod keys;
mod private;
mod same;

use std::sync::Arc;

use crate::{
    cases,
    support::{
        case::Case,
        server::{Server, TestDb},
        values::{
            array, big_unsigned, choice, chrono, decimal, float, json, mixed, network, raw,
            rows_round_trip, small_unsigned, text, time, whole,
        },
    },
};

pub fn cases() -> Vec<Case> {
    let mut all = cases![
        any_whole_number,
        any_float,
        any_decimal,
        any_text,
        any_bytes_and_uuid,
        any_json,
        any_date_and_time_of_chrono,
        any_date_and_time_of_time,
        any_enum,
        any_mixed_row,
    ];
    all.push(
        Case::new("any_small_unsigned_number", any_small_unsigned_number)
            .only_on(&[Server::Sqlite, Server::MySql]),
    );
    all.push(
        Case::new("any_big_unsigned_number", any_big_unsigned_number).only_on(&[Server::MySql]),
    );
    all.push(Case::new("any_network_address", any_network_address).only_on(&[Server::Postgres]));
    all.push(Case::new("any_array", any_array).only_on(&[Server::Postgres]));
    all.extend(arrays::cases());
    all.extend(deep::cases());
    all.extend(hidden::cases());
    all.extend(keys::cases());
    all.extend(private::cases());
    all.extend(same::cases());
    all
}

async fn any_whole_number(test: Arc<TestDb>) {
    rows_round_trip(&test, whole::Entity).await;
}

/// PostgreSQL has no unsigned integers, and SeaORM reads these two from no other type of it.
async fn any_small_unsigned_number(test: Arc<TestDb>) {
    rows_round_trip(&test, small_unsigned::Entity).await;
}

/// Only MySQL has them, and SeaORM reads them from no other database.
async fn any_big_unsigned_number(test: Arc<TestDb>) {
    rows_round_trip(&test, big_unsigned::Entity).await;
}

async fn any_float(test: Arc<TestDb>) {
    rows_round_trip(&test, float::Entity).await;
}

async fn any_decimal(test: Arc<TestDb>) {
    rows_round_trip(&test, decimal::Entity).await;
}

async fn any_text(test: Arc<TestDb>) {
    rows_round_trip(&test, text::Entity).await;
}

async fn any_bytes_and_uuid(test: Arc<TestDb>) {
    rows_round_trip(&test, raw::Entity).await;
}

async fn any_json(test: Arc<TestDb>) {
    rows_round_trip(&test, json::Entity).await;
}

async fn any_date_and_time_of_chrono(test: Arc<TestDb>) {
    rows_round_trip(&test, chrono::Entity).await;
}

async fn any_date_and_time_of_time(test: Arc<TestDb>) {
    rows_round_trip(&test, time::Entity).await;
}

async fn any_enum(test: Arc<TestDb>) {
    rows_round_trip(&test, choice::Entity).await;
}

async fn any_mixed_row(test: Arc<TestDb>) {
    rows_round_trip(&test, mixed::Entity).await;
}

/// Only PostgreSQL has types for them.
async fn any_network_address(test: Arc<TestDb>) {
    rows_round_trip(&test, network::Entity).await;
}

/// Only PostgreSQL has arrays.
async fn any_array(test: Arc<TestDb>) {
    rows_round_trip(&test, array::Entity).await;
}
