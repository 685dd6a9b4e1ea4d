#pragma once
// LeadKeeper watches how long a backend thinks and says when the lead should change: longer as soon
// as two of the last 32 hops were late (eight where none was answered: it may be a stall, which no
// lead helps), shorter only after a long calm time. A plain value of the worker thread.

#include <array>
#include <cstdint>
#include <optional>
#include <span>

namespace sideman {

// What to allow for, given measured times: their 95th percentile with so much of it again, at least
// 20 ms. Of few times the longest does not count: one stall says nothing of the model.
inline constexpr double spare_in_play = 0.5;
inline constexpr double spare_at_first = 1.0;  // a second says little of ten minutes
double allowance_ms(std::span<const double> measured_ms, double spare);

class LeadKeeper {
 public:
  // A new stream begins, made for a backend that thinks for `thinking_ms`.
  void begin(double thinking_ms);
  // One hop answered after so long, or not at all, which measures nothing. Gives the new time to allow
  // for when the lead must change.
  std::optional<double> hop(std::optional<double> latency_ms, bool late, double frame_ms);

 private:
  static constexpr int64_t memory = 32;
  static constexpr int64_t calm_hops = 1024;
  static constexpr int64_t enough_late = 2, enough_unanswered = 8;

  std::optional<double> longer(double frame_ms);
  std::optional<double> shorter(double frame_ms);

  double thinking_ms_ = 0.0;
  int64_t hops_ = 0, measured_ = 0;
  std::array<double, memory> latency_ms_{};
  std::array<bool, memory> late_{};
  double calm_maximum_ms_ = 0.0;
  int64_t calm_ = 0;
};

}  // namespace sideman
