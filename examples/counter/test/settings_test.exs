defmodule Counter.SettingsTest do
  use ExUnit.Case, async: true

  alias Counter.Settings

  test "an empty environment is a laptop without anything" do
    assert {:ok, settings} = Settings.read(%{})

    assert %{database: nil, cache: nil, worker: nil, uploads_bucket: nil, jobs_url: nil} =
             settings

    assert settings.http == %{serve: false, port: 4000, backlog: 32_768, connections: 1_000_000}
  end

  test "a database's URL is undone part by part" do
    url = "postgres://app%40x:p%2Fw%3A%25@db.example:5433/sh%6fp"

    environment = %{
      "DATABASE_URL" => url,
      "DATABASE_SSL" => "true",
      "DATABASE_CA_FILE" => "/ca.pem"
    }

    assert {:ok, %{database: database}} = Settings.read(environment)

    assert database == %{
             host: "db.example",
             port: 5433,
             user: "app@x",
             password: "p/w:%",
             name: "shop",
             tls: {:authorities, "/ca.pem"}
           }
  end

  test "without a file the system's authorities are asked, and nobody without TLS" do
    environment = %{"DATABASE_URL" => "postgres://u@h/n", "DATABASE_SSL" => "true"}

    assert {:ok, %{database: %{tls: {:authorities, nil}, port: 5432}}} =
             Settings.read(environment)

    assert {:ok, %{database: %{tls: false}}} =
             Settings.read(%{environment | "DATABASE_SSL" => "false"})
  end

  test "a function's own database" do
    environment = %{
      "DATABASE_FUNCTION" => "mail-out",
      "DATABASE_URL" => "postgres://u@single/n",
      "DATABASE_MAIL_OUT_URL" => "postgres://u@own/n"
    }

    assert {:ok, %{database: %{host: "own"}}} = Settings.read(environment)
  end

  test "a worker's queues by their names" do
    environment = %{
      "BEAMSTALK_ROLE" => "worker",
      "BEAMSTALK_JOB_QUEUES" => "jobs mail-out",
      "BEAMSTALK_JOBS_AT_ONCE" => "8",
      "QUEUE_JOBS_URL" => "https://q/jobs",
      "QUEUE_MAIL_OUT_URL" => "https://q/mail-out"
    }

    assert {:ok, %{worker: worker, jobs_url: "https://q/jobs"}} = Settings.read(environment)
    assert worker.queues == [{"jobs", "https://q/jobs"}, {"mail-out", "https://q/mail-out"}]
  end

  test "all that is wrong is told at once, without a password" do
    environment = %{
      "PORT" => "http",
      "POOL_SIZE" => "0",
      "DATABASE_URL" => "mysql://u:secret@h/n",
      "CACHE_HOST" => "c",
      "CACHE_SSL" => "yes"
    }

    assert {:error, reasons} = Settings.read(environment)

    assert reasons == [
             ~s(PORT is "http"; expected a number from 1 to 65535),
             "DATABASE_URL: expected postgres://user:password@host:port/name, percent-encoded",
             ~s(POOL_SIZE is "0"; expected a number from 1 to 500),
             ~s(CACHE_SSL is "yes"; expected true or false)
           ]
  end
end
