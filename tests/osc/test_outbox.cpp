#include <doctest/doctest.h>

#include <set>
#include <vector>

#include "backends/osc/outbox.h"

using namespace sideman::osc;

namespace {

RoundTrip trip_of(double seconds) {
  RoundTrip trip;
  for (int i = 0; i < 50; ++i) trip.measured(0.0, seconds, 0.0);
  return trip;
}

// All that is due until `end`, in steps of a tenth of a millisecond.
std::vector<int32_t> sent(Outbox& outbox, double begin, double end, const RoundTrip& trip) {
  std::vector<int32_t> numbers;
  for (double now = begin; now < end; now += 1e-4) {
    while (const auto fragment = outbox.next(now, trip)) numbers.push_back(fragment->number);
  }
  return numbers;
}

std::vector<uint8_t> body(int fragments) {
  return std::vector<uint8_t>(static_cast<size_t>(fragments) * fragment_bytes, 1);
}

}  // namespace

TEST_CASE("every fragment goes out once, a few at a time, and again after the patience") {
  Outbox outbox;
  const RoundTrip trip = trip_of(0.02);
  outbox.put(1, 0, body(20), 0.0, 1.0);
  int at_once = 0;
  while (outbox.next(0.0, trip)) ++at_once;
  CHECK(at_once == 8);
  CHECK(outbox.next_due(0.0) > 0.0);
  CHECK(sent(outbox, 1e-4, trip.patience() - 1e-3, trip).size() == 12);
  CHECK(outbox.counts().sent == 20);
  CHECK(outbox.counts().sent_again == 0);
  CHECK(sent(outbox, trip.patience(), trip.patience() + 0.01, trip).size() == 20);
  CHECK(outbox.counts().sent_again == 20);
}

TEST_CASE("a report stops what came and sends at once what was overtaken") {
  Outbox outbox;
  const RoundTrip trip = trip_of(0.02);
  outbox.put(1, 0, body(40), 0.0, 1.0);
  CHECK(sent(outbox, 0.0, 0.01, trip).size() == 40);  // eight each millisecond
  std::vector<uint8_t> bits{0xFA, 0xFF, 0xFF, 0xFF, 0x7F};  // without 0, 2 and the last
  outbox.got({.hop = 1, .bytes = 40 * fragment_bytes, .bits = bits}, 0.021, trip);
  const auto again = sent(outbox, 0.021, 0.0215, trip);
  CHECK(std::set<int32_t>(again.begin(), again.end()) == std::set<int32_t>{0, 2});
  outbox.got({.hop = 1, .bytes = 40 * fragment_bytes, .bits = bits}, 0.022, trip);
  CHECK(sent(outbox, 0.022, 0.023, trip).empty());  // they are on their way
  bits = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
  outbox.got({.hop = 1, .bytes = 40 * fragment_bytes, .bits = bits}, 0.045, trip);
  CHECK(sent(outbox, 0.05, 0.5, trip).empty());
}

TEST_CASE("after the deadline nothing is sent, and it is counted") {
  Outbox outbox;
  const RoundTrip trip = trip_of(0.02);
  outbox.put(1, 0, body(1), 0.0, 0.05);
  CHECK_FALSE(sent(outbox, 0.0, 0.05, trip).empty());
  CHECK(sent(outbox, 0.0501, 1.0, trip).empty());
  CHECK(outbox.counts().given_up == 1);
  CHECK(outbox.next_due(1.0) > 10.0);
}

TEST_CASE("older hops go first, and the oldest gives place to a ninth") {
  Outbox outbox;
  const RoundTrip trip = trip_of(0.02);
  for (int64_t hop = 0; hop < 9; ++hop) outbox.put(hop, 0, body(1), 0.0, 1.0);
  CHECK(outbox.counts().given_up == 1);
  std::vector<int64_t> hops;
  while (const auto fragment = outbox.next(0.0, trip)) hops.push_back(fragment->hop);
  CHECK(hops == std::vector<int64_t>{1, 2, 3, 4, 5, 6, 7, 8});
}

TEST_CASE("reports about other bodies, and impossible bodies, change nothing") {
  Outbox outbox;
  const RoundTrip trip = trip_of(0.02);
  outbox.put(0, 0, {}, 0.0, 1.0);
  outbox.put(0, 0, std::vector<uint8_t>(most_body_bytes + 1), 0.0, 1.0);
  CHECK(sent(outbox, 0.0, 0.01, trip).empty());
  outbox.put(1, 0, body(2), 0.0, 1.0);
  const std::vector<uint8_t> all{0b11};
  outbox.got({.hop = 2, .bytes = 2 * fragment_bytes, .bits = all}, 0.0, trip);
  outbox.got({.hop = 1, .bytes = 1 * fragment_bytes, .bits = all}, 0.0, trip);
  CHECK(sent(outbox, 0.0, 0.01, trip).size() == 2);
}
