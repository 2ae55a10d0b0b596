/**
 * The HTTP API of the settings function: AWS_IAM, or JSON web tokens when an issuer is given; and what a browser needs
 * before anyone has signed in, which holds no data.
 */
import { Aws, Fn, Stack, Token, aws_apigatewayv2 as gateway, aws_lambda as lambda } from 'aws-cdk-lib';
import { logGroup } from './functions.js';
import { Parameters } from './parameters.js';
import { arn, Store } from './store.js';

const ACCESS_LOG = '{"requestId":"$context.requestId","route":"$context.routeKey","status":"$context.status",'
  + '"latency":"$context.responseLatency","error":"$context.error.message"}';

const PUBLIC = {
  SessionRoute: '/api/session',
  OpenApiRoute: '/api/openapi.json',
  RootRoute: '/',
  SettingsPage: '/settings/crm',
  JobsPage: '/jobs',
  ErrorsPage: '/errors',
  ErrorPage: '/errors/{id}',
  RejectionsPage: '/rejections',
  AssetsRoute: '/assets/{file}',
};

export function settingsApi(stack: Stack, parameters: Parameters, store: Store, settings: lambda.CfnFunction): gateway.CfnApi {
  const api = new gateway.CfnApi(stack, 'Api', { name: Aws.STACK_NAME, description: 'Settings, jobs and export errors of crm-export, and the pages', protocolType: 'HTTP' });
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
    apiId, integrationType: 'AWS_PROXY', integrationUri: settings.attrArn, payloadFormatVersion: '2.0', timeoutInMillis: 29000,
  });
  const ifJwt = (then: unknown, otherwise: string) => Fn.conditionIf(parameters.hasJwt.logicalId, then, otherwise);
  const target = `integrations/${integration.ref}`;
  new gateway.CfnRoute(stack, 'ApiRoute', {
    apiId,
    routeKey: 'ANY /api/{proxy+}',
    target,
    authorizationType: ifJwt('JWT', 'AWS_IAM').toString(),
    authorizerId: ifJwt(authorizer.ref, Aws.NO_VALUE).toString(),
    authorizationScopes: Token.asList(ifJwt(['crm-export/read', 'crm-export/write'], Aws.NO_VALUE)),
  });
  for (const [id, path] of Object.entries(PUBLIC)) {
    new gateway.CfnRoute(stack, id, { apiId, routeKey: `GET ${path}`, target, authorizationType: 'NONE' });
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
    sourceArn: arn('execute-api', `${apiId}/*/*`),
  });
  return api;
}
