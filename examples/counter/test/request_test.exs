defmodule Counter.Http.RequestTest do
  use ExUnit.Case, async: true

  alias Counter.Http.Request

  defp parse(lines), do: Request.parse(Enum.join(lines, "\r\n"))

  test "reads method, path, query and headers" do
    assert {:ok, request} = parse(["GET /echo?message=a+b%21 HTTP/1.1", "Host: x", "X-A:\t b \t"])

    assert %{method: "GET", path: "/echo", query: %{"message" => "a b!"}, version: {1, 1}} =
             request

    assert request.headers == [{"host", "x"}, {"x-a", "b"}]
  end

  test "refuses what proxies read in different ways" do
    for {status, lines} <- [
          {400, ["GET / HTTP/1.1"]},
          {400, ["GET / HTTP/1.1", "Host: a", "Host: b"]},
          {400, ["GET / HTTP/1.1", "Host : a"]},
          {400, ["GET / HTTP/1.1", "Host: a", " folded: b"]},
          {400, ["GET / HTTP/1.1", "Host: a", "b"]},
          {400, ["GET / HTTP/1.1", "Host: a\nX: b"]},
          {400, ["GET  / HTTP/1.1", "Host: a"]},
          {400, ["GET http://a/ HTTP/1.1", "Host: a"]},
          {505, ["GET / HTTP/2.0", "Host: a"]},
          {431, ["GET / HTTP/1.1" | for(n <- 1..101, do: "h#{n}: a")]}
        ] do
      assert parse(lines) == {:error, status}, inspect(lines)
    end
  end

  test "a body has one end" do
    framing = fn headers ->
      {:ok, request} = parse(["POST / HTTP/1.1", "Host: a" | headers])
      Request.framing(request)
    end

    assert framing.([]) == {:length, 0}
    assert framing.(["Content-Length: 12"]) == {:length, 12}
    assert framing.(["Content-Length: 12", "Content-Length: 12"]) == {:length, 12}
    assert framing.(["Content-Length: 12", "Content-Length: 13"]) == {:error, 400}
    assert framing.(["Content-Length: +1"]) == {:error, 400}
    assert framing.(["Transfer-Encoding: Chunked"]) == :chunked
    assert framing.(["Transfer-Encoding: gzip, chunked"]) == {:error, 501}
    assert framing.(["Transfer-Encoding: chunked", "Content-Length: 1"]) == {:error, 400}
  end

  test "finds a cookie among others" do
    {:ok, request} = parse(["GET / HTTP/1.1", "Host: a", "Cookie: a=1; b=2=3", "Cookie: c=4"])
    assert Enum.map(["a", "b", "c", "d"], &Request.cookie(request, &1)) == ["1", "2=3", "4", nil]
  end
end
