import { describe, expect, it } from 'vitest';
import { machine } from './machine';

describe('the proxy', () => {
  it('of a web node asks the resolvers of the machine, IPv6 in brackets', () => {
    const node = machine({ role: 'web', steps: ['proxy'], passThrough: true });
    node.parameters({ 'ingress/app-endpoint': 'app.test' });
    node.write('etc/resolv.conf', 'nameserver 10.0.0.2\nnameserver fd00::253\nnameserver fe80::1%eth0\n');
    expect(node.boot()).toMatchObject({ status: 0 });
    expect(node.read('etc/beamstalk/nginx/web.conf')).toContain('resolver 10.0.0.2 [fd00::253] valid=10s;');
    expect(node.read('etc/beamstalk/nginx/stream.conf')).toContain('default app.test:443;');
  });

  it('of a box boots before its name leads to it, and asks for no certificate until it does', () => {
    const node = machine({ steps: ['proxy'] });
    node.parameters({ 'ingress/domain': 'shop.test', 'storage/backups-bucket': 'backups' }, `'s3 cp '*) exit 1 ;;`);
    expect(node.boot()).toMatchObject({ status: 0 });
    expect(node.read('etc/beamstalk/nginx/box.conf')).toContain('server_name shop.test;');
    expect(node.callsOf('systemctl')).toContain('systemctl enable --quiet --now beamstalk-certificate.timer');

    const { status, output } = node.bash(['opt/beamstalk/boot/files/bin/certificate.sh', 'renew']);
    expect(output).toContain('shop.test does not lead to this box yet');
    expect(status).toBe(0);
    expect(node.callsOf('certbot')).toEqual([]);
  });

  it('of a box keeps a new certificate in S3 and serves it', () => {
    const node = machine({ steps: ['proxy'] });
    node.parameters(
      { 'ingress/domain': 'shop.test', 'ingress/email': 'ops@shop.test', 'storage/backups-bucket': 'backups' },
      `*' s3://backups/tls/shop.test.tar.gz') tar -tzf "\${@: -2:1}" > "$STUBS/kept" ;;\n's3 cp '*) exit 1 ;;`,
    );
    node.boot();
    // The name leads here: the file written for the probe is what comes back.
    node.answer(
      'curl',
      `cat "$BEAMSTALK_ROOT/var/lib/beamstalk/acme\${@: -1}" 2> /dev/null || cat "$BEAMSTALK_ROOT/var/lib/beamstalk/acme/\${@: -1:1}" 2> /dev/null || { u="\${@: -1}"; cat "$BEAMSTALK_ROOT/var/lib/beamstalk/acme/\${u#http://shop.test/}"; }`,
    );
    node.answer(
      'certbot',
      `cd "$BEAMSTALK_ROOT/etc/letsencrypt" 2> /dev/null || { mkdir -p "$BEAMSTALK_ROOT/etc/letsencrypt" && cd "$_"; }
      account="accounts/acme-v02.api.letsencrypt.org/directory/${'ab'.repeat(16)}"
      mkdir -p "$account" archive/shop.test live/shop.test renewal-hooks/pre
      for name in meta private_key regr; do echo '{}' > "$account/$name.json"; done
      for name in cert chain fullchain privkey; do
        echo old > "archive/shop.test/\${name}1.pem"; echo "$name" > "archive/shop.test/\${name}2.pem"
        ln -sf "../../archive/shop.test/\${name}2.pem" "live/shop.test/$name.pem"
      done
      echo 'pre-hook = true' > cli.ini`,
    );
    expect(node.bash(['opt/beamstalk/boot/files/bin/certificate.sh', 'renew'])).toMatchObject({ status: 0 });
    expect(node.callsOf('certbot')[0]).toMatch(/ --email ops@shop\.test .* --domain shop\.test /);
    // The account and the newest certificate, and nothing that certbot would run.
    expect(node.read('stubs/kept').split('\n').filter(Boolean).sort()).toEqual([
      ...['meta', 'private_key', 'regr'].map(
        (name) => `accounts/acme-v02.api.letsencrypt.org/directory/${'ab'.repeat(16)}/${name}.json`,
      ),
      ...['cert', 'chain', 'fullchain', 'privkey'].map((name) => `archive/shop.test/${name}2.pem`),
    ]);
    expect(node.read('etc/beamstalk/nginx/box-tls.conf')).toContain('return 301 https://$host$request_uri;');
  });
});
