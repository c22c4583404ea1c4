/**
 * Tells whether templates are validated as they are synthesised.
 * Source: `defaultValidationEnabled` of aws-cdk-lib 2.276.0, core/lib/private/synthesis-validation.js.
 */
export function isValidated(): boolean {
  return process.env['CDK_VALIDATION'] !== 'false';
}
