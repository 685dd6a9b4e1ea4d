#pragma once
// FadeCurve is a quarter sine in whole steps: level 0 is silence, level `length` is exactly 1, and
// the squares of gain(k) and gain(length - k) add up to 1 (equal power). Made on control or worker
// threads, read by the audio thread.

#include <cmath>
#include <numbers>
#include <vector>

#include "core/realtime.h"

namespace sideman {

class FadeCurve {
 public:
  explicit FadeCurve(int length) : gains_(static_cast<size_t>(length < 1 ? 2 : length + 1)) {
    for (size_t k = 0; k < gains_.size(); ++k) {
      const double phase = static_cast<double>(k) / static_cast<double>(gains_.size() - 1);
      gains_[k] = static_cast<float>(std::sin(phase * std::numbers::pi / 2));
    }
    gains_.back() = 1.0f;
  }

  int length() const SIDEMAN_REALTIME { return static_cast<int>(gains_.size()) - 1; }
  float gain(int level) const SIDEMAN_REALTIME { return gains_[static_cast<size_t>(level)]; }

 private:
  std::vector<float> gains_;
};

// One step from `level` towards `target`.
inline int step_towards(int level, int target) SIDEMAN_REALTIME {
  return level + (target > level) - (target < level);
}

}  // namespace sideman
