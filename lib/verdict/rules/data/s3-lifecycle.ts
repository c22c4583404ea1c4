import type { TemplateResource } from '../../../template/template';
import { isTree, listInside, numberOf, type Tree } from '../../../template/values';
import type { Expiry, Scope } from './expiration';

/** Expirations of the lifecycle rules of a bucket: of objects, and of old versions of objects. */
export function lifecycleExpiries(bucket: TemplateResource): Expiry[] {
  return listInside(bucket, 'LifecycleConfiguration', 'Rules')
    .filter((rule) => rule['Status'] === 'Enabled')
    .flatMap((rule) => {
      const scope = scopeOf(rule);
      const where = scope.prefix === '' ? '' : ` under ${scope.prefix}`;
      const [now, old] = [currentDays(rule), oldDays(rule)];
      return [
        ...(now === undefined ? [] : [{ what: `objects${where}`, days: now, scope }]),
        ...(old === undefined
          ? []
          : [{ what: `old versions of objects${where}`, days: old, old: true as const, scope }]),
      ];
    });
}

function currentDays({ ExpirationDate, ExpirationInDays }: Tree): number | undefined {
  return ExpirationDate === undefined ? numberOf(ExpirationInDays) : 0;
}

/** Days of old versions; `NewerNoncurrentVersions` is a second condition, under which less is deleted. */
function oldDays({ NoncurrentVersionExpiration: rule, NoncurrentVersionExpirationInDays }: Tree): number | undefined {
  return numberOf(isTree(rule) ? rule['NoncurrentDays'] : NoncurrentVersionExpirationInDays);
}

function scopeOf({ Prefix, TagFilters, ObjectSizeGreaterThan, ObjectSizeLessThan, Filter }: Tree): Scope {
  const asked = { TagFilters, ObjectSizeGreaterThan, ObjectSizeLessThan, Filter };
  const filter = Object.values(asked).every((value) => value === undefined) ? '' : JSON.stringify(asked);
  return { prefix: typeof Prefix === 'string' ? Prefix : '', filter };
}
