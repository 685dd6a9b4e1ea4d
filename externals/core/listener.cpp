#include "core/listener.h"

namespace sideman {

Listener::Listener(int32_t host_rate, int32_t model_rate, int most_samples, SpscRing& ring)
    : ring_(ring),
      resampler_(host_rate, model_rate),
      scratch_(static_cast<size_t>(resampler_.most_made(most_samples))) {}

void Listener::hear(const float* in, int samples) SIDEMAN_REALTIME {
  if (resampler_.bypass()) {
    ring_.write(in, samples);
    return;
  }
  ring_.write(scratch_.data(), resampler_.process(in, samples, scratch_.data()));
}

}  // namespace sideman
