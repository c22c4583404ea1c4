/**
 * Attributes that the feed of a read model adds to each row. No item keeps an attribute of these names in a model: an item's own would
 * be taken for the feed's, and DynamoDB deletes a row by the second.
 */
export const FEED_ATTRIBUTES = {
  /** A map: whose row it is (`source`), of which change (`version`), and `removed` when the item has left it. */
  row: 'beamstalk_row',
  /** The time-to-live attribute of every model, on rows that an item has left alone. Seconds since 1970. */
  expires: 'beamstalk_expires',
} as const;
