#include <doctest/doctest.h>

#include <atomic>
#include <cstdlib>
#include <optional>
#include <thread>

#include "buffers.h"
#include "kernel.h"
#include "max/mailbox.h"
#include "realtime/trap.h"
#include "scripted_backends.h"

using namespace maxhost;
using namespace sideman;
using namespace std::chrono_literals;

namespace {

thread_local std::optional<trap::Armed> armed;
std::atomic<int64_t> vectors_watched{0};

void arm() {
  vectors_watched.fetch_add(1);
  armed.emplace();
}

void arm_and_offend() {
  arm();
  void* volatile kept = std::malloc(64);
  std::free(kept);
}

void disarm() { armed.reset(); }

// While it lives, the trap is armed around every perform64.
struct Watch {
  explicit Watch(void (*before)() = arm) {
    trap::clear();
    vectors_watched = 0;
    guard_perform({before, disarm});
  }
  ~Watch() { guard_perform({}); }
};

}  // namespace

TEST_CASE("the trap around perform64 catches what is planted there") {
  Kernel kernel;
  Watch watch(arm_and_offend);
  kernel.dsp_on(44100, 64);
  t_object* x = kernel.create("mini @backend echo @hop 1 @lead 2");
  kernel.free_run(64, 2.0);
  kernel.serve(50ms);
  kernel.halt();
  CHECK(vectors_watched > 0);
  CHECK(trap::caught(trap::Kind::allocation) >= vectors_watched);
  kernel.destroy(x);
  trap::clear();
}

TEST_CASE("a message in the audio interrupt does nothing forbidden, into a full box either") {
  t_atom atoms[2] = {};
  t_symbol seed{};
  Mailbox box;
  trap::clear();
  int posted = 0;
  std::thread audio([&] {
    const trap::Armed watched;
    for (int i = 0; i < 100; ++i) posted += box.post(&seed, 2, atoms);
    posted += box.post(&seed, Letter::most_atoms + 1, atoms);
  });
  audio.join();
  CHECK(posted == 100);
  CHECK(box.take_lost() == 36);
  int taken = 0;
  while (box.take()) ++taken;
  CHECK(taken == 65);  // the last one waited outside
  CHECK(trap::caught_any() == 0);
}

TEST_CASE("perform64 does nothing forbidden while everything around it changes") {
  Kernel kernel;
  Watch watch;
  kernel.dsp_on(44100, 64);
  t_object* x = kernel.create("mini @backend echo @hop 1 @lead 2 @parts bass drums");
  kernel.free_run(64, 2.0);
  REQUIRE(kernel.serve_until([&] { return kernel.said(x, "status ready"); }, 20s));
  const std::vector<std::pair<double, long>> formats = {
      {48000, 256}, {44100, 1}, {96000, 1024}, {44100, 4096}, {88200, 63}};
  for (const auto& [rate, vector] : formats) {
    kernel.free_run(vector, 2.0);
    kernel.dsp_on(rate, vector);
    for (const char* message : {"hop 2", "info", "reset", "hop 1", "mute 1", "mute 0",
                                "fallback hold", "delay 20", "load", "delay 0"}) {
      kernel.send(x, message);
      kernel.serve(15ms);
    }
  }
  kernel.quit();
  kernel.serve(20ms);
  kernel.halt();
  CHECK(trap::caught_any() == 0);
  CHECK(vectors_watched > 0);
  kernel.destroy(x);
}

TEST_CASE("perform64 does nothing forbidden while the number of parts changes") {
  Kernel kernel;
  Watch watch;
  kernel.dsp_on(44100, 64);
  t_object* x = kernel.create("mini @backend echo @hop 1 @lead 2 @mc 1 @parts a");
  kernel.free_run(64, 2.0);
  REQUIRE(kernel.serve_until([&] { return kernel.said(x, "status ready"); }, 20s));
  const std::vector<std::pair<const char*, int>> steps = {
      {"a b", 2}, {"a b c d e f g h", 8}, {"b c d e", 4}, {"a", 1}};
  for (const auto& [parts, count] : steps) {
    kernel.send(x, std::string("parts ") + parts);
    CHECK(kernel.serve_until([&] { return kernel.channels(x) == count; }, 10s));
    kernel.serve(50ms);
  }
  kernel.halt();
  CHECK(trap::caught_any() == 0);
  CHECK(vectors_watched > 0);
  kernel.destroy(x);
}

TEST_CASE("perform64 does nothing forbidden while the model is late or stuck") {
  Kernel kernel;
  Watch watch;
  kernel.dsp_on(44100, 64);
  t_object* late = kernel.create("mini @backend echo @hop 1 @lead 1 @delay 80");
  t_object* stuck = kernel.create("stubborn @backend echo @hop 1 @lead 1");
  kernel.free_run(64, 1.0);
  kernel.serve(1500ms);
  kernel.destroy(late);
  kernel.destroy(stuck);
  kernel.halt();
  CHECK(trap::caught_any() == 0);
  CHECK(vectors_watched > 0);
}

TEST_CASE("perform64 does nothing forbidden while it is recorded and a sound is rendered beside it") {
  Kernel kernel;
  put_buffer("take", {});
  put_buffer("parts", {});
  put_buffer("song", {std::vector<float>(4 * 44100, 0.1f), 4 * 44100, 1, 44100.0});
  Watch watch;
  kernel.dsp_on(44100, 64);
  t_object* x = kernel.create("mini @backend echo @hop 1 @lead 2 @parts bass drums");
  kernel.dsp_on(44100, 64);
  kernel.free_run(64, 2.0);
  REQUIRE(kernel.serve_until([&] { return kernel.said(x, "status ready"); }, 20s));
  for (const char* message : {"record take 0.2", "render song parts", "info", "record", "reset",
                              "record take 0.5", "render", "record"}) {
    kernel.send(x, message);
    kernel.serve(60ms);
  }
  kernel.halt();
  CHECK(buffer("take").frames > 0);
  CHECK(trap::caught_any() == 0);
  CHECK(vectors_watched > 0);
  kernel.destroy(x);
}
