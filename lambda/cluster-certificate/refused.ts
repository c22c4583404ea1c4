/**
 * A refusal that stands however often the node asks; after anything else it asks again, for minutes. Lambda answers with the name of an
 * error as `errorType`, by which `cluster-certificate.sh` knows it.
 *
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/nodejs-exceptions.html (2026-11-30)
 */
export class Refused extends Error {
  override readonly name = 'Refused';
}
