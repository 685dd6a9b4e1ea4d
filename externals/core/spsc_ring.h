#pragma once
// SpscRing is the memory of what was heard: whole multichannel instants, each known by its position
// since the start of the stream. One writer (audio), one reader (worker). The writer never waits and
// never fails: it overwrites the oldest instants. A reader that comes too late is told so and finds
// the newer instants still at their right positions; nothing can shift. Allocates when made only.

#include <atomic>
#include <bit>
#include <cstdint>
#include <span>
#include <vector>

#include "core/realtime.h"

namespace sideman {

class SpscRing {
 public:
  SpscRing(int channels, int64_t least_instants)
      : channels_(channels),
        instants_(static_cast<int64_t>(std::bit_ceil(static_cast<uint64_t>(least_instants)))),
        samples_(static_cast<size_t>(instants_ * channels)) {}

  int channels() const SIDEMAN_REALTIME { return channels_; }
  int64_t capacity() const SIDEMAN_REALTIME { return instants_; }

  // Writer: appends interleaved instants.
  void write(const float* interleaved, int64_t instants) SIDEMAN_REALTIME {
    const int64_t begin = written_.load(std::memory_order_relaxed);
    // Claimed before the first sample changes: a reader that sees a new sample also sees the claim.
    claimed_.store(begin + instants, std::memory_order_relaxed);
    for (int64_t i = 0; i < instants; ++i) {
      for (int c = 0; c < channels_; ++c) {
        place(begin + i, c).store(interleaved[i * channels_ + c], std::memory_order_release);
      }
    }
    written_.store(begin + instants, std::memory_order_release);
  }

  // How many instants were written since the start: the position of the next one.
  int64_t written() const SIDEMAN_REALTIME { return written_.load(std::memory_order_acquire); }

  // Reader: copies the instants from `position` on; false when they are not yet, or no longer, here.
  bool read(int64_t position, std::span<float> interleaved) const noexcept {
    const auto instants = static_cast<int64_t>(interleaved.size()) / channels_;
    if (position < 0 || position + instants > written()) return false;
    for (int64_t i = 0; i < instants; ++i) {
      for (int c = 0; c < channels_; ++c) {
        interleaved[static_cast<size_t>(i * channels_ + c)] =
            place(position + i, c).load(std::memory_order_acquire);
      }
    }
    return position >= claimed_.load(std::memory_order_relaxed) - instants_;
  }

 private:
  std::atomic<float>& place(int64_t position, int channel) SIDEMAN_REALTIME {
    return samples_[static_cast<size_t>((position & (instants_ - 1)) * channels_ + channel)];
  }
  const std::atomic<float>& place(int64_t position, int channel) const SIDEMAN_REALTIME {
    return samples_[static_cast<size_t>((position & (instants_ - 1)) * channels_ + channel)];
  }

  const int channels_;
  const int64_t instants_;  // a power of two
  std::vector<std::atomic<float>> samples_;
  std::atomic<int64_t> claimed_{0};
  std::atomic<int64_t> written_{0};
};

}  // namespace sideman
