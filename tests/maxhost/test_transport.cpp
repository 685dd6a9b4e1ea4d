#include <doctest/doctest.h>

#include <cmath>

#include "kernel.h"
#include "scripted_backends.h"

using namespace maxhost;
using namespace std::chrono_literals;

namespace {

bool knows_tempo(double bpm, int beats_per_bar) {
  for (const sideman::Clock& clock : diary()) {
    if (clock.known && std::abs(clock.bpm - bpm) < 1e-9 && clock.beats_per_bar == beats_per_bar) {
      return true;
    }
  }
  return false;
}

}  // namespace

TEST_CASE("a running transport reaches the model as tempo, beat and bar; a stopped one does not") {
  Kernel kernel;
  kernel.dsp_on(44100, 64);
  t_object* x = kernel.create("diary @backend echo @hop 1 @lead 2");
  kernel.free_run(64, 1.0);
  REQUIRE(kernel.serve_until([&] { return kernel.said(x, "status ready"); }, 20s));
  clear_diary();
  kernel.serve_until([] { return diary().size() > 2; }, 10s);
  for (const sideman::Clock& clock : diary()) {
    CHECK_FALSE(clock.known);
  }
  kernel.set_transport({true, 90.0, 480.0, 6, 8});
  CHECK(kernel.serve_until([] { return knows_tempo(180.0, 6); }, 10s));
  kernel.set_transport({false, 90.0, 480.0, 6, 8});
  kernel.serve(200ms);
  clear_diary();
  CHECK(kernel.serve_until([] { return diary().size() > 4; }, 10s));
  CHECK_FALSE(diary().back().known);
  kernel.halt();
  kernel.destroy(x);
}

TEST_CASE("tempo and beat by hand reach the model, also from the audio thread") {
  Kernel kernel;
  kernel.dsp_on(44100, 64);
  t_object* x = kernel.create("diary @backend echo @hop 1 @lead 2");
  kernel.free_run(64, 1.0);
  REQUIRE(kernel.serve_until([&] { return kernel.said(x, "status ready"); }, 20s));
  kernel.send_from_audio(x, "meter 3");
  kernel.send_from_audio(x, "tempo 100");
  kernel.send_from_audio(x, "beat 1");
  CHECK(kernel.serve_until([] { return knows_tempo(100.0, 3); }, 10s));
  kernel.halt();
  kernel.destroy(x);
}
