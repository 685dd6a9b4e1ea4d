#include "core/stream.h"

#include <cmath>

namespace sideman {
namespace {

int samples_of(double ms, int32_t rate) {
  return std::max(1, static_cast<int>(std::lround(ms * rate / 1000.0)));
}

// Long enough to give a worker that was stuck for four seconds every hop in order, and to fill the
// window again after a longer absence.
int64_t ring_instants(const Grid& grid) {
  return grid.window_samples() + 4 * grid.hop_samples() + 4 * int64_t{grid.sample_rate};
}

}  // namespace

Stream::Stream(const StreamPlan& plan, int32_t host_rate, double fade_ms, Stats& stats)
    : plan_(plan),
      host_rate_(host_rate),
      fade_samples_(samples_of(fade_ms, plan.grid.sample_rate)),
      curve_(samples_of(fade_ms, host_rate)),
      ring_(heard_channels, ring_instants(plan.grid)),
      listener_(host_rate, plan.grid.sample_rate, chunk_samples, ring_),
      player_(plan.grid, static_cast<int>(plan.parts.size()), fade_samples_, stats),
      speaker_(host_rate, plan.grid.sample_rate, static_cast<int>(plan.parts.size()),
               chunk_samples) {}

int64_t Stream::latency_samples() const {
  const int64_t rate = grid().sample_rate;
  return (grid().reaction_samples() * host_rate_ + rate / 2) / rate + speaker_.delay();
}

double Stream::seconds_at(int64_t sample) const {
  return heard_at(sample) + static_cast<double>(speaker_.delay()) / host_rate_;
}

double Stream::heard_at(int64_t sample) const {
  return started_.load(std::memory_order_acquire) +
         static_cast<double>(sample) / grid().sample_rate;
}

void Stream::start(double seconds, bool audible) SIDEMAN_REALTIME {
  started_.store(seconds, std::memory_order_release);
  level_ = audible ? curve_.length() : 0;
}

void Stream::render(const float* const* in, float* const* out, int samples,
                    PlayControls controls) SIDEMAN_REALTIME {
  listener_.hear(in, samples);
  speaker_.speak(player_, out, samples, controls.hold);
  shape(out, samples, controls.audible);
}

void Stream::shape(float* const* out, int samples, bool audible) SIDEMAN_REALTIME {
  const int target = audible ? curve_.length() : 0;
  if (level_ == target && audible) return;
  const size_t parts = plan_.parts.size();
  for (int i = 0; i < samples; ++i) {
    level_ = step_towards(level_, target);
    const float gain = curve_.gain(level_);
    for (size_t part = 0; part < parts; ++part) out[part][i] *= gain;
  }
}

}  // namespace sideman
