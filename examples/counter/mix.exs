defmodule Counter.MixProject do
  use Mix.Project

  def project do
    [
      app: :counter,
      version: "0.1.0",
      elixir: "~> 1.14",
      start_permanent: Mix.env() == :prod,
      deps: [{:beamstalk_discovery, path: "discovery"}],
      releases: [counter: [include_executables_for: [:unix], steps: [:assemble, :tar]]]
    ]
  end

  # All of OTP: a release holds these and nothing else.
  def application do
    [mod: {Counter.Application, []}, extra_applications: [:crypto, :inets, :logger, :ssl]]
  end
end
