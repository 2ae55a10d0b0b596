//! The pages: their files, which come along in the program, and the routes that serve them.
//!
//! A page is one shell without any data; its modules ask the API for everything. What a browser may do with it (CSP and the
//! like) is added to every answer by `headers`. The sources are in `functions/settings/pages`.

mod files;
mod serve;

pub use serve::router;
