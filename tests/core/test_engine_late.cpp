#include <doctest/doctest.h>

#include <numbers>

#include "support/rig.h"
#include "support/signals.h"

using namespace sideman;
using namespace sideman::test;

namespace {

constexpr int64_t hop = 4 * 2048;
constexpr int64_t lead = 3 * 2048;
constexpr int64_t delay = hop + lead;
constexpr int fade = 441;
constexpr int64_t begin_of(int64_t id) { return (id + 1) * hop + lead; }

constexpr double amplitude = 0.5;
constexpr double hertz = 150.0;
const double allowed_step = 1.001 * amplitude * (2.0 * std::numbers::pi * hertz / 44100.0 +
                                                 std::numbers::pi / 2.0 / fade);

struct Played {
  std::vector<float> in, out;
  StatsSnapshot stats;
  std::string states;

  bool exact(int64_t begin, int64_t end) const {
    for (auto t = static_cast<size_t>(begin); t < static_cast<size_t>(end); ++t) {
      if (out[t] != in[t - delay]) return false;
    }
    return true;
  }
  bool silent(int64_t begin, int64_t end) const {
    return std::all_of(out.begin() + begin, out.begin() + end, [](float x) { return x == 0.0f; });
  }
  // Every sample is the input's of exactly one delay ago, at most as loud.
  bool in_place() const {
    for (size_t t = 0; t < out.size(); ++t) {
      const float own = t < delay ? 0.0f : in[t - delay];
      if (!(out[t] * own >= 0.0f && std::abs(out[t]) <= std::abs(own))) return false;
    }
    return true;
  }
};

Played play(const std::shared_ptr<Script>& script, int64_t hops, const char* fallback = "silence",
            int vector = 64) {
  Settings settings = fixed_lead();
  settings.fallback = fallback;
  Rig rig(settings, script, vector);
  REQUIRE(rig.opened);
  Played played;
  played.in = sine(begin_of(hops), hertz, 44100.0, amplitude);
  rig.play(played.in);
  played.out = rig.out[0];
  played.stats = rig.engine.stats();
  played.states = rig.states();
  return played;
}

}  // namespace

TEST_CASE("results 1 ms to 3 hops late: in place, no step, counted, recovered") {
  for (const int64_t late : {int64_t{44}, int64_t{1000}, hop / 2, hop - 100, hop, 2 * hop, 3 * hop}) {
    CAPTURE(late);
    auto script = std::make_shared<Script>();
    script->due(2, begin_of(2) + late);
    const auto played = play(script, 10);
    CHECK(played.in_place());
    CHECK(largest_step(played.out) < allowed_step);
    CHECK(played.exact(begin_of(0) + fade, begin_of(2) - fade));
    CHECK(played.silent(begin_of(2), begin_of(2) + std::min(late, hop)));
    CHECK(played.exact(begin_of(7), begin_of(10) - fade));
    CHECK(played.states == "loading ready late ready");
    CHECK(played.stats.late >= 1);
    CHECK(played.stats.failed == 0);
    CHECK(played.stats.hops + played.stats.missed >= 11);
  }
}

TEST_CASE("one hop that is a little late costs its own beginning only") {
  auto script = std::make_shared<Script>();
  script->due(2, begin_of(2) + 640);
  const auto played = play(script, 6);
  CHECK(played.exact(begin_of(2) + 640 + fade + 64, begin_of(6) - fade));
  CHECK(played.stats.late == 1);
  CHECK(played.stats.missed == 0);
  CHECK(played.stats.silent_samples <= 640);
}

TEST_CASE("a worker that fell three hops behind answers the newest and skips what has passed") {
  auto script = std::make_shared<Script>();
  script->due(2, begin_of(5));
  const auto played = play(script, 10);
  std::vector<int64_t> asked;
  for (const auto& request : script->asked()) asked.push_back(request.hop_id);
  // At the start of slot 5 the slots of 3 and 4 have passed.
  CHECK(asked == std::vector<int64_t>{0, 1, 2, 5, 6, 7, 8, 9, 10});
  CHECK(played.stats.missed == 3);  // 2 came after its slot, 3 and 4 were skipped
  CHECK(played.exact(begin_of(6), begin_of(10) - fade));
}

TEST_CASE("what the model sees stays in place after skipped hops") {
  auto script = std::make_shared<Script>();
  script->due(2, begin_of(5));
  const auto played = play(script, 8);
  CHECK(played.exact(begin_of(6), begin_of(8) - fade));
}

