defmodule Echo.MixProject do
  use Mix.Project

  def project do
    [
      app: :echo,
      version: "0.1.0",
      elixir: "~> 1.14",
      releases: [echo: [include_executables_for: [:unix], steps: [:assemble, :tar]]]
    ]
  end

  def application, do: [mod: {Echo, []}, extra_applications: [:logger, :crypto, :ssl]]
end
