//! the local CRM
