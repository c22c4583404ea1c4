import type { Hazard } from './hazard';
import type { Planted } from './planted';

const firewall = (after: Planted) => after.find('edge-global', 'FirewallWebAcl').Properties;

/** Ways around the gate, and ways to answer nobody any more. */
export const GATE: readonly Hazard[] = [
  // The gate
  { name: 'gate: gone', plant: (after) => after.remove('gate', 'GateClimb'), rule: 'gate-removed' },
  {
    name: 'gate: its stack gone',
    plant: (after) => void delete after.templates['prod-gate'],
    rule: 'gate-removed',
  },
  {
    name: 'gate: asks another function',
    plant: (after) =>
      after.set('gate', 'GateClimb', { ServiceToken: 'arn:aws:lambda:us-east-1:111122223333:function:yes' }),
    rule: 'gate-replaced',
  },
  {
    name: 'gate: asks another function of its stack',
    plant: (after) => {
      after.add('gate', 'Yes', after.find('gate', 'GateHandler'));
      after.set('gate', 'GateClimb', { ServiceToken: { 'Fn::GetAtt': ['Yes', 'Arn'] } });
    },
    rule: 'gate-replaced',
  },
  {
    name: 'gate: code written into the template',
    plant: (after) => after.set('gate', 'GateHandler', { Code: { ZipFile: 'exports.handler = () => {}' } }),
    rule: 'gate-replaced',
  },
  {
    name: 'gate: code from elsewhere',
    plant: (after) => after.set('gate', 'GateHandler', { Code: { S3Bucket: 'mine', S3Key: 'yes.zip' } }),
    rule: 'gate-replaced',
  },
  {
    name: 'gate: another entry into its code',
    plant: (after) => after.set('gate', 'GateHandler', { Handler: 'index.yes' }),
    rule: 'gate-replaced',
  },
  {
    name: 'gate: reads the records of another environment',
    plant: (after) => after.set('gate', 'GateClimb', { Environment: 'dev' }),
    rule: 'gate-replaced',
  },
  {
    name: 'gate: no longer told the phase',
    plant: (after) => after.unset('gate', 'GateClimb', 'Phase'),
    rule: 'gate-replaced',
  },

  // Nobody is answered
  {
    name: 'nodes: none',
    plant: (after) => after.set('app', 'TiersAppGroupASG', { MinSize: '0', MaxSize: '0' }),
    rule: 'service-outage',
  },
  {
    name: 'nodes: none wanted',
    plant: (after) => after.set('app', 'TiersAppGroupASG', { MinSize: '0', DesiredCapacity: '0' }),
    rule: 'service-outage',
  },
  {
    name: 'nodes: in no target group',
    plant: (after) => after.unset('app', 'TiersAppGroupASG', 'TargetGroupARNs'),
    rule: 'service-outage',
  },
  {
    name: 'CDN: disabled',
    plant: (after) => {
      after.find('edge', 'DeliveryDistribution4').Properties['DistributionConfig'].Enabled = false;
    },
    rule: 'service-outage',
  },
  {
    name: 'firewall: blocks everybody',
    plant: (after) => {
      firewall(after)['DefaultAction'] = { Block: {} };
    },
    rule: 'service-outage',
  },
  {
    name: 'CDN: refers to what is gone',
    plant: (after) => after.remove('edge', 'DeliveryDistributionOrigin2'),
    rule: 'dangling-reference',
  },
];
