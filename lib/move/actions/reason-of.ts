/** Message of an error, for one about something else. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
