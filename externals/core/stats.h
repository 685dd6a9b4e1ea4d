#pragma once
// Counters that the audio and worker threads write and anyone may read. Atomic, lock free, no
// ordering between them: a snapshot is a report, not a synchronisation.

#include <array>
#include <atomic>
#include <cstdint>

#include "core/realtime.h"

namespace sideman {

struct StatsSnapshot {
  int64_t hops = 0;             // answered, on time or not
  int64_t late = 0;             // answered after their deadline
  int64_t missed = 0;           // never sounded at all (failed, skipped or later than the slot's end)
  int64_t failed = 0;           // raised or refused by the backend
  int64_t silent_samples = 0;   // model-rate samples with nothing to play after the first slot
  double latency_p50_ms = 0.0;  // hop complete -> result handed to the player
  double latency_p95_ms = 0.0;
  double latency_max_ms = 0.0;
  double latency_last_ms = 0.0;  // of the last hop that was answered
};

class Stats {
 public:
  void answered(double latency_ms, bool late) noexcept;  // worker
  void failed() noexcept;                                // worker
  void missed() SIDEMAN_REALTIME;                        // audio or worker
  void silent(int64_t samples) SIDEMAN_REALTIME;         // audio
  StatsSnapshot snapshot() const;                        // control
  int64_t late() const noexcept { return late_.load(std::memory_order_relaxed); }  // control
  void clear() noexcept;                                 // worker

 private:
  double quantile(double share) const;

  // Quarter-millisecond bins up to one second, then one overflow bin: quantiles without a lock.
  static constexpr int bins = 4001;
  std::array<std::atomic<uint32_t>, bins> histogram_{};
  std::atomic<int64_t> hops_{0}, late_{0}, missed_{0}, failed_{0}, silent_samples_{0};
  std::atomic<double> latency_max_ms_{0.0}, latency_last_ms_{0.0};
};

}  // namespace sideman
