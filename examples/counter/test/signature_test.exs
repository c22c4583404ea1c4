defmodule Counter.Aws.SignatureTest do
  use ExUnit.Case, async: true

  alias Counter.Aws.Signature

  # The first case of AWS's test suite for Signature Version 4 (aws-sig-v4-test-suite, get-vanilla).
  test "get-vanilla" do
    request = %{
      method: "GET",
      uri: URI.parse("https://example.amazonaws.com/"),
      headers: %{},
      body: ""
    }

    credentials = %{
      key: "AKIDEXAMPLE",
      secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
      token: nil
    }

    headers =
      Signature.headers(request, credentials, "us-east-1", "service", ~U[2015-08-30 12:36:00Z])

    assert headers["authorization"] ==
             "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, " <>
               "SignedHeaders=host;x-amz-date, " <>
               "Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
  end

  # https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html, "GET Object" and "GET Bucket lifecycle".
  test "the examples of S3" do
    credentials = %{
      key: "AKIAIOSFODNN7EXAMPLE",
      secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
      token: nil
    }

    signature = fn path, headers ->
      request = %{
        method: "GET",
        uri: URI.parse("https://examplebucket.s3.amazonaws.com" <> path),
        headers: headers,
        body: ""
      }

      signed =
        Signature.headers(request, credentials, "us-east-1", "s3", ~U[2013-05-24 00:00:00Z])

      signed["authorization"] |> String.split("Signature=") |> List.last()
    end

    assert signature.("/test.txt", %{"range" => "bytes=0-9"}) ==
             "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"

    assert signature.("/?lifecycle", %{}) ==
             "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"

    assert signature.("/?max-keys=2&prefix=J", %{}) ==
             "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"
  end
end
