/** The HTTP API of the settings function: AWS_IAM, or JSON web tokens when an issuer is given. */
import { Aws, Fn, Stack, aws_apigatewayv2 as gateway, aws_lambda as lambda } from 'aws-cdk-lib';
import { logGroup } from './functions.js';
import { Parameters } from './parameters.js';
import { arn, Store } from './store.js';

const ACCESS_LOG = '{"requestId":"$context.requestId","route":"$context.routeKey","status":"$context.status",'
  + '"latency":"$context.responseLatency","error":"$context.error.message"}';

export function settingsApi(stack: Stack, parameters: Parameters, store: Store, settings: lambda.CfnFunction): gateway.CfnApi {
  const api = new gateway.CfnApi(stack, 'Api', { name: Aws.STACK_NAME, description: 'Settings of crm-export', protocolType: 'HTTP' });
  const apiId = api.ref;
  const authorizer = new gateway.CfnAuthorizer(stack, 'ApiAuthorizer', {
    apiId,
    name: 'jwt',
    authorizerType: 'JWT',
    identitySource: ['$request.header.Authorization'],
    jwtConfiguration: { issuer: parameters.jwtIssuer.valueAsString, audience: [parameters.jwtAudience.valueAsString] },
  });
  authorizer.cfnOptions.condition = parameters.hasJwt;
  const integration = new gateway.CfnIntegration(stack, 'ApiIntegration', {
    apiId, integrationType: 'AWS_PROXY', integrationUri: settings.attrArn, payloadFormatVersion: '2.0', timeoutInMillis: 20000,
  });
  const ifJwt = (then: string, otherwise: string) => Fn.conditionIf(parameters.hasJwt.logicalId, then, otherwise).toString();
  for (const [id, routeKey] of [['GetSettings', 'GET /api/settings'], ['PutSettings', 'PUT /api/settings']]) {
    new gateway.CfnRoute(stack, id, {
      apiId,
      routeKey,
      target: `integrations/${integration.ref}`,
      authorizationType: ifJwt('JWT', 'AWS_IAM'),
      authorizerId: ifJwt(authorizer.ref, Aws.NO_VALUE),
    });
  }
  const access = logGroup(stack, 'ApiLogs', `/aws/vendedlogs/${Aws.STACK_NAME}/api`, parameters, store);
  new gateway.CfnStage(stack, 'ApiStage', {
    apiId,
    stageName: '$default',
    autoDeploy: true,
    defaultRouteSettings: { throttlingRateLimit: 20, throttlingBurstLimit: 40, detailedMetricsEnabled: true },
    accessLogSettings: { destinationArn: access.attrArn, format: ACCESS_LOG },
  });
  new lambda.CfnPermission(stack, 'ApiPermission', {
    action: 'lambda:InvokeFunction',
    functionName: settings.ref,
    principal: 'apigateway.amazonaws.com',
    sourceArn: arn('execute-api', `${apiId}/*/*/api/settings`),
  });
  return api;
}
