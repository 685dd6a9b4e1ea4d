#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <random>
#include <vector>

#include "backends/osc/channel.h"

using namespace sideman::osc;

namespace {

constexpr double hop_seconds = 0.186;
constexpr double step = 0.0005;

struct Link {
  double loss = 0.0;
  double delay = 0.001;
  double jitter = 0.0;
  double twice = 0.0;
  double burst = 0.0;  // chance that a loss takes the next datagrams with it
  double rate = 0.0;   // bits per second of each direction, behind a queue; 0: any
};

// Two channels and the way between them, in their own time.
class World {
 public:
  World(const Link& link, bool sealed, unsigned seed)
      : link_(link), chance_(seed), client_(1, keys(sealed, Side::client)),
        server_(1, keys(sealed, Side::server)) {}

  Channel& client() { return client_; }
  Channel& server() { return server_; }
  double now() const { return now_; }
  void mend() { link_ = {}; }

  // One step: everything that is due moves.
  void move() {
    now_ += step;
    pour(client_, to_server_);
    pour(server_, to_client_);
    arrive(to_server_, server_);
    arrive(to_client_, client_);
  }

 private:
  using Way = std::multimap<double, std::vector<uint8_t>>;

  std::optional<SessionKeys> keys(bool sealed, Side side) const {
    if (!sealed) return std::nullopt;
    static const KeyPair one = KeyPair::make(), other = KeyPair::make();
    const Key token = token_key("for the tests alone");
    return side == Side::client ? session_keys(side, one, other.open, token, 1)
                                : session_keys(side, other, one.open, token, 1);
  }

  double drawn() { return std::uniform_real_distribution<>(0.0, 1.0)(chance_); }

  void pour(Channel& channel, Way& way) {
    std::array<uint8_t, datagram_bytes> place;
    while (true) {
      const Bytes datagram = channel.next(place, now_);
      if (datagram.empty()) return;
      lossy_ = drawn() < (lossy_ ? std::max(link_.burst, link_.loss) : link_.loss);
      if (lossy_) continue;
      double& free = &way == &to_server_ ? server_free_ : client_free_;
      if (link_.rate > 0.0) {
        free = std::max(free, now_) + 8.0 * static_cast<double>(datagram.size()) / link_.rate;
      }
      const double queued = link_.rate > 0.0 ? free - now_ : 0.0;
      for (int copies = drawn() < link_.twice ? 2 : 1; copies > 0; --copies) {
        way.emplace(now_ + queued + link_.delay + link_.jitter * (2 * drawn() - 1),
                    std::vector<uint8_t>(datagram.begin(), datagram.end()));
      }
    }
  }

  void arrive(Way& way, Channel& channel) {
    while (!way.empty() && way.begin()->first <= now_) {
      static_cast<void>(channel.receive(way.begin()->second, now_));
      way.erase(way.begin());
    }
  }

  Link link_;
  std::mt19937 chance_;
  Channel client_, server_;
  Way to_server_, to_client_;
  double now_ = 100.0;
  double server_free_ = 0.0, client_free_ = 0.0;
  bool lossy_ = false;
};

std::vector<uint8_t> body_of(int64_t hop) {
  std::mt19937 chance(static_cast<unsigned>(hop));
  std::vector<uint8_t> body(32768);
  for (uint8_t& byte : body) byte = static_cast<uint8_t>(chance());
  return body;
}

struct Played {
  int in_time = 0;
  int corrupted = 0;
  double longest = 0.0;  // from sending a hop to having its answer
};

// The client sends a hop every 186 ms, the server answers at once with the same body.
Played play(World& world, int hops, double deadline, int64_t first = 0) {
  Played played;
  std::map<int64_t, double> asked;
  int64_t next = first;
  const double begin = world.now() + 1.0;  // a second to learn the round trip
  while (world.now() < begin + (hops + 3) * hop_seconds) {
    world.move();
    if (next < first + hops &&
        world.now() >= begin + static_cast<double>(next - first) * hop_seconds) {
      asked[next] = world.now();
      world.client().send(next, next * 8192, body_of(next), world.now(), world.now() + deadline);
      ++next;
    }
    while (const auto body = world.server().collect()) {
      world.server().send(body->hop, body->position, body->bytes, world.now(),
                          asked[body->hop] + deadline);
    }
    while (const auto body = world.client().collect()) {
      const double took = world.now() - asked[body->hop];
      played.in_time += took <= deadline;
      played.longest = std::max(played.longest, took);
      played.corrupted += body->bytes != body_of(body->hop);
    }
  }
  return played;
}

}  // namespace

