#include "core/context.h"

#include <algorithm>

namespace sideman {

Context::Context(const Grid& grid, int channels)
    : grid_(grid),
      window_(static_cast<size_t>(grid.window_samples() * channels)),
      hop_(static_cast<size_t>(grid.hop_samples() * channels)),
      memory_(2 * window_, 0.0f),
      end_(window_) {}

void Context::advance(const SpscRing& ring) {
  if (end_ + hop_ > memory_.size()) {
    std::copy(memory_.begin() + static_cast<ptrdiff_t>(end_ - window_),
              memory_.begin() + static_cast<ptrdiff_t>(end_), memory_.begin());
    end_ = window_;
  }
  const std::span<float> next(memory_.data() + end_, hop_);
  if (!ring.read(grid_.heard(hops_).begin, next)) std::fill(next.begin(), next.end(), 0.0f);
  end_ += hop_;
  ++hops_;
}

std::span<const float> Context::window() const {
  return {memory_.data() + end_ - window_, window_};
}

}  // namespace sideman
