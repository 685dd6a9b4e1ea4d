#include "core/lead_keeper.h"

#include <algorithm>
#include <vector>

namespace sideman {
namespace {

// What a busy system may take from a thread at any moment, however quick the model is.
constexpr double least_spare_ms = 20.0;
// From so many times on the longest one counts.
constexpr size_t many = 20;

}  // namespace

double allowance_ms(std::span<const double> measured_ms, double spare) {
  if (measured_ms.empty()) return 0.0;
  std::vector<double> sorted(measured_ms.begin(), measured_ms.end());
  std::sort(sorted.begin(), sorted.end());
  const size_t last = sorted.size() - 1;
  const size_t place = sorted.size() < many ? last - std::min<size_t>(last, 1)
                                            : static_cast<size_t>(0.95 * static_cast<double>(last) + 0.5);
  const double slow = sorted[place];
  return slow + std::max(spare * slow, least_spare_ms);
}

void LeadKeeper::begin(double thinking_ms) {
  *this = {};
  thinking_ms_ = thinking_ms;
}

std::optional<double> LeadKeeper::hop(std::optional<double> latency_ms, bool late,
                                      double frame_ms) {
  late_[static_cast<size_t>(hops_++ % memory)] = late;
  if (latency_ms) latency_ms_[static_cast<size_t>(measured_++ % memory)] = *latency_ms;
  calm_ = late ? 0 : calm_ + 1;
  calm_maximum_ms_ = late ? 0.0 : std::max(calm_maximum_ms_, latency_ms.value_or(0.0));
  const int64_t enough = measured_ > 0 ? enough_late : enough_unanswered;
  if (std::count(late_.begin(), late_.end(), true) >= enough) return longer(frame_ms);
  if (calm_ >= calm_hops) return shorter(frame_ms);
  return std::nullopt;
}

// At least one frame more: what was measured may not be what made the hops late.
std::optional<double> LeadKeeper::longer(double frame_ms) {
  if (measured_ == 0) return std::max(1.5 * thinking_ms_, thinking_ms_ + frame_ms);
  const auto count = static_cast<size_t>(std::min(measured_, memory));
  const double measured = allowance_ms(std::span(latency_ms_).first(count), spare_in_play);
  return std::max(measured, thinking_ms_ + frame_ms);
}

// Of two frames to spare and more one is kept: a change is heard, so it must not come back soon.
std::optional<double> LeadKeeper::shorter(double frame_ms) {
  const double needed = 1.5 * calm_maximum_ms_;
  calm_ = 0;
  calm_maximum_ms_ = 0.0;
  if (needed + 2 * frame_ms >= thinking_ms_) return std::nullopt;
  return needed + frame_ms;
}

}  // namespace sideman
