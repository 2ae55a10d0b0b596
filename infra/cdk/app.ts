/**
 * crm-export as a CDK app: the same stack as ../template.yaml, under the same logical ids. Parameters are CloudFormation
 * parameters, as there.
 *
 *   -c stack=NAME       name of the stack, crm-export
 *   -c functions=DIR    where DIR/export/bootstrap and so on lie; without it they are built with cargo lambda.
 *                       `placeholder` is for looking at the template only.
 *   -c rules=DIR        an org's rules, compiled ahead of time, for the packages of export and retry
 *   -c architecture=x86_64   what is built; give the parameter Architecture the same value
 */
import { App, DefaultStackSynthesizer } from 'aws-cdk-lib';
import { CrmExportStack } from './lib/stack.js';

const app = new App();
const name = app.node.tryGetContext('stack') ?? 'crm-export';
new CrmExportStack(app, name, {
  description: 'crm-export writes a marketing system\'s records to a CRM, in order, and never loses one.',
  synthesizer: new DefaultStackSynthesizer({ generateBootstrapVersionRule: false }),
});
