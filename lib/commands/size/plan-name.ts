import type { Plan } from '../../capacity/size/search';

const INGRESS = { http: ' with an ALB behind CloudFront', sockets: ' with an NLB', none: '' } as const;

/** `phase 2 with an NLB`. */
export function planName({ phase, ingress }: Pick<Plan, 'phase' | 'ingress'>): string {
  return `phase ${phase}${INGRESS[ingress]}`;
}
