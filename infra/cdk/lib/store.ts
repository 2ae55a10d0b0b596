/** What keeps something: the key, the queues, the ledger, the bus, the credentials. */
import { join } from 'node:path';
import {
  Aws, CfnDeletionPolicy, CfnResource, CfnStack, Fn, Stack, aws_dynamodb as dynamodb, aws_events as events, aws_kms as kms,
  aws_s3_assets as assets, aws_secretsmanager as secrets, aws_sqs as sqs,
} from 'aws-cdk-lib';
import { Parameters } from './parameters.js';

const FOURTEEN_DAYS = 14 * 24 * 3600;

/** Stays when the stack goes, but not when its very first deploy fails. */
function keep<R extends CfnResource>(resource: R): R {
  resource.cfnOptions.deletionPolicy = CfnDeletionPolicy.RETAIN_EXCEPT_ON_CREATE;
  resource.cfnOptions.updateReplacePolicy = CfnDeletionPolicy.RETAIN;
  return resource;
}

/** `arn:aws:SERVICE:region:account:REST` */
export function arn(service: string, rest: string): string {
  return `arn:${Aws.PARTITION}:${service}:${Aws.REGION}:${Aws.ACCOUNT_ID}:${rest}`;
}

export class Store {
  readonly key = keep(new kms.CfnKey(this.stack, 'Key', {
    description: `Everything that the stack ${Aws.STACK_NAME} keeps`,
    enableKeyRotation: true,
    keyPolicy: keyPolicy(),
  }));
  readonly keyAlias = new kms.CfnAlias(this.stack, 'KeyAlias', {
    aliasName: `alias/${Aws.STACK_NAME}`,
    targetKeyId: this.key.attrArn,
  });

  private readonly encrypted = { kmsMasterKeyId: this.key.attrArn, kmsDataKeyReusePeriodSeconds: 3600 };
  private readonly fifo = {
    fifoQueue: true,
    deduplicationScope: 'messageGroup',
    fifoThroughputLimit: 'perMessageGroupId',
    messageRetentionPeriod: FOURTEEN_DAYS,
    ...this.encrypted,
  };
  readonly deadLetters = keep(new sqs.CfnQueue(this.stack, 'DeadLetters', {
    queueName: `${Aws.STACK_NAME}-dead.fifo`,
    ...this.fifo,
    redriveAllowPolicy: { redrivePermission: 'byQueue', sourceQueueArns: [arn('sqs', `${Aws.STACK_NAME}.fifo`)] },
  }));
  // Why 600: see ../../template.yaml.
  readonly queue = keep(new sqs.CfnQueue(this.stack, 'Queue', {
    queueName: `${Aws.STACK_NAME}.fifo`,
    ...this.fifo,
    visibilityTimeout: this.parameters.visibilitySeconds.valueAsNumber,
    redrivePolicy: { deadLetterTargetArn: this.deadLetters.attrArn, maxReceiveCount: 600 },
  }));
  readonly scheduleDeadLetters = new sqs.CfnQueue(this.stack, 'ScheduleDeadLetters', {
    messageRetentionPeriod: FOURTEEN_DAYS,
    ...this.encrypted,
  });
  readonly queuePolicy = new sqs.CfnQueuePolicy(this.stack, 'QueuePolicy', {
    queues: [this.queue.ref, this.deadLetters.ref],
    policyDocument: { Version: '2012-10-17', Statement: [tlsOnly()] },
  });

