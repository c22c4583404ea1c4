import { CreateHostedZoneCommand } from '@aws-sdk/client-route-53';
import type { Clients } from './clients';

/** A name that can belong to nobody (RFC 2606). */
const ZONE = 'rehearsal.example';

/**
 * Makes the hosted zone that a user with a domain has before anything is deployed, so that records and certificates
 * are rehearsed too. Returns the settings that name it.
 */
export async function domainContext({ route53 }: Clients): Promise<Readonly<Record<string, string>>> {
  const request = new CreateHostedZoneCommand({ Name: ZONE, CallerReference: `rehearsal-${Date.now()}` });
  const { HostedZone } = await route53.send(request);
  const id = HostedZone?.Id?.replace('/hostedzone/', '');
  if (id === undefined) throw new Error('the engine made a hosted zone without an id');
  return {
    'domain.name': `app.${ZONE}`,
    'domain.hostedZoneId': id,
    'domain.hostedZoneName': ZONE,
    'domain.email': `operator@${ZONE}`,
  };
}
