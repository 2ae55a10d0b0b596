/** The three functions with their logs and roles, and what starts them: the event source, the schedules, the bus. */
import { cpSync, existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import {
  Aws, Duration, Fn, Stack, aws_events as events, aws_iam as iam, aws_lambda as lambda, aws_logs as logs, aws_scheduler as scheduler,
} from 'aws-cdk-lib';
import { RustFunction } from 'cargo-lambda-cdk';
import { Access, allow, Statement } from './access.js';
import { Parameters } from './parameters.js';
import { arn, Store } from './store.js';

const DAILY = 'CRMExport_ExportError';
const REPOSITORY = join(import.meta.dirname, '../../..');

interface Made {
  description: string;
  seconds: number;
  memory: number;
  statements: Statement[];
  /** Variables of its own. */
  environment: Record<string, string>;
}

export class Functions {
  readonly export: lambda.CfnFunction;
  readonly retry: lambda.CfnFunction;
  readonly settings: lambda.CfnFunction;

  constructor(
    private readonly stack: Stack,
    private readonly parameters: Parameters,
    private readonly store: Store,
    private readonly access: Access,
  ) {
    const { ledger, indexes, events, credentials, traces } = access;
    const crm = { CRM_EXPORT_LOGIN_URL: parameters.loginUrl.valueAsString, CRM_EXPORT_SECRET: store.credentials.ref };
    this.export = this.make('Export', {
      description: 'Writes the queue\'s records to the CRM, and resumes held jobs.',
      seconds: 300,
      memory: 256,
      environment: crm,
      statements: [
        allow('Queue', ['sqs:ChangeMessageVisibility', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'],
          store.queue.attrArn),
        ledger, indexes, events, credentials, access.key('dynamodb', 'lambda', 'secretsmanager', 'sqs'), traces,
      ],
    });
    this.retry = this.make('Retry', {
      description: 'CRMExport_ExportError, exports open errors again once a day.',
      seconds: 900,
      memory: 256,
      environment: crm,
      statements: [
        ledger, indexes, events, credentials, access.key('dynamodb', 'lambda', 'secretsmanager', 'sqs'),
        allow('DeadLetters', 'sqs:SendMessage', store.scheduleDeadLetters.attrArn), traces,
      ],
    });
    const group = new scheduler.CfnScheduleGroup(stack, 'Schedules', { name: Aws.STACK_NAME });
    const scheduleRole = access.scheduleRole(group.attrArn, [this.export.attrArn, this.retry.attrArn]);
    this.settings = this.make('Settings', {
      description: 'The API of settings, jobs and export errors, and the pages.',
      seconds: 25,
      memory: 256,
      environment: {
        CRM_EXPORT_SCHEDULE: `${group.ref}/${DAILY}`,
        CRM_EXPORT_JWT_ISSUER: parameters.jwtIssuer.valueAsString,
        CRM_EXPORT_JWT_AUDIENCE: parameters.jwtAudience.valueAsString,
        CRM_EXPORT_JWT_CLIENT: parameters.jwtClientId.valueAsString,
      },
      statements: [
        allow('Ledger', ['BatchGetItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem'].map((action) => `dynamodb:${action}`),
          store.ledger.attrArn),
        indexes, events,
        allow('Schedule', ['scheduler:GetSchedule', 'scheduler:UpdateSchedule'], arn('scheduler', `schedule/${group.ref}/${DAILY}`)),
        allow('ScheduleRole', 'iam:PassRole', scheduleRole.attrArn,
          { StringEquals: { 'iam:PassedToService': 'scheduler.amazonaws.com' } }),
        access.key('dynamodb', 'lambda', 'scheduler'), traces,
      ],
    });
    this.connect();
    this.schedule(group, scheduleRole);
    this.obey('Export', this.export, ['resume', 'skip']);
    this.obey('Retry', this.retry, ['retry']);
  }

  /** Log group, role and function. */
  private make(name: string, made: Made): lambda.CfnFunction {
    const group = logGroup(this.stack, `${name}Logs`, `/aws/lambda/${Aws.STACK_NAME}/${name.toLowerCase()}`, this.parameters, this.store);
    const role = this.access.role(`${name}Role`, name,
      [...made.statements, allow('Logs', ['logs:CreateLogStream', 'logs:PutLogEvents'], group.attrArn)]);
    const options: lambda.FunctionOptions = {
      description: made.description,
      timeout: Duration.seconds(made.seconds),
      memorySize: made.memory,
      role: iam.Role.fromRoleArn(this.stack, `${name}RoleReference`, role.attrArn, { mutable: false }),
    };
    const resource = this.build(name, options).node.defaultChild as lambda.CfnFunction;
    resource.overrideLogicalId(name);
    resource.architectures = [this.parameters.architecture.valueAsString];
    resource.tracingConfig = { mode: 'Active' };
    resource.kmsKeyArn = this.store.key.attrArn;
    resource.environment = { variables: { ...this.environment(), ...made.environment } };
    resource.loggingConfig = { logGroup: group.ref, logFormat: 'JSON', applicationLogLevel: 'INFO', systemLogLevel: 'WARN' };
    return resource;
  }

  private environment(): Record<string, string> {
    return {
      CRM_EXPORT_ACCOUNT: this.parameters.accountName.valueAsString,
      CRM_EXPORT_STACK: Aws.STACK_NAME,
      CRM_EXPORT_TABLE: this.store.ledger.ref,
      CRM_EXPORT_EVENT_BUS: this.store.bus.ref,
      CRM_EXPORT_PAUSE_DEFAULT: this.parameters.pauseOnExportErrors.valueAsString,
      CRM_EXPORT_RETRY_HOUR: Fn.ref('RetryHour'),
      CRM_EXPORT_TIME_ZONE: this.parameters.timeZone.valueAsString,
      CRM_EXPORT_RESOLVED_DAYS: Fn.ref('ResolvedErrorDays'),
      CRM_EXPORT_LOG: 'info',
    };
  }

  /** Built with cargo lambda, or taken as `-c functions=DIR` has it; with the rules of `-c rules=DIR`, but for settings. */
  private build(name: string, options: lambda.FunctionOptions): lambda.Function {
    const binaryName = name.toLowerCase();
    const context = (key: string): string | undefined => this.stack.node.tryGetContext(key);
    const built = context('functions');
    const rules = name === 'Settings' ? undefined : context('rules');
    const architecture = context('architecture') === 'x86_64' ? lambda.Architecture.X86_64 : lambda.Architecture.ARM_64;
    if (built === undefined) {
      const manifestPath = join(REPOSITORY, 'functions', binaryName, 'Cargo.toml');
      const afterBundling = (_: string, output: string) => rules ? [`cp -R "${resolve(rules)}" "${output}/rules"`] : [];
      const bundling = { commandHooks: { beforeBundling: () => [], afterBundling } };
      return new RustFunction(this.stack, `${name}Code`, { ...options, manifestPath, binaryName, architecture, bundling });
    }
    const folder = built === 'placeholder' ? join(import.meta.dirname, '../placeholder') : join(built, binaryName);
    if (!existsSync(folder)) {
      throw new Error(`find ${folder}: -c functions=DIR names a folder with export/bootstrap, retry/bootstrap and settings/bootstrap`);
    }
    return new lambda.Function(this.stack, `${name}Code`, {
      ...options, architecture, runtime: lambda.Runtime.PROVIDED_AL2023, handler: 'bootstrap',
      code: lambda.Code.fromAsset(rules ? withRules(folder, rules) : folder),
    });
  }

  private connect(): void {
    new lambda.CfnEventSourceMapping(this.stack, 'ExportRecords', {
      functionName: this.export.ref,
      eventSourceArn: this.store.queue.attrArn,
      batchSize: 10,
      functionResponseTypes: ['ReportBatchItemFailures'],
      scalingConfig: { maximumConcurrency: this.parameters.maximumConcurrency.valueAsNumber },
    });
    // For what a person asked: it is tried twice again (a skip names its error, so that it never passes two). A tick needs
    // no second try, and takes no harm by one.
    new lambda.CfnEventInvokeConfig(this.stack, 'ExportEventInvokeConfig', {
      functionName: this.export.ref, qualifier: '$LATEST', maximumRetryAttempts: 2, maximumEventAgeInSeconds: 900,
    });
    new lambda.CfnEventInvokeConfig(this.stack, 'RetryEventInvokeConfig', {
      functionName: this.retry.ref,
      qualifier: '$LATEST',
      maximumRetryAttempts: 2,
      maximumEventAgeInSeconds: 21600,
      destinationConfig: { onFailure: { destination: this.store.scheduleDeadLetters.attrArn } },
    });
  }

  /** A person's wish, from the settings function, which may not touch the CRM itself. */
  private obey(name: string, fn: lambda.CfnFunction, action: string[]): void {
    const rule = new events.CfnRule(this.stack, `${name}WorkRequested`, {
      eventBusName: this.store.bus.ref,
      eventPattern: { source: ['crm-export'], 'detail-type': ['WorkRequested'], detail: { action } },
      targets: [{
        id: name.toLowerCase(),
        arn: fn.attrArn,
        inputPath: '$.detail',
        retryPolicy: { maximumRetryAttempts: 5, maximumEventAgeInSeconds: 3600 },
        deadLetterConfig: { arn: this.store.scheduleDeadLetters.attrArn },
      }],
    });
    new lambda.CfnPermission(this.stack, `${name}WorkRequestedPermission`, {
      action: 'lambda:InvokeFunction', functionName: fn.ref, principal: 'events.amazonaws.com', sourceArn: rule.attrArn,
    });
  }

  private schedule(group: scheduler.CfnScheduleGroup, role: iam.CfnRole): void {
    const common = { groupName: group.ref, kmsKeyArn: this.store.key.attrArn };
    new scheduler.CfnSchedule(this.stack, 'ExportResume', {
      ...common,
      name: 'CRMExport_Resume',
      description: 'Tries the head of each held job.',
      scheduleExpression: `cron(0/${Fn.ref('ResumeMinutes')} * * * ? *)`,
      flexibleTimeWindow: { mode: 'OFF' },
      target: {
        arn: this.export.attrArn,
        roleArn: role.attrArn,
        input: '{"cause":"schedule"}',
        retryPolicy: { maximumRetryAttempts: 0, maximumEventAgeInSeconds: 60 },
      },
    });
    new scheduler.CfnSchedule(this.stack, 'RetryDaily', {
      ...common,
      name: DAILY,
      description: 'Exports open errors again, with no one\'s help.',
      scheduleExpression: `cron(0 ${Fn.ref('RetryHour')} * * ? *)`,
      scheduleExpressionTimezone: this.parameters.timeZone.valueAsString,
      flexibleTimeWindow: { mode: 'FLEXIBLE', maximumWindowInMinutes: 15 },
      target: {
        arn: this.retry.attrArn,
        roleArn: role.attrArn,
        input: '{"cause":"daily"}',
        retryPolicy: { maximumRetryAttempts: 5, maximumEventAgeInSeconds: 3600 },
        deadLetterConfig: { arn: this.store.scheduleDeadLetters.attrArn },
      },
    });
  }
}

/** A package that is built, with rules beside its bootstrap. */
function withRules(folder: string, rules: string): string {
  const whole = mkdtempSync(join(tmpdir(), 'crm-export-'));
  cpSync(folder, whole, { recursive: true });
  cpSync(rules, join(whole, 'rules'), { recursive: true });
  return whole;
}

export function logGroup(stack: Stack, id: string, logGroupName: string, parameters: Parameters, store: Store): logs.CfnLogGroup {
  const retentionInDays = parameters.logDays.valueAsNumber;
  return new logs.CfnLogGroup(stack, id, { logGroupName, retentionInDays, kmsKeyId: store.key.attrArn });
}
