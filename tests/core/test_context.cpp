#include <doctest/doctest.h>

#include <algorithm>

#include "core/context.h"

using namespace sideman;

namespace {

const Grid small{.frame_samples = 4, .hop_frames = 2, .lead_frames = 1, .window_frames = 5};

void write_counting(SpscRing& ring, int64_t samples) {
  for (int64_t i = 0; i < samples; ++i) {
    const auto value = static_cast<float>(ring.written() + 1);
    ring.write(&value, 1);
  }
}

// The window of a stream whose sample at position i is i + 1, with silence before its start.
std::vector<float> expected(int64_t end) {
  std::vector<float> window;
  for (int64_t i = end - small.window_samples(); i < end; ++i) {
    window.push_back(i < 0 ? 0.0f : static_cast<float>(i + 1));
  }
  return window;
}

}  // namespace

TEST_CASE("the window slides hop by hop and begins in silence") {
  SpscRing ring(1, 64);
  Context context(small, 1);
  for (int64_t hop = 0; hop < 30; ++hop) {
    write_counting(ring, small.hop_samples());
    context.advance(ring);
    CHECK(context.hops() == hop + 1);
    CHECK(std::ranges::equal(context.window(), expected(small.hop_ready_at(hop))));
  }
}

TEST_CASE("what the ring has forgotten is silence, and the rest stays in its place") {
  SpscRing ring(1, 16);
  Context context(small, 1);
  write_counting(ring, 4 * small.hop_samples());  // 32: the first 16 are gone
  for (int hop = 0; hop < 4; ++hop) context.advance(ring);
  auto window = expected(32);
  for (size_t i = 0; i < 4; ++i) window[i] = 0.0f;  // positions 12..15
  CHECK(std::ranges::equal(context.window(), window));
}
