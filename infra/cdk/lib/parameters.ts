/** The stack's parameters and conditions, as in ../../template.yaml. */
import { CfnCondition, CfnParameter, CfnParameterProps, CfnRule, Fn, Stack } from 'aws-cdk-lib';

export class Parameters {
  constructor(private readonly stack: Stack) {}

  private text(id: string, props: CfnParameterProps): CfnParameter {
    return new CfnParameter(this.stack, id, { type: 'String', ...props });
  }

  private number(id: string, props: CfnParameterProps): CfnParameter {
    return new CfnParameter(this.stack, id, { type: 'Number', ...props });
  }

  private flag(id: string, value: 'true' | 'false', description: string): CfnParameter {
    return this.text(id, { default: value, allowedValues: ['true', 'false'], description });
  }

  readonly accountName = this.text('AccountName', {
    allowedPattern: '^[A-Za-z0-9_.-]{1,64}$',
    description: 'The account whose CRM is written to, 1 to 64 letters, digits, _, - or dots. Messages for another are rejected.',
  });
  readonly loginUrl = this.text('LoginUrl', {
    allowedPattern: '^(https://[^/@\\s]+|http://(127\\.0\\.0\\.1|localhost)(:[0-9]+)?)$',
    description: 'Where to sign in to the CRM, https://yourdomain.my.salesforce.com',
  });
  readonly credentialsName = this.text('CredentialsName', {
    default: '',
    allowedPattern: '^[A-Za-z0-9/_+=.@-]{0,256}$',
    description: 'Name of the secret with the CRM credentials. Empty is the stack\'s name and /crm',
  });
  readonly pauseOnExportErrors = this.flag('PauseOnExportErrors', 'true',
    'What holds until the account\'s settings are first saved. With false, data in the CRM may become inconsistent.');
  readonly resumeMinutes = this.number('ResumeMinutes', {
    default: '5',
    allowedValues: ['1', '2', '3', '4', '5', '6', '10', '12', '15', '20', '30'],
    description: 'Minutes between two resume attempts of held jobs.',
  });
  readonly retryHour = this.number('RetryHour', {
    default: 3,
    minValue: 0,
    maxValue: 23,
    description: 'Hour of CRMExport_ExportError, the daily retry of open export errors. The account\'s settings change it later.',
  });
  readonly timeZone = this.text('TimeZone', {
    default: 'UTC',
    allowedPattern: '^[A-Za-z0-9_+/-]{1,50}$',
    description: 'IANA time zone of RetryHour, Europe/Berlin',
  });
  readonly resolvedErrorDays = this.number('ResolvedErrorDays', {
    default: 90,
    minValue: 1,
    maxValue: 3650,
    description: 'Days that resolved export errors are kept. Open ones stay for ever.',
  });
  readonly logDays = this.number('LogDays', {
    default: '30',
    allowedValues: [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653].map(String),
    description: 'Days that logs are kept.',
  });
  readonly maximumConcurrency = this.number('MaximumConcurrency', {
    default: 10,
    minValue: 2,
    maxValue: 1000,
    description: 'The most batches of different jobs exported at the same time.',
  });
  readonly visibilitySeconds = this.number('VisibilitySeconds', {
    default: 1800,
    minValue: 1,
    maxValue: 43200,
    description: 'When a message that was not settled is delivered again. On AWS at least six times the export function\'s 300 s.',
  });
  readonly jwtIssuer = this.text('JwtIssuer', {
    default: '',
    description: 'Issuer of the JSON web tokens of the settings API. Empty is AWS_IAM authorization.',
  });
  readonly jwtAudience = this.text('JwtAudience', { default: '', description: 'Audience of those tokens.' });
  readonly jwtClientId = this.text('JwtClientId', {
    default: '',
    allowedPattern: '^[A-Za-z0-9_.:/-]{0,256}$',
    description: 'Public client id with which the pages sign in at the issuer. Empty is no sign-in in the pages.',
  });
  readonly alarmMail = this.text('AlarmMail', {
    default: '',
    description: 'Mail address that is told of alarms. Empty tells nobody.',
  });
  readonly alarmTopicArn = this.text('AlarmTopicArn', {
    default: '',
    description: 'SNS topic of your own that is told of alarms, in place of AlarmMail.',
  });
  readonly deletionProtection = this.flag('DeletionProtection', 'true',
    'The ledger\'s table cannot be deleted. Set false before you remove the stack for good.');
  readonly localCloud = this.flag('LocalCloud', 'false',
    'Leaves out what no local cloud has, the schema registry and the alarm over metric math. For tests.');
  readonly architecture = this.text('Architecture', {
    default: 'arm64',
    allowedValues: ['arm64', 'x86_64'],
    description: 'Processor of the functions. x86_64 is for a local cloud on such a machine.',
  });

  private given(parameter: CfnParameter) {
    return Fn.conditionNot(Fn.conditionEquals(parameter, ''));
  }

  readonly hasCredentialsName = new CfnCondition(this.stack, 'HasCredentialsName', { expression: this.given(this.credentialsName) });
  readonly hasJwt = new CfnCondition(this.stack, 'HasJwt', { expression: this.given(this.jwtIssuer) });
  readonly hasOwnTopic = new CfnCondition(this.stack, 'HasOwnTopic', { expression: this.given(this.alarmTopicArn) });
  readonly hasMail = new CfnCondition(this.stack, 'HasMail', {
    expression: Fn.conditionAnd(this.given(this.alarmMail), Fn.conditionNot(this.hasOwnTopic)),
  });
  readonly isAws = new CfnCondition(this.stack, 'IsAws', { expression: Fn.conditionEquals(this.localCloud, 'false') });

  readonly audienceGoesWithIssuer = new CfnRule(this.stack, 'AudienceGoesWithIssuer', {
    ruleCondition: this.given(this.jwtIssuer),
    assertions: [{ assert: this.given(this.jwtAudience), assertDescription: 'JwtIssuer needs JwtAudience.' }],
  });
}