  readonly ledger = keep(new dynamodb.CfnTable(this.stack, 'Ledger', {
    billingMode: 'PAY_PER_REQUEST',
    keySchema: keys('pk', 'sk'),
    attributeDefinitions: ['pk', 'sk', 'openAccount', 'openSince', 'waitingAccount', 'waitingSince']
      .map((attributeName) => ({ attributeName, attributeType: 'S' })),
    globalSecondaryIndexes: [
      { indexName: 'OpenErrors', keySchema: keys('openAccount', 'openSince'), projection: { projectionType: 'KEYS_ONLY' } },
      { indexName: 'WaitingJobs', keySchema: keys('waitingAccount', 'waitingSince'), projection: { projectionType: 'KEYS_ONLY' } },
    ],
    timeToLiveSpecification: { attributeName: 'expiresAt', enabled: true },
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true, recoveryPeriodInDays: 35 },
    deletionProtectionEnabled: this.parameters.deletionProtection.valueAsString as unknown as boolean,
    sseSpecification: { sseEnabled: true, sseType: 'KMS', kmsMasterKeyId: this.key.attrArn },
  }));

  readonly bus = new events.CfnEventBus(this.stack, 'Bus', {
    name: Aws.STACK_NAME,
    description: 'What crm-export tells; hang Slack or mail on it.',
    kmsKeyIdentifier: this.key.attrArn,
  });
  readonly scheduleDeadLettersPolicy = new sqs.CfnQueuePolicy(this.stack, 'ScheduleDeadLettersPolicy', {
    queues: [this.scheduleDeadLetters.ref],
    policyDocument: {
      Version: '2012-10-17',
      Statement: [tlsOnly(), {
        Sid: 'Rules',
        Effect: 'Allow',
        Principal: { Service: 'events.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Resource: this.scheduleDeadLetters.attrArn,
        Condition: { ArnLike: { 'aws:SourceArn': arn('events', `rule/${this.bus.ref}/*`) } },
      }],
    },
  });

  readonly credentials = new secrets.CfnSecret(this.stack, 'Credentials', {
    name: Fn.conditionIf(this.parameters.hasCredentialsName.logicalId, this.parameters.credentialsName.valueAsString, `${Aws.STACK_NAME}/crm`)
      .toString(),
    description: 'How crm-export signs in to the CRM. A placeholder until you put yours (infra/README.md).',
    kmsKeyId: this.key.attrArn,
    generateSecretString: {
      secretStringTemplate: '{"clientId":"","username":"","privateKey":""}',
      generateStringKey: 'placeholder',
    },
  });

  constructor(private readonly stack: Stack, private readonly parameters: Parameters) {
    const template = new assets.Asset(stack, 'EventSchemasTemplate', {
      path: join(import.meta.dirname, '../../schemas/registry.yaml'),
    });
    const schemas = new CfnStack(stack, 'EventSchemas', {
      templateUrl: template.httpUrl,
      parameters: { RegistryName: Aws.STACK_NAME },
    });
    schemas.cfnOptions.condition = parameters.isAws;
  }
}

function keys(hash: string, range: string) {
  return [{ attributeName: hash, keyType: 'HASH' }, { attributeName: range, keyType: 'RANGE' }];
}

function tlsOnly() {
  return {
    Sid: 'TlsOnly',
    Effect: 'Deny',
    Principal: { AWS: '*' },
    Action: ['sqs:DeleteMessage', 'sqs:ReceiveMessage', 'sqs:SendMessage'],
    Resource: arn('sqs', '*'),
    Condition: { Bool: { 'aws:SecureTransport': 'false' } },
  };
}

function keyPolicy() {
  const logs = (prefix: string) => arn('logs', `log-group:/aws/${prefix}/${Aws.STACK_NAME}/*`);
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'TheAccountDecides',
        Effect: 'Allow',
        Principal: { AWS: `arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:root` },
        Action: 'kms:*',
        Resource: '*',
      },
      {
        Sid: 'Logs',
        Effect: 'Allow',
        Principal: { Service: `logs.${Aws.REGION}.amazonaws.com` },
        Action: ['Decrypt', 'DescribeKey', 'Encrypt', 'GenerateDataKey', 'GenerateDataKeyWithoutPlaintext', 'ReEncryptFrom', 'ReEncryptTo']
          .map((action) => `kms:${action}`),
        Resource: '*',
        Condition: { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': [logs('lambda'), logs('vendedlogs')] } },
      },
      {
        Sid: 'BusAndAlarms',
        Effect: 'Allow',
        Principal: { Service: ['events.amazonaws.com', 'cloudwatch.amazonaws.com'] },
        Action: ['kms:Decrypt', 'kms:DescribeKey', 'kms:GenerateDataKey'],
        Resource: '*',
        Condition: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      },
    ],
  };
}
