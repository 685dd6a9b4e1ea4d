#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <random>
#include <vector>

#include "backends/osc/bodies.h"
#include "backends/osc/pairs.h"

using namespace sideman;
using namespace sideman::osc;

namespace {

const Grid grid{.frame_samples = 16, .hop_frames = 2, .lead_frames = 1, .window_frames = 4};

HopRequest request_of(std::span<const float> window, int channels) {
  return {.hop_id = 3, .grid = grid, .channels = channels, .window = window,
          .slot = grid.slot(3), .controls = {}};
}

}  // namespace

TEST_CASE("every half comes back as itself, and every float goes to its nearest half") {
  for (uint32_t half = 0; half < 0x10000; ++half) {
    const float value = from_half(static_cast<uint16_t>(half));
    if (std::isnan(value)) {
      CHECK(std::isnan(from_half(to_half(value))));
    } else {
      CHECK(to_half(value) == half);
    }
  }
  std::mt19937 chance(1);
  for (int i = 0; i < 200000; ++i) {
    const float value = std::bit_cast<float>(static_cast<uint32_t>(chance()));
    if (!std::isfinite(value) || std::abs(value) >= 65504.0f) continue;
    const uint16_t half = to_half(value);
    const double off = std::abs(static_cast<double>(from_half(half)) - value);
    for (const int step : {-1, 1}) {
      const float other = from_half(static_cast<uint16_t>(half + step));
      if (std::isnan(other) || std::signbit(other) != std::signbit(value)) continue;
      CHECK(off <= std::abs(static_cast<double>(other) - value));
    }
  }
  CHECK(std::isinf(from_half(to_half(70000.0f))));
}

TEST_CASE("the newest hop goes out, with the sketch where one sounds") {
  std::vector<float> window(static_cast<size_t>(2 * grid.window_samples()));
  for (size_t i = 0; i < window.size(); i += 2) window[i] = static_cast<float>(i) / 1000.0f;
  const auto plain = write_heard(request_of(window, 2), SampleFormat::float32, 1.5);
  auto told = Pairs::of(plain, "/sideman/heard");
  REQUIRE(told);
  CHECK(told->integer("rows") == 1);
  CHECK(told->real("due") == 1.5);
  CHECK(told->integer("steps") == -1);
  CHECK(told->blob("audio").size() == static_cast<size_t>(4 * grid.hop_samples()));
  CHECK(told->text("bpm").empty());
  window.back() = 0.25f;
  const auto body = write_heard(request_of(window, 2), SampleFormat::int16, 1.5);
  told = Pairs::of(body, "/sideman/heard");
  CHECK(told->integer("rows") == 2);
  CHECK(told->text("format") == "int16");
  CHECK(told->blob("audio").size() == static_cast<size_t>(2 * 2 * grid.hop_samples()));
}

TEST_CASE("an answer fills the result; what is none, or another's, says so and fills nothing") {
  std::vector<float> audio(static_cast<size_t>(grid.hop_samples()), 9.0f);
  HopResult result{.audio = audio};
  const std::vector<uint8_t> halves(2 * audio.size(), 0x38);
  const auto good = PairWriter("/sideman/played")
                        .add("format", std::string_view("float16"))
                        .add("rows", int64_t{1})
                        .add("audio", Bytes(halves))
                        .add("continues", int64_t{0})
                        .add("bpm", 96.0)
                        .add("beat", 2.5)
                        .add("beats_per_bar", int64_t{3})
                        .add("confidence", 0.75)
                        .done();
  for (const auto& bad :
       {std::vector<uint8_t>{}, std::vector<uint8_t>(good.begin(), good.end() - 4),
        PairWriter("/sideman/played").add("rows", int64_t{1}).done(),
        PairWriter("/sideman/heard").done()}) {
    CHECK_FALSE(read_played(bad, result).ok());
    CHECK(audio[0] == 9.0f);
  }
  CHECK(read_played(good, result).ok());
  CHECK(audio[5] == from_half(0x3838));
  CHECK_FALSE(result.continuous);
  CHECK(result.heard.clock.known);
  CHECK(result.heard.clock.bpm == 96.0);
  CHECK(result.heard.clock.beats_per_bar == 3);
  CHECK(result.heard.confidence == 0.75);
}

TEST_CASE("tags and the clock go along") {
  const std::vector<float> window(static_cast<size_t>(grid.window_samples()));
  HopRequest request = request_of(window, 1);
  request.controls.tags = {{"bright", 0.5}, {"a free word", 1.0}};
  request.controls.clock = {.known = true, .bpm = 98.5, .beat = -1.25, .beats_per_bar = 3};
  request.controls.mode = "delay";
  const auto body = write_heard(request, SampleFormat::float32, 0.0);
  const auto told = Pairs::of(body, "/sideman/heard");
  CHECK(told->text("tags") == "0.5 bright\n1 a free word");
  CHECK(told->real("bpm") == 98.5);
  CHECK(told->real("beat") == -1.25);
  CHECK(told->integer("beats_per_bar") == 3);
  CHECK(told->text("mode") == "delay");
}