TEST_CASE("a clean way: every hop there and back, and nothing is sent twice") {
  for (const bool sealed : {false, true}) {
    World world({}, sealed, 1);
    const Played played = play(world, 50, 0.15);
    CHECK(played.in_time == 50);
    CHECK(played.corrupted == 0);
    CHECK(played.longest < 0.02);
    CHECK(world.client().sent().sent_again == 0);
    CHECK(world.server().sent().sent_again == 0);
    CHECK(world.client().trip().seconds() == doctest::Approx(0.002).epsilon(0.8));
  }
}

TEST_CASE("losses, alone and in bursts, are made good before the deadline") {
  const Link light{.loss = 0.05, .delay = 0.01};
  const Link heavy{.loss = 0.2, .delay = 0.01, .burst = 0.6};
  for (const Link& link : {light, heavy}) {
    for (unsigned seed = 0; seed < 3; ++seed) {
      World world(link, true, seed);
      const Played played = play(world, 100, 0.6);
      CHECK(played.in_time == 100);
      CHECK(played.corrupted == 0);
    }
  }
}

TEST_CASE("delay, disorder and doubling change nothing but the time") {
  World world({.delay = 0.08, .jitter = 0.04, .twice = 0.3}, true, 3);
  const Played played = play(world, 60, 0.6);
  CHECK(played.in_time == 60);
  CHECK(played.corrupted == 0);
  CHECK(world.client().trip().seconds() == doctest::Approx(0.16).epsilon(0.3));
  CHECK(world.client().counts().refused > 0);  // the doubles
}

TEST_CASE("a way that is barely wide enough is not filled with repetitions") {
  World world({.rate = 2.1e6}, true, 4);  // a body every 186 ms needs 1.6 million
  const Played played = play(world, 100, 0.6);
  CHECK(played.in_time == 100);
  CHECK(world.client().sent().sent_again < world.client().sent().sent / 10);
  CHECK(world.server().sent().sent_again < world.server().sent().sent / 10);
}

TEST_CASE("a way that is cut is given up hop by hop, and taken up when it is whole again") {
  World cut({.loss = 1.0}, false, 1);
  const Played none = play(cut, 20, 0.3);
  CHECK(none.in_time == 0);
  CHECK(cut.client().sent().given_up >= 19);
  CHECK(cut.client().heard() < 0.0);
  cut.mend();
  const Played again = play(cut, 20, 0.3, 20);
  CHECK(again.in_time == 20);
  CHECK(again.corrupted == 0);
}

TEST_CASE("the time to ask again is never in the past, and waiting for it loses nothing") {
  Channel one(5, std::nullopt), other(5, std::nullopt);
  std::array<uint8_t, datagram_bytes> place;
  double now = 10.0;
  one.send(0, 0, body_of(0), now, now + 1.0);
  int rounds = 0;
  for (; rounds < 200; ++rounds) {
    for (auto [from, to] : {std::pair{&one, &other}, std::pair{&other, &one}}) {
      while (true) {
        const Bytes datagram = from->next(place, now);
        if (datagram.empty()) break;
        static_cast<void>(to->receive(datagram, now));
      }
    }
    if (const auto body = other.collect()) {
      CHECK(body->bytes == body_of(0));
      break;
    }
    const double due = std::min(one.next_due(now), other.next_due(now));
    REQUIRE(due >= now);
    now = std::max(due, now + 1e-6);
  }
  CHECK(rounds < 100);
}

TEST_CASE("messages that are not the channel's own come through, once and whole") {
  Channel one(5, std::nullopt), other(5, std::nullopt);
  std::array<uint8_t, 256> message;
  std::array<uint8_t, datagram_bytes> place;
  const Bytes sent = Writer(message, "/sideman/error", "s").string("no such model").done();
  const Bytes datagram = one.wrap(place, sent);
  const auto found = other.receive(datagram, 1.0);
  REQUIRE(found);
  auto read = Reader::of(*found);
  CHECK(read->address() == "/sideman/error");
  CHECK(read->string() == "no such model");
  CHECK_FALSE(other.receive(datagram, 1.0));
}
