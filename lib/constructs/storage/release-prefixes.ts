/**
 * Parts of the bucket for releases, each with writers of its own. What CodePipeline keeps between its actions lies beside
 * them, under a name that it makes up (`lib/constructs/delivery/artifacts.ts`).
 */
export const RELEASE_PREFIXES = {
  /** Whoever may release puts the source here, and the pipeline starts. */
  source: 'source',
  /** Releases, each with its checksum: the publishing build writes, nodes read. */
  releases: 'releases',
  /** Erlang, Elixir and rebar3 as the builds find them: one build writes, those that run the source read. */
  toolchains: 'toolchains',
  /** Bundles of deployments that people start without the pipeline. */
  bundles: 'bundles',
} as const;

/** Prefixes whose objects are never written twice. */
export const WRITTEN_ONCE = [RELEASE_PREFIXES.releases, RELEASE_PREFIXES.toolchains] as const;
