#pragma once
// Listener is the ear: it brings what the host plays, channel by channel, to the model's rate and
// writes it into the ring as whole instants. Audio thread, except for making it. Owns its resamplers and scratch memory;
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

  // in: one vector per channel of the ring.
  void hear(const float* const* in, int samples) SIDEMAN_REALTIME;

 private:
  SpscRing& ring_;
  const size_t channels_;
  std::vector<Resampler> resamplers_;  // one per channel, so all make the same number
  std::vector<float> channel_;         // one channel at the model's rate
  std::vector<float> instants_;        // all of them, interleaved
};

}  // namespace sideman
