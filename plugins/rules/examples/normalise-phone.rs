//! The plugin `normalise-phone.wasm`.

sdk::export!(rules::NormalisePhone);
