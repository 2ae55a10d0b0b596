//! The plugin `no-free-mail.wasm`.

sdk::export!(rules::NoFreeMail);
