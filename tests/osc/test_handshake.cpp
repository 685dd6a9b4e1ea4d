#include <doctest/doctest.h>

#include "backends/osc/handshake.h"

using namespace sideman::osc;

TEST_CASE("both sides of one session agree, crosswise") {
  const Key token = token_key("a token that nobody guesses");
  const KeyPair client = KeyPair::make(), server = KeyPair::make();
  const auto ours = session_keys(Side::client, client, server.open, token, 77);
  const auto theirs = session_keys(Side::server, server, client.open, token, 77);
  REQUIRE(ours);
  REQUIRE(theirs);
  CHECK(same(ours->sends, theirs->receives));
  CHECK(same(ours->receives, theirs->sends));
  CHECK_FALSE(same(ours->sends, ours->receives));
}

TEST_CASE("another token, session or key pair gives other keys and proofs") {
  const Key token = token_key("one token of many"), other = token_key("another token there");
  const KeyPair client = KeyPair::make(), server = KeyPair::make(), third = KeyPair::make();
  const auto right = session_keys(Side::client, client, server.open, token, 1);
  CHECK_FALSE(same(right->sends, session_keys(Side::client, client, server.open, other, 1)->sends));
  CHECK_FALSE(same(right->sends, session_keys(Side::client, client, server.open, token, 2)->sends));
  CHECK_FALSE(same(right->sends, session_keys(Side::client, client, third.open, token, 1)->sends));
  CHECK_FALSE(same(hello_proof(token, client.open), hello_proof(other, client.open)));
  CHECK_FALSE(same(hello_proof(token, client.open), hello_proof(token, third.open)));
  const Key proof = welcome_proof(token, client.open, server.open, 1);
  CHECK(same(proof, welcome_proof(token, client.open, server.open, 1)));
  CHECK_FALSE(same(proof, welcome_proof(token, client.open, server.open, 2)));
  CHECK_FALSE(same(proof, welcome_proof(token, client.open, third.open, 1)));
}

TEST_CASE("a key that makes every secret the same is refused") {
  const KeyPair own = KeyPair::make();
  CHECK_FALSE(session_keys(Side::server, own, Key{}, token_key("whatever it may be"), 1));
}

TEST_CASE("comparing looks at the size too") {
  const Key key = token_key("some sixteen bytes");
  CHECK_FALSE(same(key, Bytes(key).first(31)));
  CHECK_FALSE(same({}, key));
  CHECK(same({}, {}));
}
