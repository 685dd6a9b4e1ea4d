#include "core/warm_up.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "core/elapsed.h"
#include "core/plan.h"

namespace sideman {
namespace {

using Clocked = std::chrono::steady_clock;

constexpr int64_t most_hops = 9;
constexpr size_t least_counted = 3;
constexpr double enough_ms = 1000.0;
// Whoever is quicker has more to spare in any lead than a pause could cost him.
constexpr double quick_ms = 5.0;
constexpr double longest_pause_ms = 150.0;

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

Status answer_silence(Backend& backend, const StreamPlan& plan, const Controls& controls,
                      int64_t hop) {
  const Grid& grid = plan.grid;
  const std::vector<float> silence(static_cast<size_t>(grid.window_samples() * heard_channels),
                                   0.0f);
  std::vector<float> audio(plan.parts.size() * static_cast<size_t>(grid.hop_samples()));
  const HopRequest request{.hop_id = hop,
                           .grid = grid,
                           .channels = heard_channels,
                           .window = silence,
                           .slot = grid.slot(hop),
                           .controls = controls};
  HopResult result{.audio = audio, .parts = static_cast<int32_t>(plan.parts.size())};
  return backend.generate(request, result);
}

// Caches and clock rates are lost to others between two hops of live music; this long does it.
void pause_as_live(double thought_ms, double hop_ms, const std::atomic<bool>& stopping) {
  if (thought_ms < quick_ms) return;
  const double pause_ms = std::min(hop_ms - thought_ms, longest_pause_ms);
  const auto begin = Clocked::now();
  while (!stopping && ms_since(begin) < pause_ms) {
    std::this_thread::sleep_for(std::chrono::duration<double, std::milli>(poll_ms));
  }
}

}  // namespace

Status try_out(Backend& backend, const StreamPlan& plan, const Controls& controls,
               const std::atomic<bool>& stopping) {
  if (Status status = backend.reset(plan); !status.ok()) return status;
  if (stopping) return Status::cancelled();
  return answer_silence(backend, plan, controls, 0);
}

Status warm_up(Backend& backend, const StreamPlan& plan, const Controls& controls,
               const std::atomic<bool>& stopping, Speed& speed) {
  const Grid& grid = plan.grid;
  const double hop_ms = 1000.0 * static_cast<double>(grid.hop_samples()) / grid.sample_rate;
  const auto begin = Clocked::now();
  for (int64_t hop = 1; hop < most_hops; ++hop) {
    if (hop > 1) pause_as_live(speed.thought_ms.back(), hop_ms, stopping);
    if (stopping) return Status::cancelled();
    const auto asked = Clocked::now();
    if (Status status = answer_silence(backend, plan, controls, hop); !status.ok()) return status;
    speed.thought_ms.push_back(ms_since(asked));
    if (speed.thought_ms.size() >= least_counted && ms_since(begin) > enough_ms) break;
  }
  speed.realtime_factor = median(speed.thought_ms) / hop_ms;
  return {};
}

}  // namespace sideman
