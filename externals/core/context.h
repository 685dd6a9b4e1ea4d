#pragma once
// Context is what the model is shown: a window that slides over the music heard, one hop at a time.
// Worker thread. Before the start of the stream, and where the ring has already forgotten, it holds
// silence; every sample stays at its right place in time.

#include <cstdint>
#include <span>
#include <vector>

#include "core/grid.h"
#include "core/spsc_ring.h"

namespace sideman {

class Context {
 public:
  Context(const Grid& grid, int channels);

  // Slides over the next hop of the ring. The hop must be complete.
  void advance(const SpscRing& ring);
  // [window_samples * channels], interleaved; ends with the last hop.
  std::span<const float> window() const;
  int64_t hops() const { return hops_; }

 private:
  const Grid grid_;
  const size_t window_;
  const size_t hop_;
  std::vector<float> memory_;  // two windows long, so that most hops move nothing
  size_t end_;
  int64_t hops_ = 0;
};

}  // namespace sideman