TEST_CASE("missing, raised and unsound answers are silence, one error each, and the next hop plays") {
  for (const Act act :
       {Act::fail, Act::raise, Act::raise_number, Act::not_a_number, Act::too_loud}) {
    CAPTURE(static_cast<int>(act));
    auto script = std::make_shared<Script>();
    script->act(2, act);
    const auto played = play(script, 6);
    CHECK(played.in_place());
    CHECK(largest_step(played.out) < allowed_step);
    CHECK(played.silent(begin_of(2), begin_of(3)));
    CHECK(played.exact(begin_of(3) + fade, begin_of(6) - fade));
    CHECK(played.states == "loading ready error ready");
    CHECK(played.stats.failed == 1);
    CHECK(played.stats.missed == 1);
    CHECK(played.stats.late == 0);
    CHECK(played.stats.hops == 6);
  }
}

TEST_CASE("the same failure again and again is told once") {
  auto script = std::make_shared<Script>();
  for (int64_t id = 1; id < 6; ++id) script->act(id, Act::raise);
  Rig rig(fixed_lead(), script);
  rig.play(sine(begin_of(7), hertz, 44100.0, amplitude));
  std::vector<std::string> errors;
  std::string states;
  for (const Event& event : rig.events()) {
    if (event.kind == Event::Kind::error) errors.push_back(event.text);
    if (event.kind == Event::Kind::status) states += std::string(to_word(event.state)) + " ";
  }
  CHECK(errors == std::vector<std::string>{"hop: raised by the script"});
  CHECK(states == "loading ready error ready ");
  CHECK(rig.engine.stats().failed == 5);
}

TEST_CASE("another trouble while hops fail is told too") {
  auto script = std::make_shared<Script>();
  for (int64_t id = 1; id < 6; ++id) script->act(id, id < 4 ? Act::raise : Act::fail);
  Rig rig(fixed_lead(), script);
  rig.play(sine(begin_of(7), hertz, 44100.0, amplitude));
  std::vector<std::string> errors;
  for (const Event& event : rig.events()) {
    if (event.kind == Event::Kind::error) errors.push_back(event.text);
  }
  REQUIRE(errors.size() == 2);
  CHECK(errors[0] == "hop: raised by the script");
  CHECK(errors[1] != errors[0]);
}

TEST_CASE("with hold a missing answer repeats the last slot, and later ones are in place") {
  auto script = std::make_shared<Script>();
  script->act(2, Act::fail);
  const auto played = play(script, 6, "hold");
  CHECK_FALSE(played.silent(begin_of(2), begin_of(3)));
  CHECK(largest_step(played.out) < 2 * allowed_step);
  CHECK(played.exact(begin_of(3) + fade, begin_of(6) - fade));
}

TEST_CASE("an answer that does not continue the last dips, and nothing else") {
  auto script = std::make_shared<Script>();
  script->act(2, Act::discontinuous);
  const auto played = play(script, 5);
  CHECK(played.in_place());
  CHECK(largest_step(played.out) < allowed_step);
  CHECK(played.exact(begin_of(1), begin_of(2) - fade));
  CHECK_FALSE(played.exact(begin_of(2) - fade, begin_of(2)));
  CHECK(played.exact(begin_of(2) + fade, begin_of(5) - fade));
}

TEST_CASE("whatever happens whenever: never shifted, never a step") {
  for (unsigned seed = 0; seed < 12; ++seed) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    auto script = std::make_shared<Script>();
    for (int64_t id = 0; id < 30; ++id) {
      if (random() % 3 == 0) script->due(id, begin_of(id) - 1000 + random() % (2 * hop));
      if (random() % 5 == 0) script->act(id, static_cast<Act>(random() % 7));
    }
    const auto played = play(script, 36, "silence", 256);
    CHECK(played.in_place());
    CHECK(largest_step(played.out) < allowed_step);
    CHECK(played.exact(begin_of(34) + fade, begin_of(36) - fade));
  }
}

TEST_CASE("offline, the output is the same for every way of cutting the input") {
  std::vector<float> first;
  for (const int vector : {64, 640, 4096}) {
    auto script = std::make_shared<Script>();
    script->act(2, Act::fail);
    script->act(4, Act::discontinuous);
    Rig rig(fixed_lead(), script, vector);
    rig.play(noise(20 * 4096, 9));
    if (first.empty()) first = rig.out[0];
    CHECK(rig.out[0] == first);
  }
}
