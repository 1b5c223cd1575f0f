//! The databases the cases run on.

use std::{
    fmt,
    path::PathBuf,
    sync::atomic::{AtomicU32, Ordering},
};

use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend};
use sea_orm_audit_migration::Migrator;
use sea_orm_migration::MigratorTrait;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Server {
    Sqlite,
    Postgres,
    MySql,
}

impl Server {
    pub const ALL: [Self; 3] = [Self::Sqlite, Self::Postgres, Self::MySql];

    /// The environment variable that names the server; SQLite needs none.
    pub fn variable(self) -> &'static str {
        match self {
            Self::Sqlite => "(none)",
            Self::Postgres => "AUDIT_TEST_POSTGRES_URL",
            Self::MySql => "AUDIT_TEST_MYSQL_URL",
        }
    }

    /// Where the server is, without a database; `None` where it is not to be tested.
    pub fn url(self) -> Option<String> {
        match self {
            Self::Sqlite => Some("sqlite:".to_owned()),
            _ => std::env::var(self.variable())
                .ok()
                .filter(|url| !url.is_empty())
                .map(|url| url.trim_end_matches('/').to_owned()),
        }
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
            Self::MySql => "mysql",
        })
    }
}

/// A database of one case.
pub struct TestDb {
    pub server: Server,
    name: String,
    folder: PathBuf,
}

impl TestDb {
    /// A fresh database without any table.
    pub async fn create(server: Server) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!(
            "audit_test_{}_{}",
            std::process::id(),
            COUNT.fetch_add(1, Ordering::Relaxed)
        );
        let folder = std::env::temp_dir().join(&name);
        let db = Self {
            server,
            name,
            folder,
        };
        match server {
            Server::Sqlite => std::fs::create_dir_all(&db.folder).unwrap(),
            _ => {
                db.administer(&format!("DROP DATABASE IF EXISTS {}", db.name))
                    .await;
                db.administer(&format!("CREATE DATABASE {}", db.name)).await;
            }
        }
        db
    }

    /// Drops the database, also when something is still connected.
    pub async fn remove(&self) {
        match self.server {
            Server::Sqlite => std::fs::remove_dir_all(&self.folder).unwrap(),
            Server::Postgres => {
                self.administer(&format!("DROP DATABASE {} WITH (FORCE)", self.name))
                    .await;
            }
            Server::MySql => {
                self.administer(&format!("DROP DATABASE {}", self.name))
                    .await
            }
        }
    }

    pub fn backend(&self) -> DbBackend {
        match self.server {
            Server::Sqlite => DbBackend::Sqlite,
            Server::Postgres => DbBackend::Postgres,
            Server::MySql => DbBackend::MySql,
        }
    }

    pub fn url(&self) -> String {
        match self.server {
            Server::Sqlite => format!("sqlite://{}?mode=rwc", self.file().display()),
            server => format!("{}/{}", server.url().unwrap(), self.name),
        }
    }

    /// A pool of this size.
    pub async fn pool(&self, connections: u32) -> DatabaseConnection {
        let mut options = ConnectOptions::new(self.url());
        options
            .max_connections(connections)
            .acquire_timeout(std::time::Duration::from_secs(120))
            .sqlx_logging(false);
        if self.server == Server::Sqlite {
            options.map_sqlx_sqlite_opts(|options| {
                options.busy_timeout(std::time::Duration::from_secs(60))
            });
        }
        Database::connect(options).await.unwrap()
    }

    /// The file that holds all of it, on SQLite.
    pub fn file(&self) -> PathBuf {
        assert_eq!(self.server, Server::Sqlite);
        self.folder.join("test.db")
    }

    /// A small pool on a database in which our migrations have run.
    pub async fn connect(&self) -> DatabaseConnection {
        let db = self.pool(5).await;
        Migrator::up(&db, None).await.unwrap();
        db
    }

    async fn administer(&self, sql: &str) {
        let url = self.server.url().unwrap();
        let url = match self.server {
            Server::Postgres => format!("{url}/postgres"),
            _ => url,
        };
        let db = Database::connect(ConnectOptions::new(url).sqlx_logging(false).to_owned())
            .await
            .unwrap_or_else(|err| {
                panic!(
                    "{} names no server that answers: {err}",
                    self.server.variable()
                )
            });
        db.execute_unprepared(sql).await.unwrap();
        db.close().await.unwrap();
    }
}
