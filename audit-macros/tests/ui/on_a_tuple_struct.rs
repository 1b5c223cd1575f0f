use sea_orm_audit::Audited;

#[derive(Audited)]
pub struct Model(pub i32);

fn main() {}
