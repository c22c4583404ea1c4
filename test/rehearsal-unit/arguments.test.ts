import { describe, expect, it } from 'vitest';
import { parseArguments, UsageError } from '../rehearsal/arguments';

const allowed = { environments: ['dev', 'prod'], lastPhase: 3 };
const parse = (...args: string[]) => parseArguments(args, allowed);

describe('the command line of a rehearsal', () => {
  it('rehearses every phase of prod when nothing else is asked for', () => {
    expect(parse()).toEqual({ environment: 'prod', from: 0, to: 3, context: {} });
  });

  it('takes environment, phases, engine and settings', () => {
    const args = [
      '--env',
      'dev',
      '--from',
      '1',
      '--to=2',
      '--engine',
      'http://localhost:4566/',
      '-c',
      'web.enabled=false',
    ];
    expect(parse(...args)).toEqual({
      environment: 'dev',
      from: 1,
      to: 2,
      engine: 'http://localhost:4566',
      context: { 'web.enabled': 'false' },
    });
  });

  it('keeps what follows the first equals sign of a setting', () => {
    expect(parse('--context', 'app.healthPath=/echo?message=health')?.context).toEqual({
      'app.healthPath': '/echo?message=health',
    });
  });

  it('answers a call for help with nothing to do', () => {
    expect(parse('--help')).toBeUndefined();
  });

  it.each([
    [['--bogus'], /'--bogus'/],
    [['--env', 'test'], /received "test"; allowed: dev, prod/],
    [['--from', '4'], /--from: received "4"; allowed: a phase from 0 to 3/],
    [['--to', 'x'], /--to: received "x"/],
    [['--from', '2', '--to', '1'], /--from 2 comes after --to 1/],
    [['--context', 'web.enabled'], /received "web.enabled"; allowed: KEY=VALUE/],
    [['--context', 'phase=2'], /use --env, --from or --to/],
    [['--engine', 'https://example.com'], /allowed: http:\/\/localhost:PORT/],
    [['--engine', 'http://198.51.100.1:4566'], /on this machine only/],
    [['--engine', 'nonsense'], /received "nonsense"/],
  ])('refuses %j in one line', (args, message) => {
    const attempt = (): unknown => parse(...args);
    expect(attempt).toThrow(UsageError);
    expect(attempt).toThrow(message);
    expect(attempt).not.toThrow(/\n/);
  });
});
