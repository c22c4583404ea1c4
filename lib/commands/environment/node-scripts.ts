/** Folder of the programs on a node: lib/node/boot/files/bin. */
const PROGRAMS = '/opt/beamstalk/boot/files/bin';

/** Words that find the name of the release, by which its start script is called: known on the node alone. */
const NAMED = `name="$(bash ${PROGRAMS}/release-name.sh)" && { [ -n "$name" ] || { echo "beamstalk: this node has no release yet" >&2; exit 1; }; }`;

/** Way in which a node comes to a release: `migrate` brings the schema along before, `again` starts the one that it runs anew. */
export type RollHow = 'migrate' | 'again';

/** Command that has a node roll itself to a release: docs/adr/0031-*. */
export function rolloutScript(uri: string, how?: RollHow): string {
  return `bash ${PROGRAMS}/rollout.sh ${quoted(uri)}${how === undefined ? '' : ` ${how}`}`;
}

/** Command that has a node tell its state, in a line of JSON. */
export const STATUS_SCRIPT = `bash ${PROGRAMS}/node-status.sh`;

/**
 * Command that evaluates an expression in the release. It travels in a form that neither a shell nor Systems Manager,
 * which replaces what stands in double braces, reads anything into.
 */
export function rpcScript(expression: string): string {
  const encoded = Buffer.from(expression, 'utf8').toString('base64');
  return `${NAMED} && bash ${PROGRAMS}/run-release.sh "$name" rpc "$(printf %s ${encoded} | base64 -d)"`;
}

/** Command that opens the console of the release, for the user of a session, who is not root and may become it. */
export const CONSOLE_SCRIPT = `sudo bash -c ${quoted(`${NAMED} && exec bash ${PROGRAMS}/run-release.sh "$name" remote`)}`;

/** A word that a shell takes as it is. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Seconds that a machine which has just started has to bring its programs. */
const PROGRAMS_SECONDS = 600;

/** Command that has the mover do an action of a move: its program waits until the machine has booted, and comes with the boot. */
export function moveScript(action: string, climb: string, ofFunction?: string, flags: readonly string[] = []): string {
  const words = [action, climb, ...(ofFunction === undefined ? [] : [ofFunction]), ...flags].map(quoted).join(' ');
  const program = `${PROGRAMS}/move.sh`;
  return `left=${PROGRAMS_SECONDS}; until [ -e ${program} ] || [ "$left" -le 0 ]; do sleep 2; left=$((left - 2)); done; bash ${program} ${words}`;
}

/** Command that has a box let a move into its database, or nobody any more. */
export function openDatabaseScript(what: 'open' | 'close'): string {
  return `bash ${PROGRAMS}/open-database.sh ${what}`;
}
