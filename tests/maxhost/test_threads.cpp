#include <doctest/doctest.h>

#include "kernel.h"
#include "scripted_backends.h"

using namespace maxhost;
using namespace std::chrono_literals;

namespace {

bool loud(const std::vector<Signal>& signals) {
  for (const Signal& signal : signals) {
    for (const double sample : signal) {
      if (sample != 0.0) {
        return true;
      }
    }
  }
  return false;
}

}  // namespace

TEST_CASE("a thousand objects are made and deleted with DSP on and their workers busy") {
  Kernel kernel;
  kernel.dsp_on(44100, 64);
  kernel.free_run(64, 4.0);
  for (int i = 0; i < 1000; ++i) {
    t_object* x = kernel.create("mini @backend echo @hop 1 @lead 1 @delay 20");
    if (i % 4 == 0) {
      kernel.serve(2ms);
    }
    if (i % 50 == 0) {
      kernel.serve_until([&] { return kernel.said(x, "status ready"); }, 2s);
    }
    kernel.destroy(x);
  }
  CHECK(kernel.vectors_played() > 0);
  CHECK(kernel.trespasses() == 0);
  kernel.halt();
}

TEST_CASE("DSP toggles, rates and vector sizes change while the model computes") {
  Kernel kernel;
  kernel.dsp_on(44100, 64);
  t_object* one = kernel.create("mini @backend echo @hop 1 @lead 2 @delay 5");
  t_object* two = kernel.create("mini @backend echo @hop 2 @lead 3 @parts bass drums");
  kernel.serve_until([&] { return kernel.said(one, "status ready"); }, 20s);
  const std::vector<std::pair<double, long>> formats = {
      {48000, 256}, {44100, 1}, {96000, 1024}, {88200, 63}, {44100, 64}};
  for (int round = 0; round < 3; ++round) {
    for (const auto& [rate, vector] : formats) {
      kernel.free_run(vector, 4.0);
      kernel.dsp_on(rate, vector);
      kernel.serve(40ms);
      kernel.send(two, "reset");
      kernel.send(one, round % 2 ? "hop 1" : "hop 2");
      kernel.dsp_off();
      kernel.serve(5ms);
    }
  }
  kernel.dsp_on(44100, 64);
  kernel.serve_until([&] { return kernel.said(two, "status ready"); }, 20s);
  kernel.halt();
  CHECK(kernel.trespasses() == 0);
  for (const ConsoleLine& line : kernel.console()) {
    CAPTURE(line.text);
    CHECK(line.kind != 'e');  // a slow machine may say that it is late
  }
  kernel.destroy(one);
  kernel.destroy(two);
}

TEST_CASE("the object lives with the scheduler in the audio interrupt") {
  Kernel kernel;
  kernel.scheduler_in_audio_interrupt(true);
  kernel.dsp_on(44100, 64);
  t_object* x = kernel.create("mini @backend echo @hop 1 @lead 2");
  kernel.free_run(64, 2.0);
  REQUIRE(kernel.serve_until([&] { return kernel.said(x, "status ready"); }, 20s));
  for (int i = 0; i < 50; ++i) {
    kernel.send_from_scheduler(x, "tempo " + std::to_string(100 + i));
    kernel.send_from_scheduler(x, i % 2 ? "guidance 1." : "info");
    kernel.serve(5ms);
  }
  CHECK(kernel.said(x, "info end"));
  CHECK(kernel.trespasses() == 0);
  kernel.halt();
  kernel.destroy(x);
}

TEST_CASE("an object whose model does not come back is deleted at once") {
  Kernel kernel;
  kernel.dsp_on(44100, 64);
  const int begun = stubborn_begun();
  t_object* x = kernel.create("stubborn @backend echo @hop 1 @lead 2");
  kernel.free_run(64, 1.0);
  REQUIRE(kernel.serve_until([=] { return stubborn_begun() > begun; }, 20s));
  const auto before = std::chrono::steady_clock::now();
  kernel.destroy(x);
  CHECK(std::chrono::steady_clock::now() - before < 1s);
  CHECK(stubborn_under_way() > 0);
  kernel.halt();
}

TEST_CASE("at quit the objects end though nobody frees them, and nothing sounds") {
  Kernel kernel;
  kernel.dsp_on(44100, 64);
  t_object* busy = kernel.create("mini @backend echo @hop 1 @lead 1 @delay 40");
  const int begun = stubborn_begun();
  t_object* stubborn = kernel.create("stubborn @backend echo @hop 1 @lead 2");
  kernel.free_run(64, 1.0);
  REQUIRE(kernel.serve_until([=] { return stubborn_begun() > begun; }, 20s));
  const auto before = std::chrono::steady_clock::now();
  kernel.quit();
  CHECK(std::chrono::steady_clock::now() - before < 2s);
  kernel.halt();
  CHECK_FALSE(loud(kernel.play(busy, Signal(44100, 0.5), {64}, {}, 4096)));
  kernel.destroy(busy);
  kernel.destroy(stubborn);
}
