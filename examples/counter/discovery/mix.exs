defmodule BeamstalkDiscovery.MixProject do
  use Mix.Project

  def project do
    [
      app: :beamstalk_discovery,
      version: "0.1.0",
      elixir: "~> 1.14",
      language: :erlang,
      erlc_options: [:debug_info, :warnings_as_errors],
      deps: []
    ]
  end

  # All of OTP.
  def application, do: [extra_applications: [:crypto, :inets, :ssl]]
end
