defmodule Counter.Database.PlaceTest do
  use ExUnit.Case, async: true
  import ExUnit.CaptureLog

  alias Counter.Database.{Place, Pool}

  # Stands for a connection: tells the test what it is asked.
  defmodule Loan do
    use GenServer
    def start_link(test), do: GenServer.start_link(__MODULE__, test)
    @impl true
    def init(test), do: {:ok, test}
    @impl true
    def handle_cast(message, test) do
      send(test, {self(), message})
      {:noreply, test}
    end
  end

  @before %{
    host: "before",
    port: 5432,
    user: "app",
    password: "p",
    name: "app",
    tls: false
  }

  setup do
    number = System.unique_integer([:positive])
    file = Path.join(System.tmp_dir!(), "databases-#{number}")
    on_exit(fn -> File.rm(file) end)
    pool = :"pool_of_place_#{number}"
    start_supervised!({Pool, name: pool})
    connection = start_supervised!({Loan, self()})
    Pool.ready(pool, connection)

    settings = %{
      database: @before,
      databases: %{file: file, environment: %{"DATABASE_CA_FILE" => "/ca.pem"}},
      place_name: :"place_#{number}",
      pool_name: pool
    }

    %{path: file, settings: settings, connection: connection}
  end

  defp started(settings) do
    start_supervised!({Place, settings})
    settings.place_name
  end

  defp say(file, host),
    do:
      File.write!(
        file,
        ~s({"DATABASE_URL": "postgres://app:q@#{host}/app", "DATABASE_SSL": "true"})
      )

  test "without a file it is what the environment says", %{settings: settings} do
    assert Place.target(started(settings)) == @before
  end

  test "a node that starts in the middle of a move finds it in the file", %{
    path: file,
    settings: settings
  } do
    say(file, "there")
    assert %{host: "there", tls: {:authorities, "/ca.pem"}} = Place.target(started(settings))
  end

  test "a look that finds another place has connections begin anew, and no other look has", %{
    path: file,
    settings: settings,
    connection: connection
  } do
    place = started(settings)
    assert Place.look(place) == :ok
    refute_receive {^connection, :renew}, 50
    say(file, "there")
    assert Place.look(place) == :ok
    assert_receive {^connection, :renew}
    assert %{host: "there", password: "q"} = Place.target(place)
    assert Place.look(place) == :ok
    refute_receive {^connection, :renew}, 50
  end

  test "whoever was refused by the side of before is told as soon as there is another", %{
    path: file,
    settings: settings
  } do
    place = started(settings)
    waits = Task.async(fn -> Place.await(place, 5_000) end)
    refute Task.yield(waits, 50)
    refute Place.moved_lately?(place)
    say(file, "there")
    assert Place.look(place) == :ok
    assert Task.await(waits, 500) == :ok
    assert Place.moved_lately?(place)
    # A connection of before may refuse somebody after the change.
    assert Place.await(place, 5_000) == :ok
  end

  test "nobody waits for ever", %{settings: settings} do
    assert Place.await(started(settings), 20) == :ok
  end

  for {what, text} <- [
        {"no JSON", ~s({"DATABASE_URL": "postgres://app:secret)},
        {"no URL", ~s({"DATABASE_URL": "secret"})},
        {"no database", "{}"}
      ] do
    test "a file with #{what} in it changes nothing, and is not told", context do
      place = started(context.settings)
      File.write!(context.path, unquote(text))
      log = capture_log(fn -> assert Place.look(place) == :ok end)
      assert log =~ "is not understood"
      refute log =~ "secret"
      assert Place.target(place) == @before
    end
  end
end
