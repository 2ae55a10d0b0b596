//! Queries over a small CRM, with whole answers compared.

mod answers;
mod crm;
mod extras;
mod refusals;
mod rows;
