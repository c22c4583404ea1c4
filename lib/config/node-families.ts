/**
 * Nodes that a family has at least from the phase with a load balancer on: one may be replaced, or lost. A family that
 * nobody waits for has them at its most.
 */
export const LEAST_OF_A_FAMILY = 2;

/**
 * vCPUs of the app fleet that one vCPU of reverse proxies passes requests on to: a request takes 2 ms of the one and 0.1 ms
 * of the other. Assumed, by the coefficients of lib/capacity (a test compares).
 */
export const APP_VCPUS_PER_PROXY_VCPU = 20;
