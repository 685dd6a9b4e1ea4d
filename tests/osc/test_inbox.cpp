#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "backends/osc/inbox.h"

using namespace sideman::osc;
using Taken = Inbox::Taken;

namespace {

std::vector<uint8_t> body_of(int64_t hop, size_t bytes) {
  std::mt19937 chance(static_cast<unsigned>(hop * 7919 + static_cast<int64_t>(bytes)));
  std::vector<uint8_t> body(bytes);
  for (uint8_t& byte : body) byte = static_cast<uint8_t>(chance());
  return body;
}

std::vector<Fragment> cut(const std::vector<uint8_t>& body, int64_t hop) {
  std::vector<Fragment> fragments;
  const auto bytes = static_cast<int32_t>(body.size());
  for (int32_t i = 0; i < fragment_count(bytes); ++i) {
    const size_t begin = static_cast<size_t>(i) * fragment_bytes;
    const size_t size = std::min(fragment_bytes, body.size() - begin);
    fragments.push_back({.hop = hop,
                         .position = 100 * hop,
                         .number = i,
                         .bytes = bytes,
                         .checksum = checksum(body),
                         .payload = Bytes(body).subspan(begin, size)});
  }
  return fragments;
}

}  // namespace

TEST_CASE("fragments in any order, some twice, make the body once") {
  std::mt19937 chance(1);
  for (int round = 0; round < 200; ++round) {
    const size_t bytes = 1 + chance() % (20 * fragment_bytes);
    const auto body = body_of(round, bytes);
    auto fragments = cut(body, round);
    const size_t count = fragments.size();
    for (size_t i = 0; i < count / 2; ++i) fragments.push_back(fragments[chance() % count]);
    std::ranges::shuffle(fragments, chance);
    Inbox inbox;
    size_t complete = 0, stored = 0;
    for (const Fragment& fragment : fragments) {
      const Taken taken = inbox.take(fragment);
      complete += taken == Taken::complete;
      stored += taken == Taken::stored;
    }
    CHECK(complete == 1);
    CHECK(stored == count - 1);
    const auto found = inbox.collect();
    REQUIRE(found);
    CHECK(found->bytes == body);
    CHECK(found->hop == round);
    CHECK(found->position == 100 * round);
    CHECK_FALSE(inbox.collect());
  }
}

TEST_CASE("a body under construction tells what it has; a whole one that it is whole") {
  Inbox inbox;
  const auto body = body_of(4, 3 * fragment_bytes);
  const auto fragments = cut(body, 4);
  CHECK_FALSE(inbox.got(4));
  inbox.take(fragments[2]);
  const auto some = inbox.got(4);
  REQUIRE(some);
  CHECK((some->has(2) && !some->has(0) && !some->has(1)));
  inbox.take(fragments[0]);
  CHECK(inbox.take(fragments[1]) == Taken::complete);
  CHECK(inbox.collect());
  const auto all = inbox.got(4);
  REQUIRE(all);
  CHECK((all->has(0) && all->has(1) && all->has(2)));
  CHECK(inbox.take(fragments[1]) == Taken::repeated);
  CHECK_FALSE(inbox.collect());
}

TEST_CASE("a wrong checksum gives nothing, and the hop can come again") {
  Inbox inbox;
  auto body = body_of(1, 2 * fragment_bytes);
  auto fragments = cut(body, 1);
  body[5] ^= 1;  // on the way: the fragments point into the body
  inbox.take(fragments[0]);
  CHECK(inbox.take(fragments[1]) == Taken::damaged);
  CHECK_FALSE(inbox.collect());
  body[5] ^= 1;
  CHECK(inbox.take(fragments[0]) == Taken::stored);
  CHECK(inbox.take(fragments[1]) == Taken::complete);
  CHECK(inbox.collect()->bytes == body);
}

TEST_CASE("what contradicts the first fragment, or is too large, changes nothing") {
  Inbox inbox(2 * fragment_bytes);
  const auto large = body_of(1, 3 * fragment_bytes);
  CHECK(inbox.take(cut(large, 1)[0]) == Taken::refused);
  const auto body = body_of(1, 2 * fragment_bytes);
  const auto fragments = cut(body, 1);
  CHECK(inbox.take(fragments[0]) == Taken::stored);
  auto other = fragments[1];
  other.checksum ^= 1;
  CHECK(inbox.take(other) == Taken::refused);
  other = fragments[1];
  other.position += 1;
  CHECK(inbox.take(other) == Taken::refused);
  CHECK(inbox.take(fragments[1]) == Taken::complete);
  CHECK(inbox.collect()->bytes == body);
}

TEST_CASE("several hops at once; the oldest unfinished one gives place, older ones do not come back") {
  Inbox inbox;
  std::vector<std::vector<uint8_t>> bodies;
  for (int64_t hop = 0; hop < 9; ++hop) bodies.push_back(body_of(hop, 2 * fragment_bytes));
  for (int64_t hop = 0; hop < 9; ++hop) {
    CHECK(inbox.take(cut(bodies[static_cast<size_t>(hop)], hop)[0]) == Taken::stored);
  }
  CHECK_FALSE(inbox.got(0));
  CHECK(inbox.take(cut(bodies[0], 0)[1]) == Taken::refused);
  for (const int64_t hop : {3, 1, 4, 2, 8, 7, 6, 5}) {
    CHECK(inbox.take(cut(bodies[static_cast<size_t>(hop)], hop)[1]) == Taken::complete);
  }
  for (int64_t hop = 1; hop < 9; ++hop) CHECK(inbox.collect()->hop == hop);
  const auto far = body_of(40, 10);
  CHECK(inbox.take(cut(far, 40)[0]) == Taken::complete);
  CHECK(inbox.take(cut(body_of(9, 10), 9)[0]) == Taken::refused);
}
