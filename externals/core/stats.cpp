#include "core/stats.h"

#include <algorithm>

namespace sideman {
namespace {

constexpr double bin_ms = 0.25;
constexpr auto relaxed = std::memory_order_relaxed;

}  // namespace

void Stats::answered(double latency_ms, bool late) noexcept {
  const double place = std::clamp(latency_ms / bin_ms, 0.0, static_cast<double>(bins - 1));
  histogram_[static_cast<size_t>(place)].fetch_add(1, relaxed);
  latency_last_ms_.store(latency_ms, relaxed);
  hops_.fetch_add(1, relaxed);
  if (late) late_.fetch_add(1, relaxed);
  if (latency_ms > latency_max_ms_.load(relaxed)) latency_max_ms_.store(latency_ms, relaxed);
}

void Stats::failed() noexcept { failed_.fetch_add(1, relaxed); }

void Stats::missed() SIDEMAN_REALTIME { missed_.fetch_add(1, relaxed); }

void Stats::silent(int64_t samples) SIDEMAN_REALTIME { silent_samples_.fetch_add(samples, relaxed); }

StatsSnapshot Stats::snapshot() const {
  StatsSnapshot all;
  all.hops = hops_.load(relaxed);
  all.late = late_.load(relaxed);
  all.missed = missed_.load(relaxed);
  all.failed = failed_.load(relaxed);
  all.silent_samples = silent_samples_.load(relaxed);
  all.latency_max_ms = latency_max_ms_.load(relaxed);
  all.latency_last_ms = latency_last_ms_.load(relaxed);
  all.latency_p50_ms = quantile(0.50);
  all.latency_p95_ms = quantile(0.95);
  return all;
}

// The upper edge of the bin that holds the quantile; the overflow bin has no edge but the maximum.
double Stats::quantile(double share) const {
  int64_t count = 0;
  for (const auto& bin : histogram_) count += bin.load(relaxed);
  if (count == 0) return 0.0;
  const double wanted = share * static_cast<double>(count);
  const double longest = latency_max_ms_.load(relaxed);
  int64_t seen = 0;
  for (size_t i = 0; i + 1 < histogram_.size(); ++i) {
    seen += histogram_[i].load(relaxed);
    if (static_cast<double>(seen) >= wanted) {
      return std::min(static_cast<double>(i + 1) * bin_ms, longest);
    }
  }
  return longest;
}

void Stats::clear() noexcept {
  for (auto& bin : histogram_) bin.store(0, relaxed);
  for (auto* counter : {&hops_, &late_, &missed_, &failed_, &silent_samples_}) {
    counter->store(0, relaxed);
  }
  latency_max_ms_.store(0.0, relaxed);
  latency_last_ms_.store(0.0, relaxed);
}

}  // namespace sideman
