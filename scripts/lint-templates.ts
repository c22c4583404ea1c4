// Runs cfn-lint and checkov over the templates of every phase, environment and choice that test/variants.ts lists. Both
// come from PyPI into a cache folder, pinned, and see no network. Each template is linted beside known-bad resources, which show that it was. Every finding counts, warnings too, unless
// scripts/lint/accepted-findings.yaml has it with a reason. Findings of a template are kept beside the linters: both judge one file at a
// time, so the same template, linted by the same versions and by this very file, has the same ones. `--anew` lints all.
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parse } from 'yaml';
import type { PhaseNumber } from '../lib/facts/phase-numbers';
import { synthesise } from '../test/cdk-context';
import { VARIANTS } from '../test/variants';
import { flagsOf } from './flags';
import { type Finding, KeptFindings } from './kept-findings';
import { Sentinel, type WithResources } from './sentinel';

const LINTERS = { 'cfn-lint': '1.58.0', checkov: '3.2.459' };
/** Metadata of a resource with code: for a few of them a folder with a name by chance. */
const ASSET_PATH = 'aws:asset:path';
/** A rule of each linter that the known-bad resources break. */
const KNOWN_BAD_RULES = { 'cfn-lint': 'E3002', checkov: 'CKV_AWS_20' };

interface Accepted {
  readonly rules: readonly string[];
  readonly resources: readonly string[];
  readonly reason: string;
}

const ANEW = flagsOf('lint-templates', process.argv.slice(2), ['anew']).has('anew');
/** Of the files that say how the linters are called, and what is read of their answers. */
const OWN_TEXT = ['lint-templates', 'sentinel', 'kept-findings']
  .map((name) => readFileSync(join(import.meta.dirname, `${name}.ts`), 'utf8'))
  .join('');

