// What reaches the backend beside the music, and what it says it heard.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "support/rig.h"
#include "support/signals.h"

using namespace sideman;
using namespace sideman::test;

namespace {

constexpr int64_t hop = 2048;

Status set(Engine& engine, std::string_view name, std::vector<Atom> values) {
  return engine.set(name, values);
}

Atom word(const char* text) { return std::string(text); }

struct Small {
  explicit Small(double rate = 44100.0) : rig(fixed_lead(1, 1), script_factory(script), rate, 64) {
    REQUIRE(rig.opened);
  }
  void play_hops(int count) {
    rig.play(std::vector<float>(static_cast<size_t>(count * hop), 0.1f));
  }
  std::vector<Event> beats() {
    std::vector<Event> all = rig.events();
    std::erase_if(all, [](const Event& event) { return event.kind != Event::Kind::clock; });
    return all;
  }

  std::shared_ptr<Script> script = std::make_shared<Script>();
  Rig rig;
};

// A clock of 441 bpm: 6000 samples per beat.
HeardClock quick(double beat) {
  return {.clock = {.known = true, .bpm = 441.0, .beat = beat}, .confidence = 0.8};
}

}  // namespace

TEST_CASE("the second channel reaches the backend to the sample, and the first one is untouched") {
  for (const int vector : {64, 300, 2048}) {
    CAPTURE(vector);
    Small small;
    const auto in = noise(6 * hop, 1), sketch = noise(6 * hop, 2);
    small.rig.play(in, vector, sketch);
    CHECK(small.script->sketched() == sketch);
    const auto& out = small.rig.out[0];
    bool echoed = true;
    for (size_t t = 3 * hop; t < out.size(); ++t) echoed = echoed && out[t] == in[t - 2 * hop];
    CHECK(echoed);
  }
}

TEST_CASE("both channels come to the model's rate together") {
  Small small(48000.0);
  const auto in = sine(48000, 440.0, 48000.0, 0.5);
  small.rig.play(in, 64, in);
  const auto sketched = small.script->sketched();
  REQUIRE(sketched.size() > 10 * hop);
  for (size_t t = 1000; t < sketched.size(); ++t) {
    const double expected =
        0.5 * std::sin(2.0 * std::numbers::pi * 440.0 * static_cast<double>(t) / 44100.0);
    REQUIRE(sketched[t] == doctest::Approx(expected).epsilon(0.001));
  }
}

TEST_CASE("no second inlet is silence") {
  Small small;
  small.rig.play(noise(3 * hop, 1));
  const auto sketched = small.script->sketched();
  CHECK(sketched.size() == 3 * hop);
  CHECK(std::ranges::all_of(sketched, [](float x) { return x == 0.0f; }));
}

TEST_CASE("mode, tags, sampler and shares reach the next hop, without a new stream") {
  Small small;
  small.script->model.tags = {"funk"};
  small.rig.engine.load();
  REQUIRE(small.rig.engine.wait_loaded(5000.0));
  REQUIRE(set(small.rig.engine, "mode", {word("delay")}).ok());
  REQUIRE(set(small.rig.engine, "tags", {word("funk"), Atom{0.5}}).ok());
  REQUIRE(set(small.rig.engine, "sampler", {word("dpm++")}).ok());
  REQUIRE(set(small.rig.engine, "inertia", {Atom{0.25}}).ok());
  REQUIRE(set(small.rig.engine, "feedback", {Atom{0.5}}).ok());
  REQUIRE(set(small.rig.engine, "mix", {Atom{0.75}}).ok());
  small.play_hops(3);
  const Controls now = small.script->asked().back().controls;
  CHECK(now.mode == "delay");
  CHECK(now.tags == std::vector<Tag>{{"funk", 0.5}});
  CHECK(now.sampler == "dpm++");
  CHECK(now.inertia == 0.25);
  CHECK(now.feedback == 0.5);
  CHECK(now.mix == 0.75);
}

TEST_CASE("a tag that the model does not know is refused in one line, and the former ones stay") {
  auto script = std::make_shared<Script>();
  script->model.tags = {"rock", "pop"};
  Rig rig(fixed_lead(1, 1), script);
  REQUIRE(set(rig.engine, "tags", {word("pop")}).ok());
  CHECK(set(rig.engine, "tags", {word("rock"), word("kazoo")}).sentence ==
        "tags kazoo: model script knows rock, pop; choose among these");
  rig.play(std::vector<float>(2 * hop, 0.1f));
  CHECK(script->asked().back().controls.tags == std::vector<Tag>{{"pop", 1.0}});
  CHECK(rig.engine.info().state == State::ready);
  REQUIRE(set(rig.engine, "tags", {}).ok());
  rig.play(std::vector<float>(hop, 0.1f));
  CHECK(script->asked().back().controls.tags.empty());
}

TEST_CASE("tags that were given before the model are checked once when it opens") {
  auto script = std::make_shared<Script>();
  script->model.tags = {"rock"};
  Settings settings = fixed_lead(1, 1);
  settings.tags = {{"kazoo", 1.0}, {"rock", 0.5}};
  Rig rig(settings, script);
  REQUIRE(rig.opened);
  std::vector<std::string> lines;
  for (const Event& event : rig.events()) {
    if (event.kind == Event::Kind::error) lines.push_back(event.text);
  }
  CHECK(lines == std::vector<std::string>{
                     "tags kazoo: model script knows rock; choose among these"});
  CHECK(rig.engine.settings().tags == std::vector<Tag>{{"rock", 0.5}});
  rig.play(std::vector<float>(hop, 0.1f));
  CHECK(script->asked().back().controls.tags == std::vector<Tag>{{"rock", 0.5}});
}

