use sea_orm_audit::Audited;

#[derive(Audited)]
pub enum Model {
    One,
}

fn main() {}
