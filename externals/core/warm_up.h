#pragma once
// Measures a fresh backend: it answers silence until its speed is known. Worker thread.

#include <atomic>
#include <vector>

#include "core/backend.h"

namespace sideman {

struct Speed {
  std::vector<double> thought_ms;  // one entry per counted hop
  double realtime_factor = 0.0;    // median of these / duration of a hop
};

// Resets and asks some hops of `backend`; ends early, as cancelled, when `stopping` is set. Lets
// what the backend throws through.
Status warm_up(Backend& backend, const StreamPlan& plan, const std::atomic<bool>& stopping,
               Speed& speed);

}  // namespace sideman
