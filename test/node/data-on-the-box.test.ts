import { truncateSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Machine, machine } from './machine';

describe('the volume', () => {
  // The state of the volume is a file, so that attaching shows; a device of 64 MiB reads as zeros.
  function box(blkid: string, holder = ''): Machine {
    const node = machine({ steps: ['volume'] });
    node.write('stubs/holder', holder);
    node.parameters(
      { 'box/volume': 'vol-0abc' },
      `'ec2 describe-volumes '*) h=$(< "$STUBS/holder"); [[ -n "$h" ]] && echo "in-use $h attached" || echo 'available None None' ;;
      'ec2 attach-volume '*) echo i-1 > "$STUBS/holder" ;;`,
    );
    node.write('sys/class/nvme/nvme0/serial', 'vol0root\n');
    node.write('sys/class/nvme/nvme7/serial', 'vol0abc\n');
    // The disk of the system comes first.
    node.write('dev/nvme0n1', '');
    node.write('dev/nvme7n1', '');
    truncateSync(node.path('dev/nvme7n1'), 64 * 1024 * 1024);
    node.answer(
      'blkid',
      `if [[ -f "$STUBS/made" ]]; then type=ext4; else ${blkid}; fi
      case "$*" in *UUID*) echo 11-22 ;; *'value -s TYPE'*) echo "$type" ;; *) echo "TYPE=$type" ;; esac`,
    );
    node.answer('mkfs.ext4', 'touch "$STUBS/made"');
    node.answer('mountpoint', 'test -f "$STUBS/mounted"');
    node.answer('mount', 'touch "$STUBS/mounted"');
    node.answer('findmnt', 'echo 11-22');
    return node;
  }
  const blank = 'exit 2';

  it('is attached, given a filesystem and mounted by its UUID', () => {
    const node = box(blank);
    expect(node.boot().status).toBe(0);
    expect(node.callsOf('mkfs.ext4')).toEqual([`mkfs.ext4 -q -m 1 -L beamstalk ${node.path('dev/nvme7n1')}`]);
    expect(node.read('etc/fstab')).toMatch(/^UUID=11-22 \/data ext4 \S*nofail\S* 0 2\n$/);
  });

  it('is left as it is on a second run', () => {
    const node = box(blank);
    node.boot();
    const before = [node.read('etc/fstab'), node.callsOf('mount').length, node.callsOf('mkfs.ext4').length];
    expect(node.boot().status).toBe(0);
    expect([node.read('etc/fstab'), node.callsOf('mount').length, node.callsOf('mkfs.ext4').length]).toEqual(before);
    expect(node.callsOf('aws').filter((call) => call.includes('attach-volume'))).toHaveLength(1);
  });

  it.each(['ext4', 'xfs'])('with %s on it keeps it', (type) => {
    const node = box(`type=${type}`);
    expect(node.boot().status).toBe(0);
    expect(node.callsOf('mkfs.ext4')).toEqual([]);
    expect(node.read('etc/fstab')).toContain(` /data ${type} `);
  });

  it.each([
    ['another filesystem', 'type=ntfs', 'holds ntfs, not ext4 or xfs: left as it is'],
    ['a partition table', 'type=', 'holds a partition table, not ext4 or xfs: left as it is'],
    ['signatures of two kinds', 'exit 8', 'cannot be read for certain (blkid status 8): left as it is'],
    ['no device behind it', 'exit 4', 'cannot be read for certain (blkid status 4): left as it is'],
  ])('with %s is refused', (_, blkid, reason) => {
    const node = box(blkid);
    expect(node.boot().output).toContain(`boot failed at step volume: volume vol-0abc ${reason}\n`);
    expect([...node.callsOf('mkfs.ext4'), ...node.callsOf('mount')]).toEqual([]);
  });

  it('with bytes that no one knows is refused', () => {
    const node = box(blank);
    const bytes = new Uint8Array(64 * 1024 * 1024);
    bytes[63 * 1024 * 1024] = 1;
    node.write('dev/nvme7n1', bytes);
    expect(node.boot().output).toContain('has no known filesystem but is not empty: left as it is\n');
    expect(node.callsOf('mkfs.ext4')).toEqual([]);
  });

  it('that another box does not let go of is waited for, not for ever', () => {
    const node = box(blank, 'i-old');
    const { output } = node.boot({ BEAMSTALK_PATIENCE_SECONDS: '1' });
    expect(output).toContain('volume vol-0abc is not free after 1 s: in-use, held by i-old (attached)\n');
    expect(node.callsOf('aws').filter((call) => call.includes('attach-volume'))).toEqual([]);
  });
});

describe('the database', () => {
  function box(): Machine {
    const node = machine({ steps: ['database'] });
    node.parameters({ 'storage/backups-bucket': 'backups' });
    return node;
  }

  it('of another major version is refused', () => {
    const node = box();
    node.write('data/postgresql/data/PG_VERSION', '16\n');
    expect(node.boot().output).toContain('are of PostgreSQL 16, this box runs 17: dump and restore, or pg_upgrade\n');
    expect(node.callsOf('systemctl')).toEqual([]);
  });

  it('in a folder that PostgreSQL did not make is refused', () => {
    const node = box();
    node.write('data/postgresql/data/precious', '');
    expect(node.boot().output).toContain('no PostgreSQL made it: left as it is\n');
  });

  it('is not put on the disk of the system', () => {
    const node = box();
    node.answer('mountpoint', 'exit 1');
    expect(node.boot().output).toContain('boot failed at step database: the data volume is not mounted at /data\n');
  });
});
