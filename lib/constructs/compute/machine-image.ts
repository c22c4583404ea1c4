import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type { CpuArchitecture } from '../../facts/instance-type';
import type { NodeImage } from '../../node/blueprint';

// Public parameters in which the makers of an image publish its newest build. Sources, read 2026-11-20:
// https://docs.aws.amazon.com/linux/al2023/ug/ec2.html and https://wiki.debian.org/Cloud/AmazonEC2Image
const PARAMETERS: Readonly<Record<NodeImage, Readonly<Record<CpuArchitecture, string>>>> = {
  'amazon-linux-2023': {
    amd64: '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64',
    arm64: '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64',
  },
  'debian-13': {
    amd64: '/aws/service/debian/release/13/latest/amd64',
    arm64: '/aws/service/debian/release/13/latest/arm64',
  },
};

/** Name of the parameter in which the maker of an image publishes its newest build. */
export function imageParameter(image: NodeImage, architecture: CpuArchitecture): string {
  return PARAMETERS[image][architecture];
}

/** The newest image when an instance is launched, so that a new image never changes a template. */
export function machineImage(image: NodeImage, architecture: CpuArchitecture): ec2.IMachineImage {
  return ec2.MachineImage.resolveSsmParameterAtLaunch(PARAMETERS[image][architecture]);
}
