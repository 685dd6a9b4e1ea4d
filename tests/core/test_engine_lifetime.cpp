#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "support/patience.h"
#include "support/rig.h"
#include "support/signals.h"

using namespace sideman;
using namespace sideman::test;

namespace {

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
constexpr int long_run = 150;
#else
constexpr int long_run = 400;
#endif

// A host's audio thread: calls process() without rest until it is told to stop.
class AudioThread {
 public:
  explicit AudioThread(Engine& engine)
      : thread_([this, &engine] {
          std::vector<float> in(64, 0.25f), out(64);
          const float* heard[] = {in.data(), nullptr};
          float* played = out.data();
          while (!stop_) {
            engine.process(heard, &played, 1, 64);
            if (++vectors % 16 == 0) breathe();
          }
        }) {}
  ~AudioThread() {
    stop_ = true;
    thread_.join();
  }

  std::atomic<int64_t> vectors{0};

 private:
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

double seconds_of(const std::function<void()>& action) {
  const auto begin = std::chrono::steady_clock::now();
  action();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace

TEST_CASE("a thousand engines live and die with audio running and the worker busy") {
  for (int i = 0; i < 1000; ++i) {
    Settings settings = fixed_lead(1 + i % 3, 1);
    settings.delay = i % 2 == 0 ? 0.0 : 5.0;
    Engine engine(settings, echo_factory());
    REQUIRE(engine.prepare(i % 3 == 0 ? 48000.0 : 44100.0, 64).ok());
    engine.load();
    const AudioThread audio(engine);
    while (audio.vectors < i % 50) breathe();
  }
}

TEST_CASE("deletion while the backend hangs returns at once") {
  double shortest = 1.0;  // of a few: a busy machine may take its time
  for (int i = 0; i < 5; ++i) {
    auto script = std::make_shared<Script>();
    script->act(0, Act::hang);
    auto engine = std::make_unique<Engine>(fixed_lead(1, 1), script_factory(script));
    REQUIRE(engine->prepare(44100.0, 64).ok());
    engine->load();
    REQUIRE(engine->wait_loaded(5000.0));
    {
      const AudioThread audio(*engine);
      while (script->asked().empty()) breathe();
    }
    shortest = std::min(shortest, seconds_of([&] { engine.reset(); }));
    script->release();
    while (!script->closed()) breathe();
  }
  CHECK(shortest < 0.03);  // 5 ms
}

TEST_CASE("rates, resets, leads and models change while audio runs and the backend thinks") {
  auto script = std::make_shared<Script>();
  script->thinks(2.0);
  Engine engine(fixed_lead(2, 1), script_factory(script));
  REQUIRE(engine.prepare(44100.0, 64).ok());
  engine.load();
  REQUIRE(engine.wait_loaded(5000.0));
  const AudioThread audio(engine);
  std::mt19937 random(1);
  const double rates[] = {44100.0, 48000.0, 88200.0, 96000.0};
  for (int i = 0; i < long_run; ++i) {
    const Atom lead{int64_t{1 + static_cast<int64_t>(random() % 6)}};
    const Atom mute{static_cast<int64_t>(random() % 2)};
    switch (random() % 7) {
      case 0: CHECK(engine.prepare(rates[random() % 4], 64).ok()); break;
      case 1: engine.reset(); break;
      case 2: CHECK(engine.set("lead", {&lead, 1}).ok()); break;
      case 3: CHECK(engine.set("mute", {&mute, 1}).ok()); break;
      case 4: engine.transport(true, 100.0, i, 4); break;
      case 5: (void)engine.info(); break;
      case 6:
        if (i % 20 == 0) engine.load();
        break;
    }
    while (engine.poll()) {
    }
    const int64_t until = audio.vectors + static_cast<int64_t>(random() % 40);
    while (audio.vectors < until) breathe();
  }
  CHECK(engine.wait_loaded(10000.0));
  CHECK(engine.info().state != State::error);
}

TEST_CASE("a result for an old stream vanishes with it") {
  auto script = std::make_shared<Script>();
  script->due(0, 4 * 2048);
  Rig rig(fixed_lead(1, 1), script);
  REQUIRE(rig.opened);
  rig.play(std::vector<float>(2048 + 640, 0.5f));
  rig.engine.reset();
  rig.play(std::vector<float>(20 * 2048, 0.0f));
  for (const float x : rig.out[0]) REQUIRE(x == 0.0f);
  CHECK(rig.engine.stats().hops > 10);
}
