// What comes from strangers, by the thousand: nothing crashes, grows or changes.
#include <doctest/doctest.h>

#include <random>
#include <vector>

#include "backends/osc/channel.h"

using namespace sideman::osc;

namespace {

std::vector<uint8_t> one_hop(Channel& from, double now) {
  std::array<uint8_t, datagram_bytes> place;
  from.send(0, 0, std::vector<uint8_t>(3000, 3), now, now + 1);
  while (true) {
    const Bytes datagram = from.next(place, now);
    REQUIRE_FALSE(datagram.empty());
    if (datagram.size() > 1000) return {datagram.begin(), datagram.end()};
  }
}

void spoil(std::vector<uint8_t>& bytes, std::mt19937& chance) {
  for (unsigned n = 1 + chance() % 4; n > 0; --n) {
    switch (chance() % 4) {
      case 0: bytes[chance() % bytes.size()] = static_cast<uint8_t>(chance()); break;
      case 1: bytes.resize(chance() % bytes.size() + 1); break;
      case 2: bytes.insert(bytes.end(), chance() % 40, static_cast<uint8_t>(chance())); break;
      default: bytes[chance() % bytes.size()] ^= static_cast<uint8_t>(1u << (chance() % 8)); break;
    }
  }
}

}  // namespace

TEST_CASE("spoilt datagrams leave a sealed session as it was") {
  const Key token = token_key("for the tests alone");
  const KeyPair one = KeyPair::make(), other = KeyPair::make();
  Channel client(8, session_keys(Side::client, one, other.open, token, 8));
  Channel server(8, session_keys(Side::server, other, one.open, token, 8));
  const auto whole = one_hop(client, 1.0);
  std::mt19937 chance(2);
  for (int i = 0; i < 20000; ++i) {
    auto spoilt = whole;
    spoil(spoilt, chance);
    if (spoilt == whole) continue;
    CHECK_FALSE(server.receive(spoilt, 1.0));
  }
  CHECK(server.counts().received == 0);
  CHECK(server.heard() < 0.0);
  CHECK_FALSE(server.collect());
  static_cast<void>(server.receive(whole, 2.0));
  CHECK(server.counts().received == 1);
}

TEST_CASE("spoilt datagrams of a plain session never give a body that was not sent") {
  Channel client(8, std::nullopt), server(8, std::nullopt);
  const auto whole = one_hop(client, 1.0);
  std::mt19937 chance(3);
  for (int i = 0; i < 50000; ++i) {
    auto spoilt = whole;
    spoil(spoilt, chance);
    static_cast<void>(server.receive(spoilt, 1.0 + i));
    CHECK_FALSE(server.collect());
  }
}

TEST_CASE("noise is refused") {
  Channel server(8, std::nullopt);
  std::mt19937 chance(4);
  for (int i = 0; i < 50000; ++i) {
    std::vector<uint8_t> noise(chance() % 200);
    for (uint8_t& byte : noise) byte = static_cast<uint8_t>(chance());
    CHECK_FALSE(server.receive(noise, 1.0));
    CHECK_FALSE(session_of(noise));
  }
  CHECK(server.counts().refused == 50000);
}
