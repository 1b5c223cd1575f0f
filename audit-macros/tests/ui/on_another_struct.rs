use sea_orm_audit::Audited;

#[derive(Audited)]
#[audited(require_actor)]
pub struct Product {
    pub id: i32,
}

fn main() {}
