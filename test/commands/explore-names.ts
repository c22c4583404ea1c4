/** Names, addresses and ids that an environment's settings may hold. */
export const NAMES: Readonly<Record<string, string>> = {
  'domain.name': 'app.acme-secrets.example',
  'domain.hostedZoneId': 'Z0ACMESECRETZONE',
  'domain.hostedZoneName': 'acme-secrets.example',
  'domain.email': 'registrar@acme-secrets.example',
  'network.cidr': '10.77.0.0/16',
  'box.sshFrom': '203.0.113.77/32',
  'release.uri': 's3://acme-secret-releases/app.tar.gz',
  'release.environmentSecret': 'arn:aws:secretsmanager:us-east-1:987654321098:secret:acme-env',
  'app.healthPath': '/acme-health',
  'database.name': 'acme_rows',
  'alerts.emails': '["pager@acme-secrets.example"]',
  'alerts.pagerDutySecret': 'arn:aws:secretsmanager:us-east-1:987654321098:secret:acme-pager',
  'alerts.slackWorkspaceId': 'T0ACMESLACK',
  'alerts.slackChannelId': 'C0ACMESLACK',
  'alerts.sentrySecret': 'arn:aws:secretsmanager:us-east-1:987654321098:secret:acme-sentry',
  'delivery.source': 'git',
  'delivery.connectionArn':
    'arn:aws:codeconnections:us-east-1:987654321098:connection/0aced0ff-1234-5678-9abc-def012345678',
  'delivery.repository': 'acme-inc/secret-app',
  'delivery.branch': 'acme-main',
  'operations.trail': 'organization',
  'operations.organizationId': 'o-acme0secret',
  'workers.mailIdentities': '["post@acme-secrets.example"]',
  'pressure.lowPriorityPaths': '["/acme-batch/"]',
};

/** Text that no page may have of them: the words above, and parts that they are made of. */
export const HIDDEN = /acme|987654321098|203\.0\.113\.77|10\.77\.0\.0|Z0ACMESECRETZONE|0aced0ff/i;
