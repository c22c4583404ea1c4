defmodule Counter.Database.Error do
  @moduledoc """
  An answer of the server that says no: `code` is SQLSTATE.
  Source: https://www.postgresql.org/docs/17/protocol-error-fields.html
  """
  defexception [:code, :message]
end
