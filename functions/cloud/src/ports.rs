//! The jobs on AWS: DynamoDB, EventBridge, and the CRM behind the secret.

use std::sync::Arc;

use aws_types::SdkConfig;
use jobs::Jobs;
use jobs::clock::Clock;
use jobs::crm::Crm;
use jobs::events::EventBridgeEvents;
use jobs::ledger::dynamo::DynamoLedger;

use crate::config::Config;
use crate::crm::{NoCrm, SecretCrm};

/// The use cases over AWS. Connects to nothing: each port does at its first call. `owner` takes the leases; environments
/// and programs that may run at the same time have different ones.
pub fn ports(config: &Config, sdk: &SdkConfig, clock: Arc<dyn Clock>, owner: impl Into<String>) -> Jobs {
    let ledger =
        DynamoLedger::new(aws_sdk_dynamodb::Client::new(sdk), config.table.as_str(), config.resolved_days);
    let events = EventBridgeEvents::new(aws_sdk_eventbridge::Client::new(sdk), config.event_bus.as_str());
    Jobs {
        crm: crm(config, sdk, &clock),
        ledger: Arc::new(ledger),
        events: Arc::new(events),
        clock,
        owner: owner.into(),
        defaults: config.defaults.clone(),
    }
}

/// The CRM, with its rules when the package has them.
fn crm(config: &Config, sdk: &SdkConfig, clock: &Arc<dyn Clock>) -> Arc<dyn Crm> {
    let access = match config.crm() {
        Ok(access) => access,
        Err(missing) => return Arc::new(NoCrm(missing)),
    };
    let secrets = aws_sdk_secretsmanager::Client::new(sdk);
    let crm: Arc<dyn Crm> = Arc::new(SecretCrm::new(secrets, access, Arc::clone(clock)));
    with_rules(crm, config, clock)
}

#[cfg(feature = "rules")]
fn with_rules(crm: Arc<dyn Crm>, config: &Config, clock: &Arc<dyn Clock>) -> Arc<dyn Crm> {
    let packaged =
        config.package.as_deref().and_then(|package| crate::rules::PackagedRules::find(package, clock));
    match packaged {
        Some(rules) => Arc::new(jobs::crm::CrmWithRules { crm, rules: Arc::new(rules) }),
        None => crm,
    }
}

#[cfg(not(feature = "rules"))]
fn with_rules(crm: Arc<dyn Crm>, _: &Config, _: &Arc<dyn Clock>) -> Arc<dyn Crm> {
    crm
}
