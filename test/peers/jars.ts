import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** The plugin's version that Debian's Maven 3.8 takes by itself, named so that every machine takes the same. */
const DEPENDENCY_PLUGIN = 'org.apache.maven.plugins:maven-dependency-plugin:2.8';

/** A program from Maven Central, and the class that starts it. */
export interface JavaProgram {
  /** Folder in the user's cache, before the version. */
  readonly name: string;
  readonly group: string;
  readonly artifact: string;
  readonly version: string;
}

/**
 * The folder with the program's jars and native libraries in the user's cache, fetched first when it is not there.
 *
 * @throws Error when Java 17 or Maven is missing, or the program cannot be fetched.
 */
export function jars(program: JavaProgram): string {
  const cache = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'beamstalk');
  const home = join(cache, `${program.name}-${program.version}`);
  if (existsSync(home)) return home;
  mkdirSync(cache, { recursive: true });
  // Under another name until it is complete: a fetch that is broken off must not look finished.
  const part = mkdtempSync(`${home}.part-`);
  try {
    fetchInto(part, program);
    renameSync(part, home);
  } catch (error) {
    // Two runs at once fetch the same: the first one's folder stays.
    if (!existsSync(home) || readdirSync(home).length === 0) throw error;
  } finally {
    rmSync(part, { recursive: true, force: true });
  }
  return home;
}

function fetchInto(folder: string, { group, artifact, version }: JavaProgram): void {
  const recipe = join(folder, 'pom.xml');
  writeFileSync(
    recipe,
    `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>beamstalk</groupId><artifactId>peer</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>
  </dependencies>
</project>
`,
  );
  const copy = [`${DEPENDENCY_PLUGIN}:copy-dependencies`, '-DincludeScope=runtime', `-DoutputDirectory=${folder}`];
  try {
    execFileSync('java', ['-version'], { stdio: 'ignore' });
    // With checksums that must match.
    execFileSync('mvn', ['--batch-mode', '--quiet', '--strict-checksums', '--file', recipe, ...copy], {
      stdio: ['ignore', 'inherit', 'inherit'],
    });
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw missing
      ? new Error(`${artifact} needs Java 17 and Maven (on Debian: apt-get install openjdk-17-jre-headless maven)`)
      : error;
  }
}
