#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <set>
#include <string_view>
#include <vector>

#include "backends/osc/envelope.h"

using namespace sideman::osc;

namespace {

struct Two {
  Envelope client, server;
};

Two sealed_pair(int64_t session) {
  const Key token = token_key("for the tests alone");
  const KeyPair one = KeyPair::make(), other = KeyPair::make();
  return {Envelope(session, session_keys(Side::client, one, other.open, token, session)),
          Envelope(session, session_keys(Side::server, other, one.open, token, session))};
}

Two plain_pair(int64_t session) {
  return {Envelope(session, std::nullopt), Envelope(session, std::nullopt)};
}

std::vector<uint8_t> wrap(Envelope& envelope, std::string_view message) {
  std::array<uint8_t, datagram_bytes> place{};
  const Bytes found = envelope.wrap(
      place, Bytes(reinterpret_cast<const uint8_t*>(message.data()), message.size()));
  return {found.begin(), found.end()};
}

std::optional<std::string> unwrap(Envelope& envelope, Bytes datagram) {
  std::array<uint8_t, datagram_bytes> place{};
  const auto found = envelope.unwrap(place, datagram);
  if (!found) return std::nullopt;
  return std::string(found->begin(), found->end());
}

}  // namespace

TEST_CASE("what one side wraps the other unwraps, in both directions") {
  for (Two two : {sealed_pair(9), plain_pair(9)}) {
    for (int i = 0; i < 3; ++i) {
      CHECK(unwrap(two.server, wrap(two.client, "to the server")) == "to the server");
      CHECK(unwrap(two.client, wrap(two.server, "")) == "");
    }
    CHECK(session_of(wrap(two.client, "x")) == 9);
  }
}

TEST_CASE("an envelope adds at most what is said, and too long a message gives none") {
  Two two = sealed_pair(1);
  const std::string longest(message_bytes, 'x');
  CHECK(wrap(two.client, longest).size() <= datagram_bytes);
  CHECK(wrap(two.client, std::string(datagram_bytes, 'x')).empty());
  CHECK(wrap(two.client, "short").size() <= 5 + 3 + envelope_bytes);
}

TEST_CASE("what comes again is dropped, in order or not") {
  for (Two two : {sealed_pair(3), plain_pair(3)}) {
    std::vector<std::vector<uint8_t>> sent;
    for (int i = 0; i < 200; ++i) sent.push_back(wrap(two.client, std::to_string(i)));
    std::vector<size_t> order(200);
    for (size_t i = 0; i < 200; ++i) order[i] = i;
    std::ranges::shuffle(order, std::mt19937(5));
    for (const size_t i : order) CHECK(unwrap(two.server, sent[i]) == std::to_string(i));
    for (const auto& again : sent) CHECK_FALSE(unwrap(two.server, again));
  }
}

TEST_CASE("what comes a thousand later is too late") {
  Two two = sealed_pair(3);
  const auto early = wrap(two.client, "early"), later = wrap(two.client, "later");
  for (int i = 0; i < 1022; ++i) CHECK(unwrap(two.server, wrap(two.client, "on")));
  CHECK(unwrap(two.server, later));
  CHECK(unwrap(two.server, wrap(two.client, "on")));
  CHECK_FALSE(unwrap(two.server, early));
}

TEST_CASE("no bit of a sealed datagram can be changed unnoticed, and nothing is counted as seen") {
  Two two = sealed_pair(4);
  const auto whole = wrap(two.client, "a message");
  for (size_t bit = 0; bit < 8 * whole.size(); ++bit) {
    auto changed = whole;
    changed[bit / 8] ^= static_cast<uint8_t>(1u << (bit % 8));
    CHECK_FALSE(unwrap(two.server, changed));
  }
  CHECK(unwrap(two.server, whole) == "a message");
}

TEST_CASE("a message is not seen in what is sealed") {
  Two two = sealed_pair(4);
  const auto whole = wrap(two.client, "/sideman/secret");
  const std::string_view text(reinterpret_cast<const char*>(whole.data()), whole.size());
  CHECK(text.find("secret") == std::string_view::npos);
}

TEST_CASE("other sessions, other keys, one's own, and the wrong kind are refused") {
  Two one = sealed_pair(1), other = sealed_pair(1), third = sealed_pair(2), plain = plain_pair(1);
  CHECK_FALSE(unwrap(one.server, wrap(other.client, "x")));
  CHECK_FALSE(unwrap(one.server, wrap(third.client, "x")));
  CHECK_FALSE(unwrap(one.server, wrap(one.server, "x")));
  CHECK_FALSE(unwrap(one.server, wrap(plain.client, "x")));
  CHECK_FALSE(unwrap(plain.server, wrap(one.client, "x")));
  CHECK_FALSE(session_of(std::vector<uint8_t>(40)));
}

TEST_CASE("the window of seen counters equals a set of them") {
  std::mt19937 chance(11);
  Seen seen;
  std::set<int64_t> all;
  int64_t newest = -1, base = 0;
  for (int i = 0; i < 20000; ++i) {
    base += chance() % 4 == 0 ? static_cast<int64_t>(chance() % 300) : 0;
    if (chance() % 500 == 0) base += 5000;
    const int64_t counter = base + static_cast<int64_t>(chance() % 1500);
    const bool expected = all.contains(counter) || counter + 1024 <= newest;
    CHECK(seen.has(counter) == expected);
    if (expected) continue;
    seen.add(counter);
    all.insert(counter);
    newest = std::max(newest, counter);
  }
}
