import type { TemplateResource } from '../../../template/template';
import { isTree, numberOf, property } from '../../../template/values';
import type { Finding } from '../../finding';
import type { Check, Step } from '../../rule';

/** EFS takes one cut of provisioned throughput, or one change of the throughput mode, in 24 hours. Read 2026-11-29. */
const SOURCE = 'https://repost.aws/knowledge-center/efs-max-throughput-mode-changes';

export const FILE_SYSTEM_THROUGHPUT: Check = {
  rules: [
    {
      id: 'file-system-throughput',
      severity: 'refused',
      summary: 'The provisioned throughput of a file system is lowered, or provisioned throughput is given up.',
      why: 'Clients beyond the new limit wait for every read and write, and EFS allows one such change in 24 hours, so that a mode given up cannot be taken back the same day.',
      source: SOURCE,
    },
  ],
  find,
};

/** A cut to less than this part is more than one step: the same measure as for guards. */
const STRONG_CUT = 1 / 3;

const mode = property('ThroughputMode');
const provisioned = (resource: TemplateResource) => numberOf(property('ProvisionedThroughputInMibps')(resource));

function find({ changes }: Step): Finding[] {
  return [...changes.values()].flatMap(({ stack, id, type, change, was, is }): Finding[] => {
    if (type !== 'AWS::EFS::FileSystem' || change === 'replaces' || was === undefined || is === undefined) return [];
    const cut = cutOf(was, is);
    return cut === undefined ? [] : [{ rule: 'file-system-throughput', stack, id, source: SOURCE, ...cut }];
  });
}

/** The finding on one file system; undefined when its throughput stays, rises, or is known to CloudFormation alone. */
function cutOf(
  was: TemplateResource,
  is: TemplateResource,
): Pick<Finding, 'severity' | 'message' | 'remedy'> | undefined {
  const before = provisioned(was);
  if (mode(was) !== 'provisioned' || before === undefined || isTree(mode(is))) return undefined;
  // Left out, the mode is bursting, which gives 50 KiB/s for each GiB stored and at least 1 MiB/s once its credits are spent.
  // Source: https://aws.amazon.com/about-aws/whats-new/2020/06/amazon-efs--increases-file-system-minimum-throughput/ (2026-11-29)
  if (mode(is) === 'elastic') {
    const message = `leaves ${before} MiB/s of provisioned throughput for elastic, and cannot go back for 24 hours`;
    return { severity: 'note', message };
  }
  if (mode(is) !== 'provisioned') {
    const message = `loses ${before} MiB/s of provisioned throughput: bursting gives what its size gives, and it cannot go back for 24 hours`;
    return {
      severity: 'refused',
      message,
      remedy: 'set ThroughputMode to elastic, or lower the provisioned throughput first',
    };
  }
  const after = provisioned(is);
  if (after === undefined || after >= before) return undefined;
  const message = `provisioned throughput is lowered from ${before} to ${after} MiB/s: clients beyond that wait`;
  return after / before < STRONG_CUT
    ? {
        severity: 'refused',
        message,
        remedy: 'lower it in smaller steps, a day apart, and watch MeteredIOBytes meanwhile',
      }
    : { severity: 'note', message };
}
