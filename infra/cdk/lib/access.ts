/** Who may do what: one role for each function and for the schedules, one policy each for senders and operators. */
import { Aws, Fn, Stack, aws_iam as iam } from 'aws-cdk-lib';
import { arn, Store } from './store.js';

export type Statement = Record<string, unknown>;

export function allow(sid: string, action: string | string[], resource: unknown, condition?: object): Statement {
  return { Sid: sid, Effect: 'Allow', Action: action, Resource: resource, ...(condition && { Condition: condition }) };
}

export function document(...statements: Statement[]) {
  return { Version: '2012-10-17', Statement: statements };
}

export class Access {
  readonly ledger = allow('Ledger', ['BatchGetItem', 'BatchWriteItem', 'ConditionCheckItem', 'DeleteItem', 'GetItem', 'PutItem',
    'Query', 'UpdateItem'].map((action) => `dynamodb:${action}`), this.store.ledger.attrArn);
  readonly indexes = allow('Indexes', 'dynamodb:Query',
    ['OpenErrors', 'WaitingJobs'].map((index) => `${this.store.ledger.attrArn}/index/${index}`));
  readonly events = allow('Events', 'events:PutEvents', this.store.bus.attrArn);
  readonly credentials = allow('Credentials', 'secretsmanager:GetSecretValue', this.store.credentials.ref);
  /** X-Ray knows no resources. */
  readonly traces = allow('Traces', ['xray:PutTelemetryRecords', 'xray:PutTraceSegments'], '*');

  constructor(private readonly stack: Stack, private readonly store: Store) {}

  key(...services: string[]): Statement {
    return allow('Key', ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey'], this.store.key.attrArn,
      { StringEquals: { 'kms:ViaService': services.map((service) => `${service}.${Aws.REGION}.amazonaws.com`) } });
  }

  role(id: string, policyName: string, statements: Statement[], service = 'lambda', condition?: object): iam.CfnRole {
    const trust = {
      Effect: 'Allow',
      Principal: { Service: `${service}.amazonaws.com` },
      Action: 'sts:AssumeRole',
      ...(condition && { Condition: condition }),
    };
    return new iam.CfnRole(this.stack, id, {
      assumeRolePolicyDocument: document(trust),
      policies: [{ policyName, policyDocument: document(...statements) }],
    });
  }

  scheduleRole(groupArn: string, functionArns: string[]): iam.CfnRole {
    return this.role('ScheduleRole', 'Schedule', [
      allow('Functions', 'lambda:InvokeFunction', functionArns),
      allow('DeadLetters', 'sqs:SendMessage', this.store.scheduleDeadLetters.attrArn),
      allow('Key', ['kms:Decrypt', 'kms:GenerateDataKey'], this.store.key.attrArn),
    ], 'scheduler', { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID, 'aws:SourceArn': groupArn } });
  }

  sendPolicy(): iam.CfnManagedPolicy {
    return new iam.CfnManagedPolicy(this.stack, 'SendPolicy', {
      description: 'For programs that send records, crm-export send',
      policyDocument: document(
        allow('Queue', ['sqs:GetQueueAttributes', 'sqs:SendMessage'], this.store.queue.attrArn),
        allow('Key', ['kms:Decrypt', 'kms:GenerateDataKey'], this.store.key.attrArn,
          { StringEquals: { 'kms:ViaService': `sqs.${Aws.REGION}.amazonaws.com` } }),
      ),
    });
  }

  operatePolicy(functionArns: string[]): iam.CfnManagedPolicy {
    return new iam.CfnManagedPolicy(this.stack, 'OperatePolicy', {
      description: 'For people who run crm-export --stack, status, errors, retry, resume, skip, settings, reproduce',
      policyDocument: document(
        allow('Stack', 'cloudformation:DescribeStacks', Aws.STACK_ID),
        this.ledger,
        this.indexes,
        this.events,
        this.credentials,
        allow('Functions', 'lambda:InvokeFunction', functionArns),
        this.key('dynamodb', 'secretsmanager'),
      ),
    });
  }
}
