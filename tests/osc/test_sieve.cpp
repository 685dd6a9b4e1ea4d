// What reaches Python of all that comes to a server's port.
#include <doctest/doctest.h>

#include <array>
#include <random>
#include <vector>

#include "backends/osc/greeting.h"
#include "backends/osc/sieve.h"

using namespace sideman::osc;

namespace {

const Key token = token_key("for the tests alone");
const std::array<uint8_t, 4> word{1, 2, 3, 4};

Peer peer(uint16_t port) { return {.address = {1}, .port = port}; }

std::vector<uint8_t> wrapped(Envelope& envelope) {
  std::array<uint8_t, datagram_bytes> place;
  const Bytes datagram = envelope.wrap(place, word);
  return {datagram.begin(), datagram.end()};
}

struct Sealed {
  KeyPair client = KeyPair::make(), server = KeyPair::make();
  Envelope guest{8, session_keys(Side::client, client, server.open, token, 8)};
  std::optional<SessionKeys> keys = session_keys(Side::server, server, client.open, token, 8);
};

}  // namespace

TEST_CASE("a sealed session is heard from anywhere, each datagram once") {
  Sealed sealed;
  Sieve sieve;
  const auto early = wrapped(sealed.guest);
  CHECK_FALSE(sieve.passes(early, peer(1), 0.0));
  sieve.admit(8, sealed.keys, peer(1));
  const auto one = wrapped(sealed.guest), other = wrapped(sealed.guest);
  CHECK(sieve.passes(other, peer(2), 0.0));
  CHECK(sieve.passes(one, peer(1), 0.0));
  CHECK_FALSE(sieve.passes(one, peer(1), 0.0));
  CHECK_FALSE(sieve.passes(other, peer(3), 0.0));
  sieve.dismiss(8);
  CHECK_FALSE(sieve.passes(wrapped(sealed.guest), peer(1), 0.0));
}

TEST_CASE("a forged datagram of a sealed session does not pass, and the true one still does") {
  Sealed sealed;
  Sieve sieve;
  sieve.admit(8, sealed.keys, peer(1));
  const auto whole = wrapped(sealed.guest);
  std::mt19937 chance(1);
  for (size_t i = 0; i < whole.size(); ++i) {
    auto forged = whole;
    forged[i] ^= static_cast<uint8_t>(1u << (chance() % 8));
    CHECK_FALSE(sieve.passes(forged, peer(1), 0.0));
  }
  Envelope plain(8, std::nullopt);
  CHECK_FALSE(sieve.passes(wrapped(plain), peer(1), 0.0));
  CHECK(sieve.passes(whole, peer(1), 0.0));
}

TEST_CASE("a plain session is heard from its peer alone") {
  Envelope guest(9, std::nullopt);
  Sieve sieve;
  sieve.admit(9, std::nullopt, peer(1));
  const auto whole = wrapped(guest);
  CHECK_FALSE(sieve.passes(whole, peer(2), 0.0));
  CHECK(sieve.passes(whole, peer(1), 0.0));
  Envelope nobody(10, std::nullopt);
  CHECK_FALSE(sieve.passes(wrapped(nobody), peer(1), 0.0));
}

TEST_CASE("hellos pass at a limited rate and keep no session waiting") {
  const Greeting greeting("");
  Envelope guest(9, std::nullopt);
  Sieve sieve;
  sieve.admit(9, std::nullopt, peer(1));
  int passed = 0;
  for (int i = 0; i < 100'000; ++i) passed += sieve.passes(greeting.hello(), peer(5), 1.0 + i * 2e-5);
  std::array<uint8_t, 64> place;
  const Bytes too_short = Writer(place, "/sideman/hello", "i").int32(1).done();
  CHECK_FALSE(sieve.passes(too_short, peer(5), 60.0));
  CHECK(passed >= 250);
  CHECK(passed <= 320);
  CHECK(sieve.passes(wrapped(guest), peer(1), 3.0));
}

TEST_CASE("noise does not pass") {
  Sieve sieve;
  sieve.admit(9, std::nullopt, peer(1));
  std::mt19937 chance(4);
  for (int i = 0; i < 50'000; ++i) {
    std::vector<uint8_t> noise(chance() % 200);
    for (uint8_t& byte : noise) byte = static_cast<uint8_t>(chance());
    CHECK_FALSE(sieve.passes(noise, peer(1), 0.0));
  }
}
