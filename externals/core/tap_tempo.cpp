#include "core/tap_tempo.h"

#include <algorithm>
#include <cmath>

namespace sideman {
namespace {

constexpr size_t most_intervals = 4;
constexpr double shortest = 0.24;  // seconds per beat: 250 bpm
constexpr double longest = 2.0;    // 30 bpm
constexpr double near = 0.25;      // of the median
constexpr double rounding = 1e-9;  // of moments that were added up from vectors

double median(std::vector<double> values) {
  std::ranges::sort(values);
  const size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2.0;
}

double typical(const std::vector<double>& values) {
  const double middle = median(values);
  double sum = 0.0;
  int count = 0;
  for (const double value : values) {
    if (std::abs(value - middle) > near * middle) continue;
    sum += value;
    ++count;
  }
  return count > 0 ? sum / count : middle;
}

}  // namespace

std::optional<double> TapTempo::tap(double now, int beats) {
  if (bounces(now, beats)) return std::nullopt;
  const double interval = last_ ? (now - *last_) / beats : longest + 1.0;
  last_ = now;
  if (interval > longest + rounding) {
    intervals_.clear();
    return std::nullopt;
  }
  if (intervals_.size() == most_intervals) intervals_.erase(intervals_.begin());
  intervals_.push_back(interval);
  return 60.0 / typical(intervals_);
}

bool TapTempo::bounces(double now, int beats) const {
  return last_ && (now - *last_) / beats < shortest - rounding;
}

void TapTempo::pass(double seconds) {
  if (last_) *last_ -= seconds;
}

void TapTempo::forget() {
  last_.reset();
  intervals_.clear();
}

}  // namespace sideman
