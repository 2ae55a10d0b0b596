/** Who is told when something is wrong, and the dashboard. */
import { Aws, Fn, Stack, aws_cloudwatch as cloudwatch, aws_sns as sns } from 'aws-cdk-lib';
import { Functions } from './functions.js';
import { Parameters } from './parameters.js';
import { Store } from './store.js';

type Dimension = [name: string, value: string];
const OURS: Dimension = ['Stack', Aws.STACK_NAME];

export class Watch {
  private readonly actions: string[];

  constructor(private readonly stack: Stack, parameters: Parameters, private readonly store: Store, private readonly functions: Functions) {
    const topic = new sns.CfnTopic(stack, 'AlarmTopic', { kmsMasterKeyId: store.key.attrArn });
    topic.cfnOptions.condition = parameters.hasMail;
    const subscription = new sns.CfnSubscription(stack, 'AlarmSubscription', {
      topicArn: topic.ref, protocol: 'email', endpoint: parameters.alarmMail.valueAsString,
    });
    subscription.cfnOptions.condition = parameters.hasMail;
    this.actions = Fn.conditionIf(parameters.hasOwnTopic.logicalId, [parameters.alarmTopicArn.valueAsString],
      Fn.conditionIf(parameters.hasMail.logicalId, [topic.ref], Aws.NO_VALUE)) as unknown as string[];
    this.alarms();
    this.risingErrors().cfnOptions.condition = parameters.isAws;
    new cloudwatch.CfnDashboard(stack, 'Dashboard', {
      dashboardName: Aws.STACK_NAME,
      dashboardBody: stack.toJsonString({ widgets: this.widgets() }),
    });
  }

  private alarm(
    id: string, alarmDescription: string, metric: [namespace: string, name: string, dimension: Dimension], statistic: string,
    period: number, threshold: number, treatMissingData: string, comparisonOperator = 'GreaterThanThreshold',
  ): void {
    const [namespace, metricName, [name, value]] = metric;
    new cloudwatch.CfnAlarm(this.stack, id, {
      alarmDescription, namespace, metricName, dimensions: [{ name, value }], statistic, period, evaluationPeriods: 1, threshold,
      comparisonOperator, treatMissingData, alarmActions: this.actions, okActions: this.actions,
    });
  }

  private alarms(): void {
    const { queue, deadLetters, scheduleDeadLetters } = this.store;
    this.alarm('HoldAlarm', 'A job has been held for more than an hour. crm-export status says which record, why and what to do.',
      ['CrmExport', 'OldestHoldSeconds', OURS], 'Maximum', 900, 3600, 'ignore');
    this.alarm('AgeAlarm',
      'The oldest message has waited for more than an hour, the ledger cannot be written or the export function fails.',
      ['AWS/SQS', 'ApproximateAgeOfOldestMessage', ['QueueName', queue.attrQueueName]], 'Maximum', 300, 3600, 'notBreaching');
    this.alarm('DeadLettersAlarm', 'Messages left the queue unread, and their jobs\' order with them. Read them, then redrive.',
      ['AWS/SQS', 'ApproximateNumberOfMessagesVisible', ['QueueName', deadLetters.attrQueueName]], 'Maximum', 300, 0, 'notBreaching');
    this.alarm('ScheduleDeadLettersAlarm', 'A daily retry could not be started or ended badly three times.',
      ['AWS/SQS', 'ApproximateNumberOfMessagesVisible', ['QueueName', scheduleDeadLetters.attrQueueName]], 'Maximum', 300, 0,
      'notBreaching');
    for (const name of ['export', 'retry', 'settings'] as const) {
      this.alarm(`${name[0].toUpperCase()}${name.slice(1)}ErrorsAlarm`, `The function ${name} failed or ran out of time. Its log says why.`,
        ['AWS/Lambda', 'Errors', ['FunctionName', this.functions[name].ref]], 'Sum', 300, 0, 'notBreaching');
    }
    this.alarm('RetryMissedAlarm', 'CRMExport_ExportError did not run for a day.',
      ['AWS/Lambda', 'Invocations', ['FunctionName', this.functions.retry.ref]], 'Sum', 86400, 1, 'breaching', 'LessThanThreshold');
  }

  private risingErrors(): cloudwatch.CfnAlarm {
    const [name, value] = OURS;
    const metric = { namespace: 'CrmExport', metricName: 'OpenErrors', dimensions: [{ name, value }] };
    return new cloudwatch.CfnAlarm(this.stack, 'OpenErrorsAlarm', {
      alarmDescription: 'Open export errors have risen in two of three hours.',
      metrics: [
        { id: 'open', metricStat: { metric, period: 3600, stat: 'Maximum' }, returnData: false },
        { id: 'rise', expression: 'DIFF(open)', label: 'Rise of open errors in an hour', returnData: true },
      ],
      evaluationPeriods: 3,
      datapointsToAlarm: 2,
      threshold: 0,
      comparisonOperator: 'GreaterThanThreshold',
      treatMissingData: 'notBreaching',
      alarmActions: this.actions,
      okActions: this.actions,
    });
  }

  private widgets(): object[] {
    const ours = (name: string, ...options: object[]) => ['CrmExport', name, ...OURS, ...options];
    const queue = (name: string, ...options: object[]) => ['AWS/SQS', name, 'QueueName', this.store.queue.attrQueueName, ...options];
    const lambdas = (...names: string[]) => [this.functions.export, this.functions.retry, this.functions.settings]
      .flatMap((one) => names.map((name) => ['AWS/Lambda', name, 'FunctionName', one.ref]));
    const right = { yAxis: 'right' };
    const codes = `SEARCH('{CrmExport,Stack,Code} MetricName="RecordErrors" Stack="${Aws.STACK_NAME}"', 'Sum', 300)`;
    const hour = { annotations: { horizontal: [{ label: 'alarm', value: 3600 }] } };
    const rows: [title: string, metrics: unknown[], stat: string, more?: object][] = [
      ['Exported records', [ours('Exported')], 'Sum'],
      ['Record errors by code', [[{ expression: codes, id: 'codes' }]], 'Sum'],
      ['Open export errors', [ours('OpenErrors')], 'Maximum'],
      ['Held jobs, parked records', [ours('HeldJobs'), ours('ParkedRecords', right)], 'Maximum'],
      ['Oldest hold, seconds', [ours('OldestHoldSeconds')], 'Maximum', hour],
      ['Preflight and CRM disagree', [ours('ModelDisagreements')], 'Sum'],
      ['Queue: messages, oldest in seconds', [queue('ApproximateNumberOfMessagesVisible'),
        queue('ApproximateNumberOfMessagesNotVisible'), queue('ApproximateAgeOfOldestMessage', right)], 'Maximum'],
      ['Functions: errors and throttles', lambdas('Errors', 'Throttles'), 'Sum'],
      ['Functions: duration in ms', lambdas('Duration'), 'p99'],
    ];
    return rows.map(([title, metrics, stat, more], at) => ({
      type: 'metric',
      x: (at % 3) * 8,
      y: Math.floor(at / 3) * 6,
      width: 8,
      height: 6,
      properties: { title, region: Aws.REGION, view: 'timeSeries', stat, period: 300, metrics, ...more },
    }));
  }
}
