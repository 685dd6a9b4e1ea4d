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

// controls: as it will play, since steps and the like make the time that it takes.
//
// Resets `backend` and asks its first hop, which pays for caches and compilation: whether it plays at
// all. Both end early, as cancelled, when `stopping` is set, and let what the backend throws through.
Status try_out(Backend& backend, const StreamPlan& plan, const Controls& controls,
               const std::atomic<bool>& stopping);

// Asks some hops more, at the pace of live music, and how long each takes: about a second.
Status warm_up(Backend& backend, const StreamPlan& plan, const Controls& controls,
               const std::atomic<bool>& stopping, Speed& speed);

}  // namespace sideman
