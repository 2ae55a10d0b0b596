//! Loads authors' plugins: components of the org folder's `plugins/*.wasm`.

use formula::Schema;
use host::component::{Offer, Plugin, PluginConfig, User};
use host::{FailureKind, Host, HostError};
use metadata::OrgSchema;

use super::compiler::Compiler;
use super::report::CompileError;
use crate::plugins::{Plugins, rule};
use crate::verdict::Unknown;

/// The number of errors of plugins: those of formulas begin with F.
const CODE: &str = "P001";

/// Loads plugins, names (without `.wasm`) with their bytes. One that cannot be loaded is an error in the report, and
/// unknown for every record.
pub(super) fn plugins(
    compiler: &mut Compiler<'_>,
    found: &[(String, Vec<u8>)],
    host: &Result<Host, String>,
) -> Plugins {
    let user = &compiler.org.user;
    compiler.plan.user = User {
        username: user.username.clone(),
        profile: user.profile.clone().unwrap_or_default(),
        permission_sets: user.permission_sets.clone(),
        custom_permissions: user.custom_permissions.clone(),
    };
    let mut loaded = Vec::new();
    for (name, wasm) in found {
        let plugin = host.as_ref().map_err(Clone::clone).and_then(|host| load(host, name, wasm));
        match plugin {
            Ok(plugin) => {
                read_fields(compiler, &plugin);
                compiler.report.compiled.push(rule(name));
                loaded.push(plugin);
            }
            Err(message) => refuse(compiler, name, message),
        }
    }
    loaded.sort_by(|left, right| left.name().cmp(right.name()));
    Plugins(loaded)
}

/// Rules in languages that bring an interpreter along are large and import WASI; they get more time, and a WASI that
/// leads nowhere.
fn load(host: &Host, name: &str, wasm: &[u8]) -> Result<Plugin, String> {
    let first = host.plugin(name, wasm);
    let interpreted = match &first {
        Err(HostError::Plugin(failure)) => match &failure.kind {
            FailureKind::Import(import) => import.contains("wasi:"),
            FailureKind::TooLarge { .. } => true,
            _ => false,
        },
        _ => false,
    };
    let loaded = if interpreted {
        host.plugin_with(
            name,
            wasm,
            &PluginConfig { offer: Offer::SealedWasi, ..PluginConfig::interpreter() },
        )
    } else {
        first
    };
    loaded.map_err(|error| error.to_string())
}

/// What the plugin reads is known with its type, and formula fields among it are computed.
fn read_fields(compiler: &mut Compiler<'_>, plugin: &Plugin) {
    let description = plugin.description();
    for object in &description.objects {
        for field in &description.fields {
            if let Some(given) = OrgSchema::new(compiler.org, object).field(field) {
                compiler.remember_path(object, field, given);
            }
        }
    }
}

fn refuse(compiler: &mut Compiler<'_>, name: &str, message: String) {
    let rule = rule(name);
    let reason = format!("the plugin cannot be loaded: {message}");
    compiler.plan.unknown.push((None, Unknown { rule: rule.clone(), reason }));
    let (file, rendered) = (rule.file.clone(), format!("error[{CODE}]: {message}\n --> {}", rule.file));
    compiler.report.errors.push(CompileError {
        rule,
        file,
        line: 0,
        code: CODE.to_owned(),
        message,
        rendered,
    });
}
