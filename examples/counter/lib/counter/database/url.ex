defmodule Counter.Database.Url do
  @moduledoc "Reads `postgres://user:password@host:port/name`, each part percent-encoded where it has to be."

  @spec parse(String.t()) :: {:ok, map} | {:error, String.t()}
  def parse(url) do
    with {:ok, %URI{scheme: scheme, host: host, path: "/" <> name} = uri}
         when scheme in ["postgres", "postgresql"] <-
           URI.new(url),
         true <- host not in [nil, ""] and name != "",
         [user | password] <- String.split(uri.userinfo || "", ":", parts: 2) do
      {:ok,
       %{
         host: host,
         port: uri.port || 5432,
         user: URI.decode(user),
         password: password |> Enum.join() |> URI.decode(),
         name: URI.decode(name)
       }}
    else
      _ -> {:error, "expected postgres://user:password@host:port/name, percent-encoded"}
    end
  end
end
