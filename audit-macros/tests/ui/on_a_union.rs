use sea_orm_audit::Audited;

#[derive(Audited)]
pub union Model {
    pub id: i32,
}

fn main() {}