const lintFolder = join(import.meta.dirname, 'lint');
const KNOWN_BAD = readFileSync(join(lintFolder, 'known-bad.template.json'), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'beamstalk-templates-'));
try {
  process.exitCode = (await lintTemplates()) ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function lintTemplates(): Promise<boolean> {
  const linters = installedLinters();
  const programs = join(linters, 'bin');
  const templates = differentTemplates();
  const kept = new KeptFindings(join(linters, 'findings'), `${OWN_TEXT}${KNOWN_BAD}${installed(linters)}`);
  const known = new Map([...templates].map(([file, text]) => [file, ANEW ? undefined : kept.of(file, text)]));
  const linted = [...templates].filter(([file]) => known.get(file) === undefined);
  const sentinel = new Sentinel(JSON.parse(KNOWN_BAD) as WithResources, KNOWN_BAD_RULES);
  for (const [file, text] of linted) writeFileSync(join(folder, file), sentinel.beside(text));

  const said = linted.length === 0 ? [] : (await Promise.all([cfnLint(programs), checkov(programs)])).flat();
  // A process of a linter that was killed takes its share of the templates with it, and the others end well.
  const missed = linted.flatMap(([file, text]) => {
    const linters = sentinel.missedBy(file, said);
    if (linters.length === 0) kept.keep(text, sentinel.without(said.filter((finding) => finding.file === file)));
    return linters.map(
      (linter) => `${linter} does not find ${KNOWN_BAD_RULES[linter]} in ${file}: it did not judge it`,
    );
  });
  kept.forget();
  console.log(`${linted.length} templates linted now, ${templates.size - linted.length} found unchanged`);
  const others = [...sentinel.without(said), ...[...known.values()].flatMap((some) => some ?? [])];
  const accepted = parse(readFileSync(join(lintFolder, 'accepted-findings.yaml'), 'utf8')) as Accepted[];
  const open = others.filter((finding) => !accepted.some((entry) => covers(entry, finding)));

  const complaints = [...missed, ...grouped(open), ...accepted.flatMap((entry) => unused(entry, others))];
  for (const [linter, version] of Object.entries(LINTERS)) {
    const own = others.filter((finding) => finding.linter === linter);
    const left = open.filter((finding) => finding.linter === linter);
    console.log(
      `${linter} ${version}: ${templates.size} templates, ${own.length - left.length} findings accepted, ${left.length} open`,
    );
  }
  for (const complaint of complaints) console.error(complaint);
  return complaints.length === 0;
}

/** Templates that differ from each other, over all variants, by the name of their file. */
function differentTemplates(): Map<string, string> {
  // `npm run test:variants` and every synth of a user do it.
  process.env['CDK_VALIDATION'] = 'false';
  const seen = new Set<string>();
  const templates = new Map<string, string>();
  let total = 0;
  for (const { name, context } of VARIANTS) {
    const { env = '', phase, ...overrides } = context;
    for (const [stack, template] of Object.entries(synthesise(env, Number(phase) as PhaseNumber, overrides))) {
      const text = withoutHashes(
        JSON.stringify(template, (key, value: unknown) => (key === ASSET_PATH ? 'folder' : value), 1),
      );
      total += 1;
      // Stacks of clusters differ in their numbers alone, and a full one takes the linters as long as ten others.
      if (seen.has(text) || /-shards-[1-9]\d*$/.test(stack)) continue;
      seen.add(text);
      templates.set(`${name.replace(/\W+/g, '-')}.${stack}.template.json`, text);
    }
  }
  console.log(`${VARIANTS.length} variants: ${total} templates, ${seen.size} of them different`);
  return templates;
}

/** Gives all assets one hash: a change of a script on nodes would else have nearly every template linted again, which no linter judges by it. */
function withoutHashes(text: string): string {
  return text.replaceAll(/\b[0-9a-f]{64}\b/g, '0'.repeat(64));
}

/** Makes the linters' virtual environment once per set of versions, and returns its folder. */
function installedLinters(): string {
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'beamstalk');
  const requirements = Object.entries(LINTERS).map(([name, version]) => `${name}==${version}`);
  const home = join(cache, `template-linters-${Object.values(LINTERS).join('-')}`);
  const complete = join(home, 'complete');
  if (!existsSync(complete)) {
    console.log(`installing ${requirements.join(' and ')} into the cache folder`);
    mkdirSync(cache, { recursive: true });
    rmSync(home, { recursive: true, force: true });
    provideVenv();
    execFileSync('python3', ['-m', 'venv', home], { stdio: 'inherit' });
    execFileSync(join(home, 'bin', 'pip'), ['install', '--quiet', '--disable-pip-version-check', ...requirements], {
      stdio: 'inherit',
    });
    writeFileSync(complete, '');
  }
  return home;
}

/** Versions of all that judges: the linters bring packages with rules of their own, and of a version that is not pinned. */
function installed(linters: string): string {
  const python = join(linters, 'bin', 'python');
  return ['--version', '-m pip freeze --disable-pip-version-check']
    .map((words) => execFileSync(python, words.split(' '), { encoding: 'utf8' }))
    .join('');
}

/** Debian keeps what `python3 -m venv` needs in a package of its own. */
function provideVenv(): void {
  try {
    execFileSync('python3', ['-c', 'import venv, ensurepip'], { stdio: 'ignore' });
  } catch {
    if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
      throw new Error('cfn-lint and checkov need python3 with its venv module (on Debian: python3-venv)');
    }
    execFileSync('bash', [join(import.meta.dirname, 'apt-install.sh'), 'python3-venv'], { stdio: 'inherit' });
  }
}

interface CfnLintMatch {
  readonly Rule: { readonly Id: string };
  readonly Message: string;
  readonly Filename: string;
  readonly Location: { readonly Path: readonly (string | number)[] | null };
}

