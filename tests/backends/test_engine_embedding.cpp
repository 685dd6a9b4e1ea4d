#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "live.h"
#include "python_fixture.h"

using namespace sideman;
using namespace sideman::test;

namespace {

constexpr int long_lead = 64;  // frames of the stand-in: 743 ms

Settings settings_of(const std::string& model, const std::string& where = "whole",
                     int lead = 4) {
  return python_settings(model, venv(where), lead);
}

// The engine says what is wrong in one line, and its audio goes on as silence.
void tells_and_stays_silent(const Settings& settings, const std::string& part) {
  Live live(settings);
  CHECK(live.tells(State::error, 10.0));
  REQUIRE_FALSE(live.errors.empty());
  INFO(live.errors.back());
  CHECK(is_one_line(live.errors.back()));
  CHECK(has(live.errors.back(), part));
  const int64_t before = live.played();
  CHECK_FALSE(live.sounds(0.5));
  CHECK(live.played() > before);
}

}  // namespace

TEST_CASE("the echo in Python is the music delayed by exactly hop and lead") {
  Engine engine(settings_of("echo"), python_factory());
  REQUIRE(engine.prepare(44100.0, 64).ok());
  engine.load();
  REQUIRE(engine.wait_loaded(30000.0));
  const EngineInfo info = engine.info();
  REQUIRE(info.state == State::ready);
  REQUIRE(info.grid.reaction_samples() == 12 * 512);
  std::vector<float> heard(44100), played(44100);
  for (size_t i = 0; i < heard.size(); ++i) {
    heard[i] = 0.5f * std::sin(0.05f * static_cast<float>(i));
  }
  for (size_t at = 0; at + 64 <= heard.size(); at += 64) {
    const float* in[] = {heard.data() + at, nullptr};
    float* out = played.data() + at;
    engine.process(in, &out, 1, 64);
    REQUIRE(engine.wait_idle(10000.0));
  }
  const size_t delay = 12 * 512, settled = delay + 8 * 512;
  for (size_t i = 0; i < delay; ++i) REQUIRE(played[i] == 0.0f);
  for (size_t i = settled; i < 44000; ++i) REQUIRE(played[i] == heard[i - delay]);
}

TEST_CASE("who plays is told by name, also where nobody asked for it") {
  Live live(settings_of("echo"));
  REQUIRE(live.opened);
  REQUIRE(live.engine.settings().backend == "auto");
  CHECK(live.engine.info().backend == "embedded");
}

TEST_CASE("a missing venv leaves the patch playing") {
  tells_and_stays_silent(settings_of("echo", "nowhere"), "does not exist");
}

TEST_CASE("a wrong Python version leaves the patch playing") {
  tells_and_stays_silent(settings_of("echo", "other version"), "does not fit");
}

TEST_CASE("a missing package leaves the patch playing") {
  tells_and_stays_silent(settings_of("echo", "no torch"), "'torch' is missing");
}

TEST_CASE("a model that raises while it opens leaves the patch playing") {
  tells_and_stays_silent(settings_of("raises_at_open"), "out of tune");
}

TEST_CASE("a model that raises leaves the patch playing and another can be loaded") {
  tells_and_stays_silent(settings_of("raises"), "out of tune");
  Live live(settings_of("raises", "whole", long_lead));
  REQUIRE(live.tells(State::error, 10.0));
  const std::vector<Atom> echo{std::string("echo")};
  REQUIRE(live.engine.set("model", echo).ok());
  CHECK(live.sounds(10.0));
}

TEST_CASE("after a hop that fails the next one plays again") {
  Live live(settings_of("raises_every_third", "whole", long_lead));
  CHECK(live.tells(State::error, 10.0));
  CHECK(live.tells(State::ready, 10.0));
  CHECK(live.sounds(10.0));
  CHECK(live.tells(State::error, 10.0));
  CHECK(live.engine.stats().failed >= 2);
}

TEST_CASE("a model that sleeps for ever is lost, the patch plays on, deleting returns at once") {
  double deleted = 0.0;
  {
    Live live(settings_of("hangs_asleep"));
    CHECK(live.tells(State::lost, 10.0));
    CHECK_FALSE(live.sounds(0.3));
    deleted = Live::now();
  }
  CHECK(Live::now() - deleted < 5.0);
  Live next(settings_of("echo", "whole", long_lead));
  CHECK(next.sounds(10.0));
}

