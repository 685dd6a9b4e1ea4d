#pragma once
// Listener is the ear: it brings what the host plays to the model's rate and writes it into the ring
// as whole instants. Audio thread, except for making it. Owns its resampler and its scratch memory;
// the ring belongs to the stream.

#include <cstdint>
#include <vector>

#include "core/realtime.h"
#include "core/resampler.h"
#include "core/spsc_ring.h"

namespace sideman {

class Listener {
 public:
  Listener(int32_t host_rate, int32_t model_rate, int most_samples, SpscRing& ring);

  void hear(const float* in, int samples) SIDEMAN_REALTIME;

 private:
  SpscRing& ring_;
  Resampler resampler_;
  std::vector<float> scratch_;
};

}  // namespace sideman
