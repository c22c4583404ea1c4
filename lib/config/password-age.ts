import type { Configuration } from './configuration';

/** Days between two changes of the application's passwords, for a plan; nothing where they stay. */
export function passwordAge({ database }: Configuration): { readonly passwordDays?: number } {
  return database.passwordDays === 0 ? {} : { passwordDays: database.passwordDays };
}

/**
 * Days that a node lives at most, for the plan of a fleet that logs in to databases. A node keeps the password of its
 * boot, which lasts at least from one change to the next but one: so it has to go within less than that time. What is
 * left, a tenth and a day at least, is for groups that are late because they drain and replace one node at a time.
 */
export function nodeLifetime({ database: { passwordDays } }: Configuration): { readonly lifetimeDays?: number } {
  return passwordDays === 0 ? {} : { lifetimeDays: passwordDays - Math.max(1, Math.ceil(passwordDays / 10)) };
}
