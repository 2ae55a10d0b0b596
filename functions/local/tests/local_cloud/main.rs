//! The commands for a deployed stack, run against a local cloud: the real SQS protocol, CloudFormation and DynamoDB.
//!
//! The functions are not here: where they are needed, a test takes the queue's messages and runs the same jobs over the
//! same ledger. Behind the feature `local-cloud`; `CRM_EXPORT_MINISTACK` names the program of the local cloud
//! (`infra/requirements-cloud.txt`).

mod cloud;
mod operate;
mod send;
mod workplace;
