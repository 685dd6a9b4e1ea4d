#include "core/listener.h"

namespace sideman {

Listener::Listener(int32_t host_rate, int32_t model_rate, int most_samples, SpscRing& ring)
    : ring_(ring), channels_(static_cast<size_t>(ring.channels())) {
  for (size_t c = 0; c < channels_; ++c) resamplers_.emplace_back(host_rate, model_rate);
  const auto most_made = static_cast<size_t>(resamplers_[0].most_made(most_samples));
  channel_.resize(most_made);
  instants_.resize(most_made * channels_);
}

void Listener::hear(const float* const* in, int samples) SIDEMAN_REALTIME {
  int made = 0;
  for (size_t c = 0; c < channels_; ++c) {
    made = resamplers_[c].process(in[c], samples, channel_.data());
    for (size_t i = 0; i < static_cast<size_t>(made); ++i) {
      instants_[i * channels_ + c] = channel_[i];
    }
  }
  ring_.write(instants_.data(), made);
}

}  // namespace sideman
