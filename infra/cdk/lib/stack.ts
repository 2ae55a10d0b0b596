/** The stack, put together. */
import { CfnOutput, Stack, StackProps, Validations } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { Access } from './access.js';
import { settingsApi } from './api.js';
import { Functions } from './functions.js';
import { Parameters } from './parameters.js';
import { Store } from './store.js';
import { Watch } from './watch.js';

export class CrmExportStack extends Stack {
  constructor(scope: Construct, id: string, props: StackProps) {
    super(scope, id, props);
    Validations.of(this).acknowledge({ id: 'CloudFormation-Validate::W1030', reason: 'an If keeps an empty AlarmTopicArn out' });
    const parameters = new Parameters(this);
    const store = new Store(this, parameters);
    const access = new Access(this, store);
    const functions = new Functions(this, parameters, store, access);
    const api = settingsApi(this, parameters, store, functions.settings);
    const send = access.sendPolicy();
    const operate = access.operatePolicy([functions.export.attrArn, functions.retry.attrArn]);
    new Watch(this, parameters, store, functions);
    this.output('QueueUrl', store.queue.ref, 'crm-export send FILE... --queue URL');
    this.output('TableName', store.ledger.ref, 'crm-export status --table NAME');
    this.output('EventBusName', store.bus.ref);
    this.output('CredentialsSecret', store.credentials.ref, 'Put the CRM credentials here');
    this.output('ApiUrl', api.attrApiEndpoint);
    this.output('ExportFunction', functions.export.ref);
    this.output('RetryFunction', functions.retry.ref);
    this.output('SettingsFunction', functions.settings.ref);
    this.output('DeadLettersUrl', store.deadLetters.ref);
    this.output('SendPolicyArn', send.ref);
    this.output('OperatePolicyArn', operate.ref);
  }

  private output(id: string, value: string, description?: string): void {
    new CfnOutput(this, id, { value, description });
  }
}
