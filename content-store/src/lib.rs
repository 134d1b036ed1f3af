//! content-store
mod disk;
pub mod formats;
pub mod library;
pub mod records;
mod sqlite;
