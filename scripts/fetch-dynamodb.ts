// Fetches DynamoDB Local into the user's cache, for tests that run without a network.
import { DYNAMODB_LOCAL } from '../test/peers/dynamodb';
import { jars } from '../test/peers/jars';

jars(DYNAMODB_LOCAL);
