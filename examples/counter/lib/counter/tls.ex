defmodule Counter.Tls do
  @moduledoc """
  Options of `:ssl.connect/3` that believe nobody without a certificate for the host's name by a known authority. OTP 25 does
  not verify unless it is told to, and none checks wildcards as HTTPS does by itself.
  """

  @type authorities :: {:authorities, Path.t() | nil}

  @doc "Options for a host; with `nil` for a file the authorities are those that the system trusts."
  @spec options(String.t(), authorities) :: [:ssl.tls_client_option()]
  def options(host, authorities) do
    common = [
      verify: :verify_peer,
      depth: 5,
      # A refused certificate is told by who asked for the connection.
      log_level: :error,
      customize_hostname_check: [match_fun: :public_key.pkix_verify_hostname_match_fun(:https)]
    ]

    common ++ trusted(authorities) ++ name(host)
  end

  @doc "A reason of `:ssl.connect/3` in words."
  def reason({:tls_alert, {alert, _text}}), do: "TLS: #{alert}"
  def reason({:options, {:cacertfile, file, _}}), do: "TLS: #{file} cannot be read"
  def reason({:options, {:cacertfile, file}}), do: "TLS: #{file} cannot be read"
  def reason(reason), do: "TLS: #{inspect(reason)}"

  defp trusted({:authorities, nil}), do: [cacerts: :public_key.cacerts_get()]
  defp trusted({:authorities, file}), do: [cacertfile: String.to_charlist(file)]

  # An address is compared with the addresses in the certificate, and is no name to ask for.
  defp name(host) do
    case :inet.parse_address(String.to_charlist(host)) do
      {:ok, _} -> []
      {:error, _} -> [server_name_indication: String.to_charlist(host)]
    end
  end
end