TEST_CASE("a model that computes for ever is lost, the patch plays on, another one plays") {
  double deleted = 0.0;
  {
    Live live(settings_of("hangs_busy"));
    CHECK(live.tells(State::lost, 10.0));
    CHECK_FALSE(live.sounds(0.3));
    deleted = Live::now();
  }
  CHECK(Live::now() - deleted < 5.0);
  Live next(settings_of("echo", "whole", long_lead));
  CHECK(next.sounds(10.0));
}

TEST_CASE("a model that hangs while it opens does not hold up its deletion") {
  Engine* engine = new Engine(settings_of("hangs_asleep_at_open"), python_factory());
  REQUIRE(engine->prepare(44100.0, 64).ok());
  engine->load();
  CHECK_FALSE(engine->wait_loaded(500.0));
  const double deleted = Live::now();
  delete engine;
  CHECK(Live::now() - deleted < 5.0);
}

// The heavy model blocks longer than the light one's whole lead: were there one queue for both, the
// light one would be late.
TEST_CASE("a light model keeps its deadlines beside one that sleeps for a second") {
  Live heavy(settings_of("sleeps_1_s"));
  Live light(settings_of("echo", "whole", long_lead));
  REQUIRE(light.sounds(10.0));
  std::this_thread::sleep_for(std::chrono::seconds(3));
  const StatsSnapshot stats = light.engine.stats();
  INFO("light p95 ", stats.latency_p95_ms, " ms, max ", stats.latency_max_ms, " ms");
  CHECK(stats.hops >= 20);
  CHECK(stats.late == 0);
  CHECK(stats.missed == 0);
  CHECK(heavy.engine.stats().hops >= 1);
}

TEST_CASE("a light model keeps its deadlines beside one that computes in Python for a second") {
  Live heavy(settings_of("computes_1_s"));
  Live light(settings_of("echo", "whole", long_lead));
  REQUIRE(light.sounds(10.0));
  std::this_thread::sleep_for(std::chrono::seconds(3));
  const StatsSnapshot stats = light.engine.stats();
  INFO("light p95 ", stats.latency_p95_ms, " ms, max ", stats.latency_max_ms, " ms");
  CHECK(stats.hops >= 20);
  CHECK(stats.late == 0);
  CHECK(stats.missed == 0);
}

// The limit: C code that does not let go of the GIL stops all models of the process meanwhile.
TEST_CASE("a light model is late beside one that keeps the GIL, and recovers when it is gone") {
  auto heavy = std::make_unique<Live>(settings_of("keeps_the_gil_1_s"));
  Live light(settings_of("echo", "whole", 8));
  std::this_thread::sleep_for(std::chrono::seconds(3));
  const StatsSnapshot stats = light.engine.stats();
  CHECK(stats.late + stats.missed > 0);
  heavy.reset();
  std::this_thread::sleep_for(std::chrono::seconds(2));  // its last call ends
  CHECK(light.sounds(10.0));
  CHECK(light.engine.stats().failed == 0);
}

TEST_CASE("two and eight engines share one interpreter") {
  std::vector<std::unique_ptr<Live>> lives;
  std::set<int> numbers;
  for (int count : {2, 8}) {
    while (static_cast<int>(lives.size()) < count) {
      lives.push_back(std::make_unique<Live>(settings_of("client_number", "whole", long_lead)));
      Live& live = *lives.back();
      REQUIRE(live.opened);
      // Client n of the module's one counter plays the constant n / 64.
      for (const double end = Live::now() + 10.0; Live::now() < end && live.loudest() == 0.0f;) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
      }
      const int64_t beyond_the_fade = live.played() + 8820;
      for (const double end = Live::now() + 10.0;
           Live::now() < end && live.played() < beyond_the_fade;) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
      }
      numbers.insert(static_cast<int>(std::lround(live.loudest() * 64.0f)));
    }
    CHECK(static_cast<int>(numbers.size()) == count);
    CHECK(*numbers.begin() == 1);
    CHECK(*numbers.rbegin() == count);
  }
}

TEST_CASE("engines can be made and deleted while their model is busy") {
  for (int i = 0; i < 30; ++i) {
    Live live(settings_of(i % 2 ? "sleeps_1_s" : "waits_for_cancel"));
    std::this_thread::sleep_for(std::chrono::milliseconds(110));
  }
  Live last(settings_of("echo", "whole", long_lead));
  CHECK(last.sounds(10.0));
}
