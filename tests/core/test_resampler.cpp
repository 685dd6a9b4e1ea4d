#include <doctest/doctest.h>

#include <algorithm>

#include "core/resampler.h"
#include "core/speaker.h"
#include "support/signals.h"

using namespace sideman;
using namespace sideman::test;

namespace {

constexpr int32_t rates[] = {22050, 44100, 48000, 88200, 96000, 192000};

std::vector<float> convert(const std::vector<float>& in, int32_t from, int32_t to, int vector) {
  Resampler resampler(from, to);
  std::vector<float> out, made(static_cast<size_t>(resampler.most_made(vector)));
  for (size_t done = 0; done < in.size();) {
    const auto count = std::min<size_t>(static_cast<size_t>(vector), in.size() - done);
    const int samples = resampler.process(in.data() + done, static_cast<int>(count), made.data());
    REQUIRE(samples <= static_cast<int>(made.size()));
    out.insert(out.end(), made.begin(), made.begin() + samples);
    done += count;
  }
  return out;
}

// The largest error in dB below the music's own level.
double error_db(const std::vector<float>& out, int32_t rate, size_t from) {
  double error = 0.0, power = 0.0;
  for (size_t k = from; k < out.size(); ++k) {
    const double right = music_at(static_cast<double>(k) / rate);
    error += (out[k] - right) * (out[k] - right);
    power += right * right;
  }
  return 10.0 * std::log10(error / power);
}

}  // namespace

TEST_CASE("equal rates are a copy") {
  const auto in = noise(1000, 1);
  CHECK(convert(in, 44100, 44100, 64) == in);
  CHECK(Resampler(44100, 44100).most_owed() == 0);
}

TEST_CASE("output k lies at input time k * from / to, within -80 dB") {
  for (const auto& [from, to] : {std::pair{48000, 44100}, {44100, 48000}, {88200, 44100},
                                {44100, 88200}, {96000, 44100}, {44100, 96000}}) {
    CAPTURE(from);
    CAPTURE(to);
    const auto out = convert(music(from, from), from, to, 256);
    CHECK(error_db(out, to, 1000) < -80.0);
  }
}

TEST_CASE("the cut into vectors changes nothing, and the debt stays below its bound") {
  for (const int32_t from : rates) {
    for (const int32_t to : rates) {
      if (from == to) continue;
      CAPTURE(from);
      CAPTURE(to);
      const auto in = noise(12000, 2);
      const auto whole = convert(in, from, to, 256);
      for (const int vector : {1, 63, 200}) CHECK(convert(in, from, to, vector) == whole);
      const int64_t due = static_cast<int64_t>(in.size()) * to / from;
      CHECK(due - static_cast<int64_t>(whole.size()) <= Resampler(from, to).most_owed());
    }
  }
}

TEST_CASE("the speaker's delay is the same whatever the vectors are") {
  const Grid grid{.frame_samples = 600, .hop_frames = 2, .lead_frames = 1, .window_frames = 8};
  for (const int32_t host : {22050, 48000, 88200, 96000, 192000}) {
    CAPTURE(host);
    std::vector<float> first;
    for (const int vector : {1, 17, 64, 256}) {
      Stats stats;
      Player player(grid, 1, 50, stats);
      Speaker speaker(host, grid.sample_rate, 1, 256);
      const auto audio = noise(grid.hop_samples(), 3);
      player.offer(grid.slot(0), true, audio);
      player.offer(grid.slot(1), true, audio);
      std::vector<float> out(static_cast<size_t>(20000 / vector * vector));
      for (size_t at = 0; at < out.size(); at += static_cast<size_t>(vector)) {
        float* place = out.data() + at;
        speaker.speak(player, &place, vector, false);
      }
      out.resize(19000);
      if (first.empty()) first = out;
      CHECK(out == first);
    }
    CHECK(*std::ranges::max_element(first) > 0.5f);
  }
}