TEST_CASE("a model without tags says so, and one that reads text takes any") {
  auto script = std::make_shared<Script>();
  Rig rig(fixed_lead(1, 1), script);
  CHECK(set(rig.engine, "tags", {word("funk")}).sentence ==
        "tags funk: model script knows none; send tags alone");
  auto reads = std::make_shared<Script>();
  reads->model.any_tag = true;
  Rig other(fixed_lead(1, 1), reads);
  CHECK(set(other.engine, "tags", {word("a warm upright bass")}).ok());
}

TEST_CASE("the backend may listen for a clock where none is known and the setting lets it") {
  Small small;
  const auto tracks = [&] {
    small.play_hops(1);
    return small.script->asked().back().controls.track;
  };
  CHECK(tracks());
  REQUIRE(small.rig.engine.tempo(120.0).ok());
  CHECK_FALSE(tracks());
  REQUIRE(set(small.rig.engine, "clock", {word("track")}).ok());
  CHECK(tracks());
  CHECK_FALSE(small.script->asked().back().controls.clock.known);
  REQUIRE(set(small.rig.engine, "clock", {word("transport")}).ok());
  CHECK_FALSE(tracks());
  REQUIRE(set(small.rig.engine, "clock", {word("off")}).ok());
  CHECK_FALSE(tracks());
}

TEST_CASE("the clock that was heard is told at its beats, between hops too") {
  Small small;
  small.beats();
  const int64_t began = small.rig.position;
  small.script->hears(quick(0.0));  // at the end of the hop that comes
  small.rig.play(std::vector<float>(hop, 0.1f));
  small.script->hears({});
  REQUIRE(small.beats().size() == 1);
  // The next hop takes it back, so only what lies before it is told by this report.
  small.rig.play(std::vector<float>(1000, 0.1f));
  CHECK(small.beats().empty());
  small.rig.play(std::vector<float>(2 * hop, 0.1f));
  CHECK(small.beats().empty());

  // From here on a report every hop, as of a player who keeps time.
  std::vector<int64_t> moments;
  std::vector<double> beats;
  while (small.rig.position < began + 40 * hop) {
    const int64_t end = (small.rig.position / hop + 1) * hop;
    small.script->hears(quick(static_cast<double>(end) / 6000.0));
    small.rig.play(std::vector<float>(64, 0.1f));
    for (const Event& event : small.beats()) {
      moments.push_back(small.rig.position);
      beats.push_back(std::floor(event.heard.clock.beat));
      CHECK(event.heard.clock.bpm == 441.0);
      CHECK(event.heard.confidence == 0.8);
    }
  }
  REQUIRE(beats.size() > 10);
  for (size_t i = 1; i < beats.size(); ++i) {
    CHECK(beats[i] == beats[i - 1] + 1.0);
    CHECK(moments[i] >= static_cast<int64_t>(beats[i]) * 6000);
    CHECK(moments[i] < static_cast<int64_t>(beats[i]) * 6000 + 128);
  }
}

TEST_CASE("info says who gives the clock") {
  Small small;
  CHECK(small.rig.engine.info().clock_source == ClockSource::none);
  small.script->hears(quick(1.0));
  small.play_hops(1);
  CHECK(small.rig.engine.info().clock_source == ClockSource::track);
  CHECK(small.rig.engine.info().clock_bpm == 441.0);
  CHECK(small.rig.engine.info().clock_confidence == 0.8);
  REQUIRE(small.rig.engine.tempo(120.0).ok());
  CHECK(small.rig.engine.info().clock_source == ClockSource::hand);
  CHECK(small.rig.engine.info().clock_confidence == 1.0);
  small.rig.engine.transport(true, 90.0, 0.0, 4);
  CHECK(small.rig.engine.info().clock_source == ClockSource::transport);
  CHECK(small.rig.engine.info().clock_bpm == 90.0);
  REQUIRE(set(small.rig.engine, "clock", {word("off")}).ok());
  CHECK(small.rig.engine.info().clock_source == ClockSource::none);
  CHECK(small.rig.engine.info().clock_bpm == 0.0);
}

TEST_CASE("a reset and a new model forget what was heard of the clock") {
  Small small;
  for (const bool loads : {false, true}) {
    CAPTURE(loads);
    small.script->hears(quick(1.0));
    small.play_hops(2);
    REQUIRE(small.rig.engine.info().clock_source == ClockSource::track);
    small.script->hears({});
    if (loads) {
      small.rig.engine.load();
      CHECK(small.rig.engine.wait_loaded(5000.0));
    } else {
      small.rig.engine.reset();
    }
    small.play_hops(1);
    CHECK(small.rig.engine.info().clock_source == ClockSource::none);
  }
}

TEST_CASE("numbers that no clock can have are no clock") {
  ClockKeeper keeper;
  keeper.heard({.clock = {.known = true, .bpm = 0.0, .beat = 1.0}, .confidence = 1.0}, 0.0);
  CHECK_FALSE(keeper.heard_at(1.0).clock.known);
  keeper.heard({.clock = {.known = true, .bpm = 120.0, .beat = std::nan("")}}, 0.0);
  CHECK_FALSE(keeper.heard_at(1.0).clock.known);
  keeper.heard({.clock = {.known = true, .bpm = 120.0, .beat = 1.0, .beats_per_bar = 0}}, 0.0);
  CHECK_FALSE(keeper.heard_at(1.0).clock.known);
  keeper.heard({.clock = {.known = true, .bpm = 120.0, .beat = 1.0}}, 2.0);
  CHECK(keeper.heard_at(3.0).clock.beat == doctest::Approx(3.0));
}
