if Code.ensure_loaded?(JSON) do
  defmodule Counter.Json do
    @moduledoc "JSON of Elixir 1.18, or `Counter.Json.Plain` before it."

    @doc "The value of a text, keys as strings; `:error` when it is no JSON."
    def decode(text) do
      with {:error, _} <- JSON.decode(text), do: :error
    end

    def encode(value), do: JSON.encode!(value)
  end
else
  defmodule Counter.Json do
    @moduledoc "JSON of Elixir 1.18, or `Counter.Json.Plain` before it."
    defdelegate decode(text), to: Counter.Json.Plain
    defdelegate encode(value), to: Counter.Json.Plain
  end
end
