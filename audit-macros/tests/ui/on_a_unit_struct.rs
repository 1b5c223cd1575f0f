use sea_orm_audit::Audited;

#[derive(Audited)]
pub struct Model;

fn main() {}