async function cfnLint(programs: string): Promise<Finding[]> {
  const args = ['--format', 'json', '--non-zero-exit-code', 'none', join(folder, '*.template.json')];
  const matches = JSON.parse(await run(join(programs, 'cfn-lint'), args)) as CfnLintMatch[];
  return matches.map(({ Rule, Message, Filename, Location }) => ({
    linter: 'cfn-lint',
    rule: Rule.Id,
    message: Message,
    file: basename(Filename),
    resource: Location.Path?.[0] === 'Resources' ? String(Location.Path[1] ?? '') : '',
  }));
}

interface CheckovReport {
  readonly summary: { readonly parsing_errors: number };
  readonly results: {
    readonly failed_checks: readonly {
      readonly check_id: string;
      readonly check_name: string;
      readonly file_path: string;
      /** `AWS::S3::Bucket.LogicalId` */
      readonly resource: string;
    }[];
    readonly parsing_errors: readonly string[];
  };
}

async function checkov(programs: string): Promise<Finding[]> {
  const quiet = ['--framework', 'cloudformation', '--compact', '--quiet', '--skip-download', '--soft-fail'];
  const text = await run(join(programs, 'checkov'), ['--directory', folder, ...quiet, '--output', 'json']);
  const { summary, results } = JSON.parse(text) as CheckovReport;
  if (summary.parsing_errors > 0) throw new Error(`checkov cannot read ${results.parsing_errors.join(', ')}`);
  return results.failed_checks.map(({ check_id, check_name, file_path, resource }) => ({
    linter: 'checkov',
    rule: check_id,
    message: check_name,
    file: basename(file_path),
    resource: resource.split('.')[1] ?? '',
  }));
}

/**
 * Runs a linter, beside no settings of its own and none of whoever runs this (`CKV_SKIP_CHECK`, `AWS_REGION`): what it finds is kept for
 * others. A proxy that is not there keeps it from the network.
 */
function run(program: string, args: readonly string[]): Promise<string> {
  const nowhere = 'http://127.0.0.1:9';
  const proxies = { HTTPS_PROXY: nowhere, https_proxy: nowhere, HTTP_PROXY: nowhere, http_proxy: nowhere };
  const env = { PATH: process.env['PATH'], HOME: folder, LANG: 'C.UTF-8', ...proxies };
  return new Promise((resolve, reject) => {
    execFile(program, args, { env, cwd: folder, maxBuffer: 1 << 28 }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${basename(program)} failed: ${stderr || error.message}`));
      else resolve(stdout);
    });
  });
}

function covers({ rules, resources }: Accepted, { rule, resource }: Finding): boolean {
  return rules.includes(rule) && resources.some((id) => resource.startsWith(id));
}

/** What an entry accepts and no linter finds any more. */
function unused(entry: Accepted, findings: readonly Finding[]): string[] {
  const stale = (what: string): string =>
    `accepted-findings.yaml: ${what} of [${entry.rules.join(', ')}] matches nothing`;
  return [
    ...entry.rules
      .filter((rule) => !findings.some((finding) => covers({ ...entry, rules: [rule] }, finding)))
      .map((rule) => stale(`rule ${rule}`)),
    ...entry.resources
      .filter((resource) => !findings.some((finding) => covers({ ...entry, resources: [resource] }, finding)))
      .map((resource) => stale(`resource ${resource}`)),
  ];
}

/** One line for each rule and resource, with the first of the templates that have it. */
function grouped(findings: readonly Finding[]): string[] {
  const lines = new Map<string, { first: Finding; more: number }>();
  for (const finding of findings) {
    const key = `${finding.rule} ${finding.resource}`;
    const line = lines.get(key);
    if (line === undefined) lines.set(key, { first: finding, more: 0 });
    else line.more += 1;
  }
  return [...lines.values()].map(({ first: { linter, rule, resource, file, message }, more }) => {
    const others = more > 0 ? ` and ${more} more` : '';
    return `${linter} ${rule} at ${resource || '(template)'} in ${file}${others}: ${message}`;
  });
}
