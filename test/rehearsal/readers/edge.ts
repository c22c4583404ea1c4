import { DescribeCertificateCommand } from '@aws-sdk/client-acm';
import { GetDistributionCommand, GetOriginAccessControlCommand, GetVpcOriginCommand } from '@aws-sdk/client-cloudfront';
import { GetHostedZoneCommand } from '@aws-sdk/client-route-53';
import { GetLoggingConfigurationCommand, GetWebACLCommand } from '@aws-sdk/client-wafv2';
import { unlessRefused } from '../clients';
import { recordsOf } from '../records';
import { property } from './network';
import { pick, type Reader } from './reader';

const recordSet: Reader = async (record, aws) => {
  const [name, type, identifier] = ['Name', 'Type', 'SetIdentifier'].map((key) => property(record, key));
  const zone = record.resolve(property(record, 'HostedZoneId')) ?? '';
  const found = (await unlessRefused(recordsOf(zone, aws)))?.find(
    (set) => set.Name === name && set.Type === type && set.SetIdentifier === identifier,
  );
  return pick(found, 'TTL', 'ResourceRecords', 'AliasTarget', 'Weight');
};

const webAcl: Reader = async ({ physicalId }, { waf }) => {
  // CloudFormation names it <name>|<id>|<scope>, the engine by its ARN .../<name>/<id>.
  const [Name, Id] = physicalId.includes('|') ? physicalId.split('|') : physicalId.split('/').slice(-2);
  const answer = await unlessRefused(waf.send(new GetWebACLCommand({ Name, Id, Scope: 'CLOUDFRONT' })));
  return pick(answer?.WebACL, 'ARN', 'DefaultAction', 'Rules');
};

export const EDGE_READERS: Readonly<Record<string, Reader>> = {
  'AWS::Route53::HostedZone': async ({ physicalId }, { route53 }) => {
    const answer = await unlessRefused(route53.send(new GetHostedZoneCommand({ Id: physicalId })));
    return answer && { name: answer.HostedZone?.Name, private: answer.HostedZone?.Config?.PrivateZone };
  },
  'AWS::Route53::RecordSet': recordSet,

  'AWS::CertificateManager::Certificate': async ({ physicalId }, { acm }) => {
    const answer = await unlessRefused(acm.send(new DescribeCertificateCommand({ CertificateArn: physicalId })));
    return pick(answer?.Certificate, 'DomainName', 'Type', 'CreatedAt');
  },

  'AWS::CloudFront::Distribution': async ({ physicalId }, { cloudFront }) => {
    const answer = await unlessRefused(cloudFront.send(new GetDistributionCommand({ Id: physicalId })));
    return (
      answer?.Distribution && { domain: answer.Distribution.DomainName, config: answer.Distribution.DistributionConfig }
    );
  },
  'AWS::CloudFront::OriginAccessControl': async ({ physicalId }, { cloudFront }) => {
    const answer = await unlessRefused(cloudFront.send(new GetOriginAccessControlCommand({ Id: physicalId })));
    return pick(answer?.OriginAccessControl, 'Id', 'OriginAccessControlConfig');
  },
  'AWS::CloudFront::VpcOrigin': async ({ physicalId }, { cloudFront }) => {
    const answer = await unlessRefused(cloudFront.send(new GetVpcOriginCommand({ Id: physicalId })));
    return pick(answer?.VpcOrigin, 'Arn', 'VpcOriginEndpointConfig');
  },

  'AWS::WAFv2::WebACL': webAcl,
  'AWS::WAFv2::LoggingConfiguration': async ({ physicalId }, { waf }) => {
    const answer = await unlessRefused(waf.send(new GetLoggingConfigurationCommand({ ResourceArn: physicalId })));
    return pick(answer?.LoggingConfiguration, 'LogDestinationConfigs', 'RedactedFields', 'LoggingFilter');
  },
};
