import type { PreflightCheck } from '../check';

export const ROOM_CHECKS: readonly PreflightCheck[] = [
  {
    id: 'room',
    level: 'note',
    find: ({ inventory }) => {
      const bytes = inventory.tables.reduce((sum, table) => sum + table.bytes, 0);
      return Promise.resolve([`${(bytes / 2 ** 30).toFixed(1)} GiB`]);
    },
    what: (names, { move }) => `${names} are copied; how much room ${move.target.title} has, no query tells`,
    remedy: 'see that it has twice that, for rows, their indexes and write-ahead log',
  },
];
