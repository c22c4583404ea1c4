/** One field of a cron expression: what it is called, its numbers, and the names that stand for them. */
interface Field {
  readonly name: string;
  readonly least: number;
  readonly most: number;
  readonly names?: readonly string[];
  /** Further content besides numbers, ranges, steps and lists of them. */
  readonly special?: RegExp;
}

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

const MINUTE: Field = { name: 'minute', least: 0, most: 59 };
const HOUR: Field = { name: 'hour', least: 0, most: 23 };
const MONTH: Field = { name: 'month', least: 1, most: 12, names: MONTHS };
const DAY_OF_MONTH: Field = { name: 'day of month', least: 1, most: 31 };

/** Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#cron-based (2026-11-21) */
const SCHEDULER_FIELDS: readonly Field[] = [
  MINUTE,
  HOUR,
  { ...DAY_OF_MONTH, special: /^(\?|L|LW|L-([1-9]|[12]\d|30)|([1-9]|[12]\d|3[01])W)$/i },
  MONTH,
  {
    name: 'day of week',
    least: 1,
    most: 7,
    names: DAYS,
    special: /^(\?|([1-7]|SUN|MON|TUE|WED|THU|FRI|SAT)?L|([1-7]|SUN|MON|TUE|WED|THU|FRI|SAT)#[1-5])$/i,
  },
  { name: 'year', least: 1970, most: 2199 },
];

/** Source: https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutScheduledUpdateGroupAction.html (2026-11-21) */
const UNIX_FIELDS: readonly Field[] = [
  MINUTE,
  HOUR,
  DAY_OF_MONTH,
  MONTH,
  { name: 'day of week', least: 0, most: 7, names: DAYS },
];

/** Problem with the fields of EventBridge Scheduler's cron, or undefined. */
export function wrongInSchedulerCron(fields: string): string | undefined {
  const wrong = wrongIn(fields, SCHEDULER_FIELDS);
  if (wrong !== undefined) return wrong;
  const [, , dayOfMonth, , dayOfWeek] = fields.split(/ +/);
  return (dayOfMonth === '?') === (dayOfWeek === '?')
    ? 'one of day of month and day of week has to be ?, and the other not'
    : undefined;
}

/** Problem with the fields of a Unix cron, as Auto Scaling takes it, or undefined. */
export function wrongInUnixCron(fields: string): string | undefined {
  return wrongIn(fields, UNIX_FIELDS);
}

function wrongIn(text: string, fields: readonly Field[]): string | undefined {
  const parts = text.split(/ +/);
  if (parts.length !== fields.length) {
    const names = fields.map(({ name }) => name).join(', ');
    return `it has ${fields.length} fields (${names}), and this has ${parts.length}`;
  }
  const at = fields.findIndex((field, index) => !holds(field, parts[index] ?? ''));
  const field = fields[at];
  return field && `${field.name} goes from ${field.least} to ${field.most}, and this is ${parts[at]}`;
}

function holds(field: Field, text: string): boolean {
  if (field.special?.test(text)) return true;
  return text.split(',').every((part) => {
    const [range = '', step, ...more] = part.split('/');
    if (more.length > 0 || (step !== undefined && !isStep(field, step))) return false;
    if (range === '*') return true;
    const ends = range.split('-');
    return ends.length <= 2 && ends.every((end) => isValue(field, end));
  });
}

/** A step beyond the last number of a field would be a mistake that nobody notices. */
function isStep({ most }: Field, text: string): boolean {
  return /^[1-9]\d{0,3}$/.test(text) && Number(text) <= most;
}

function isValue({ least, most, names = [] }: Field, text: string): boolean {
  if (names.includes(text.toUpperCase())) return true;
  return /^\d{1,4}$/.test(text) && Number(text) >= least && Number(text) <= most;
}
