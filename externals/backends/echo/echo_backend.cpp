#include "backends/echo/echo_backend.h"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace sideman {

Status EchoBackend::open(const OpenRequest&, ModelInfo& info) {
  info = {};
  info.name = "echo";
  info.backend = "echo";
  info.any_tag = true;
  info.hop_frames = {4, 1, 2, 3, 5, 6, 7, 8, 12, 16, 24, 32};
  return {};
}

Status EchoBackend::reset(const StreamPlan&) {
  next_hop_ = 0;
  return {};
}

Status EchoBackend::generate(const HopRequest& request, HopResult& result) {
  if (thinking_ms_ > 0.0) {
    std::unique_lock lock(mutex_);
    const std::chrono::duration<double, std::milli> thinking(thinking_ms_);
    if (cancelled_.wait_for(lock, thinking, [this] { return cancel_; })) return Status::cancelled();
  }
  const auto hop = static_cast<size_t>(request.grid.hop_samples());
  const auto channels = static_cast<size_t>(request.channels);
  const auto heard = request.window.last(hop * channels);
  for (size_t i = 0; i < hop; ++i) {
    const float x = heard[i * channels];
    result.audio[i] = std::isfinite(x) ? std::clamp(x, -loudest_sample, loudest_sample) : 0.0f;
  }
  for (size_t part = 1; part < static_cast<size_t>(result.parts); ++part) {
    std::copy_n(result.audio.begin(), hop, result.audio.begin() + static_cast<ptrdiff_t>(part * hop));
  }
  result.continuous = request.hop_id == next_hop_;
  next_hop_ = request.hop_id + 1;
  return {};
}

// Lasts: an engine cancels only when it is done with a backend.
void EchoBackend::cancel() noexcept {
  {
    const std::lock_guard lock(mutex_);
    cancel_ = true;
  }
  cancelled_.notify_all();
}

std::shared_ptr<Backend> make_echo_backend(double thinking_ms) {
  return std::make_shared<EchoBackend>(thinking_ms);
}

}  // namespace sideman
