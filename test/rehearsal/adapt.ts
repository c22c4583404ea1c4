/**
 * Changes a template where the engine would refuse what AWS accepts, and only there; each change has its entry in
 * `gaps.ts`. Returns how many places were changed.
 */
export function adaptTemplate(template: unknown): { readonly template: unknown; readonly changes: number } {
  let changes = 0;
  const adapt = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(adapt);
    if (typeof value !== 'object' || value === null) return value;
    const [resource, attribute] = getAtt(value);
    if (resource !== undefined && attribute === 'MasterUserSecret.SecretArn') {
      changes += 1;
      return managedSecretArn(resource);
    }
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, adapt(inner)]));
  };
  return { template: adapt(template), changes };
}

function getAtt(value: object): readonly unknown[] {
  const argument = 'Fn::GetAtt' in value ? value['Fn::GetAtt'] : undefined;
  return Array.isArray(argument) ? argument : [];
}

/** In the form that RDS gives to the secrets it manages, so that a policy may name it. */
function managedSecretArn(resource: unknown): unknown {
  return {
    'Fn::Sub': `arn:\${AWS::Partition}:secretsmanager:\${AWS::Region}:\${AWS::AccountId}:secret:rds!db-\${${String(resource)}}`,
  };
}
