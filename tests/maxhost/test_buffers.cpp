#include <doctest/doctest.h>

#include <cmath>

#include "buffers.h"
#include "kernel.h"

using namespace maxhost;
using namespace std::chrono_literals;

namespace {

Signal noise(size_t samples) {
  Signal made(samples);
  unsigned seed = 7;
  for (double& sample : made) {
    seed = seed * 1664525u + 1013904223u;
    // As a 32-bit buffer~ holds it.
    sample = static_cast<float>(seed >> 8) / 16777216.0f - 0.5f;
  }
  return made;
}

std::vector<float> channel(const BufferView& view, long which) {
  std::vector<float> found;
  for (long i = 0; i < view.frames; ++i) {
    found.push_back(view.samples[static_cast<size_t>(i * view.channels + which)]);
  }
  return found;
}

bool printed(const Kernel& kernel, const std::string& part) {
  for (const ConsoleLine& line : kernel.console()) {
    if (line.text.find(part) != std::string::npos) return true;
  }
  return false;
}

struct Patch {
  Kernel kernel;
  t_object* x;

  Patch() {
    defer_resizing(0);
    kernel.dsp_on(44100, 64);
    x = kernel.create("mini @backend echo @hop 1 @lead 1 @parts bass drums");
    REQUIRE(kernel.serve_until([&] { return kernel.said(x, "status ready"); }, 20s));
  }
  bool wait(const char* message) {
    return kernel.serve_until(
        [&] {
          for (const std::string& line : kernel.messages(x)) {
            if (line.rfind(message, 0) == 0) return true;
          }
          return false;
        },
        20s);
  }
};

}  // namespace

TEST_CASE("record fills a buffer~ with the music and every part, as wide and as long as it takes") {
  Patch patch;
  put_buffer("take", {});
  patch.kernel.send(patch.x, "record take 0.5");
  const Signal music = noise(44100);
  const auto played = patch.kernel.play(patch.x, music, {64});
  REQUIRE(patch.wait("record done take"));
  const BufferView take = buffer("take");
  CHECK(take.frames == 22050);
  REQUIRE(take.channels == 3);
  CHECK(take.dirty == 1);
  CHECK(take.locked == 0);
  CHECK(buffer_references() == 0);
  const std::vector<float> heard = channel(take, 0), bass = channel(take, 1);
  for (size_t i = 0; i < heard.size(); ++i) {
    REQUIRE(heard[i] == static_cast<float>(music[i]));
    REQUIRE(bass[i] == static_cast<float>(played[0][i]));
  }
}

TEST_CASE("render fills a buffer~ with the parts of a whole buffer~, at its rate") {
  Patch patch;
  const Signal music = noise(48000);
  put_buffer("song", {std::vector<float>(music.begin(), music.end()), 48000, 1, 48000.0});
  // Of the right size already, but at another rate.
  put_buffer("parts", {std::vector<float>(96000), 48000, 2, 44100.0});
  patch.kernel.send(patch.x, "render song parts");
  REQUIRE(patch.wait("render done parts"));
  const BufferView parts = buffer("parts");
  CHECK(parts.frames == 48000);
  CHECK(parts.channels == 2);
  CHECK(parts.rate == 48000.0);
  double power = 0.0;
  for (const float sample : parts.samples) power += sample * sample;
  CHECK(power / parts.samples.size() > 0.01);
  CHECK(buffer("song").locked == 0);
  CHECK(patch.kernel.trespasses() == 0);
}

TEST_CASE("a buffer~ that resizes itself a moment later is waited for") {
  Patch patch;
  put_buffer("take", {});
  defer_resizing(5);
  patch.kernel.send(patch.x, "record take 0.1");
  patch.kernel.play(patch.x, noise(8820), {64});
  REQUIRE(patch.wait("record done take"));
  CHECK(buffer("take").frames == 4410);
  defer_resizing(0);
}

TEST_CASE("a name without a buffer~ is refused in one line") {
  Patch patch;
  patch.kernel.send(patch.x, "record nowhere 1");
  patch.kernel.send(patch.x, "render nowhere nowhere");
  CHECK(printed(patch.kernel, "no buffer~ is called nowhere"));
  put_buffer("one", {});
  patch.kernel.send(patch.x, "record one one 1");
  CHECK(printed(patch.kernel, "one buffer~ holds everything"));
  CHECK(buffer_references() == 0);
}
