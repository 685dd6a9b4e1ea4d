// process() under the trap, on its own thread as in a host, in every state an engine can be in.
#include <doctest/doctest.h>

#include <atomic>
#include <functional>
#include <thread>

#include "realtime/trap.h"
#include "support/patience.h"
#include "support/rig.h"
#include "support/signals.h"

using namespace sideman;
using namespace sideman::test;

namespace {

constexpr int largest = 4096;

// A host's audio thread; every call of process() is trapped.
class TrappedAudio {
 public:
  TrappedAudio(Engine& engine, int vector) : thread_([this, &engine, vector] {
    run(engine, vector);
  }) {}
  ~TrappedAudio() { finish(); }

  void finish() {
    stop_ = true;
    if (thread_.joinable()) thread_.join();
  }
  // Waits until so many more samples were played.
  void pass(int64_t samples) const {
    const int64_t until = samples_ + samples;
    while (samples_ < until) breathe();
  }

 private:
  void run(Engine& engine, int vector) {
    const auto in = noise(largest, 1);
    std::vector<float> out(largest);
    std::vector<double> in_out(in.begin(), in.end());
    const float* heard[] = {in.data(), in.data()};
    float* played = out.data();
    double* both[] = {in_out.data(), in_out.data()};
    bool doubles = false;
    while (!stop_) {
      {
        const trap::Armed armed;
        if (doubles) {
          engine.process(both, both, 1, vector);
        } else {
          engine.process(heard, &played, 1, vector);
        }
      }
      doubles = !doubles;
      samples_ += vector;
      std::this_thread::sleep_for(std::chrono::microseconds(vector));  // some 20 times real time
    }
  }

  std::atomic<bool> stop_{false};
  std::atomic<int64_t> samples_{0};
  std::thread thread_;
};

Status set(Engine& engine, std::string_view name, Atom value) {
  return engine.set(name, {&value, 1});
}

struct Scene {
  explicit Scene(double rate = 44100.0, std::shared_ptr<Script> given = std::make_shared<Script>())
      : script(std::move(given)), engine(fixed_lead(1, 1), script_factory(script)) {
    trap::clear();
    REQUIRE(engine.prepare(rate, largest).ok());
  }
  void load() {
    engine.load();
    REQUIRE(engine.wait_loaded(10000.0));
    REQUIRE(engine.info().state == State::ready);
  }

  std::shared_ptr<Script> script;
  Engine engine;
};

constexpr int64_t hops(int count) { return int64_t{count} * 2048; }

}  // namespace

TEST_CASE("process is clean with no model, while one loads, and after") {
  Scene scene;
  scene.script->warm_up_ms = 5.0;
  TrappedAudio audio(scene.engine, 64);
  audio.pass(hops(4));
  scene.load();
  // The audio runs ahead of a worker that is slow, as under a sanitizer.
  for (int i = 0; i < 100 && (i == 0 || scene.engine.stats().hops == 0); ++i) audio.pass(hops(20));
  audio.finish();
  CHECK(scene.engine.stats().hops > 0);
  CHECK(trap::caught_any() == 0);
}

TEST_CASE("process is clean at every rate and vector size, with a fast backend") {
  for (const double rate : {22050.0, 44100.0, 48000.0, 88200.0, 96000.0, 192000.0}) {
    for (const int vector : {1, 64, 1000, 4096}) {
      CAPTURE(rate);
      CAPTURE(vector);
      Scene scene(rate);
      scene.load();
      TrappedAudio audio(scene.engine, vector);
      // The audio runs ahead of a worker that is slow, as under a sanitizer.
      for (int i = 0; i < 100 && (i == 0 || scene.engine.stats().hops == 0); ++i) {
        audio.pass(static_cast<int64_t>(static_cast<double>(hops(6)) * rate / 44100.0));
      }
      audio.finish();
      CHECK(scene.engine.stats().hops > 0);
      CHECK(trap::caught_any() == 0);
    }
  }
}

TEST_CASE("process is clean while answers are late, missing, raised or unsound, with both fallbacks") {
  for (const char* fallback : {"silence", "hold"}) {
    CAPTURE(fallback);
    Scene scene;
    scene.script->thinks(3.0);
    for (int64_t hop = 0; hop < 400; ++hop) {
      scene.script->act(hop, static_cast<Act>((hop / 3) % 7));
    }
    REQUIRE(set(scene.engine, "fallback", Atom{std::string(fallback)}).ok());
    scene.load();
    TrappedAudio audio(scene.engine, 64);
    audio.pass(hops(150));
    audio.finish();
    const StatsSnapshot stats = scene.engine.stats();
    CHECK(stats.failed > 0);
    CHECK(stats.missed > 0);
    CHECK(stats.silent_samples > 0);
    CHECK(trap::caught_any() == 0);
  }
}

TEST_CASE("process is clean through new rates, leads, resets, settings, and a new model") {
  Scene scene;
  scene.script->thinks(1.0);
  scene.load();
  TrappedAudio audio(scene.engine, 64);
  const double rates[] = {48000.0, 44100.0, 96000.0, 88200.0};
  for (int i = 0; i < 40; ++i) {
    switch (i % 6) {
      case 0: CHECK(scene.engine.prepare(rates[i / 6 % 4], largest).ok()); break;
      case 1: scene.engine.reset(); break;
      case 2: CHECK(set(scene.engine, "lead", Atom{int64_t{1 + i % 5}}).ok()); break;
      case 3: CHECK(set(scene.engine, "mute", Atom{int64_t{i % 2}}).ok()); break;
      case 4: scene.engine.transport(true, 100.0, i, 4); break;
      case 5: scene.engine.load(); break;
    }
    while (scene.engine.poll()) {
    }
    audio.pass(hops(1) + 500);
  }
  audio.finish();
  CHECK(trap::caught_any() == 0);
}

TEST_CASE("process is clean while streams retire faster than anyone frees them") {
  Scene scene;
  scene.load();
  TrappedAudio audio(scene.engine, 64);
  for (int i = 0; i < 12; ++i) {
    scene.engine.reset();
    audio.pass(2000);
  }
  audio.finish();
  CHECK(trap::caught_any() == 0);
}

TEST_CASE("process is clean while a result for an old stream comes, and while the backend hangs") {
  Scene scene;
  scene.script->act(3, Act::hang);
  scene.load();
  TrappedAudio audio(scene.engine, 64);
  audio.pass(hops(8));
  scene.engine.reset();
  audio.pass(hops(2));
  scene.script->release();
  audio.pass(hops(8));
  audio.finish();
  CHECK(trap::caught_any() == 0);
}
