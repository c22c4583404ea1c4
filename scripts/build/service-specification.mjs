// The service specification without what nobody here reads. Whoever compares templates asks it which properties a type
// has, whether a change of one replaces the resource, and what names it; the package answers after 0.6 s in which it
// unpacks 2.6 MB of documentation, types and attributes. So the bundle of the command line carries a table of those answers.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/** Fields that are kept of a resource type, beside its properties, and of a property. */
export const RESOURCE_FIELDS = ['cfnRefIdentifier', 'primaryIdentifier', 'scrutinizable'];
export const PROPERTY_FIELDS = ['causesReplacement', 'scrutinizable'];

/** Puts the table into the folder of bundles, and itself in the place of the package. */
export function serviceSpecification(folder, put) {
  return {
    name: 'service-specification',
    setup(build) {
      build.onResolve({ filter: /^@aws-cdk\/aws-service-spec$/ }, ({ importer }) => ({
        path: createRequire(importer).resolve('@aws-cdk/aws-service-spec/package.json'),
        namespace: 'service-specification',
      }));
      build.onLoad({ filter: /.*/, namespace: 'service-specification' }, ({ path }) => {
        const name = `service-specification-${keyOf(path)}.json`;
        if (!existsSync(join(folder, name))) {
          for (const old of readdirSync(folder)) {
            if (old.startsWith('service-specification-')) rmSync(join(folder, old), { force: true });
          }
          const { loadAwsServiceSpecSync } = createRequire(path)('@aws-cdk/aws-service-spec');
          put(join(folder, name), Buffer.from(JSON.stringify(reduced(loadAwsServiceSpecSync()))));
        }
        return { contents: `module.exports = (${standIn})(__dirname + ${JSON.stringify(`/${name}`)})` };
      });
    },
  };
}

/** Type of resource -> the fields that are kept, in the shape of the specification. */
export function reduced(database) {
  const types = database.all('resource').map((resource) => {
    const properties = Object.entries(resource.properties).map(([name, property]) => [
      name,
      only(property, PROPERTY_FIELDS),
    ]);
    return [
      resource.cloudFormationType,
      { ...only(resource, RESOURCE_FIELDS), properties: Object.fromEntries(properties) },
    ];
  });
  return Object.fromEntries(types);
}

function only(object, fields) {
  return Object.fromEntries(fields.flatMap((field) => (object[field] === undefined ? [] : [[field, object[field]]])));
}

/** Version of the package, and a digest of this file: another table has another name. */
function keyOf(packageFile) {
  const digest = createHash('sha256')
    .update(readFileSync(import.meta.filename))
    .digest('hex');
  return `${JSON.parse(readFileSync(packageFile, 'utf8')).version}-${digest.slice(0, 8)}`;
}

/** The part of the package's interface that is used. It stands in a bundle, and sees nothing of this file. */
function standIn(file) {
  return {
    loadAwsServiceSpecSync() {
      const types = JSON.parse(require('node:fs').readFileSync(file, 'utf8'));
      return {
        lookup(entity, index, operator, type) {
          const asked = [entity, index, operator].join(' ');
          if (asked !== 'resource cloudFormationType equals')
            throw new Error(`not in the reduced specification: ${asked}`);
          return Object.hasOwn(types, type) ? [types[type]] : [];
        },
      };
    },
  };
}
