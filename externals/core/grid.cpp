#include "core/grid.h"

#include <algorithm>

namespace sideman {
namespace {

std::string number(int64_t value) { return std::to_string(value); }

}  // namespace

Interval Grid::heard(int64_t hop_id) const SIDEMAN_REALTIME {
  return {hop_id * hop_samples(), (hop_id + 1) * hop_samples()};
}

Interval Grid::slot(int64_t hop_id) const SIDEMAN_REALTIME {
  const int64_t begin = heard(hop_id).end + lead_samples();
  return {begin, begin + hop_samples()};
}

int64_t Grid::hop_ready_at(int64_t hop_id) const SIDEMAN_REALTIME { return heard(hop_id).end; }

int64_t Grid::hops_ready(int64_t samples) const SIDEMAN_REALTIME {
  return std::max<int64_t>(samples, 0) / hop_samples();
}

int64_t Grid::deadline(int64_t hop_id, int64_t fade_samples) const SIDEMAN_REALTIME {
  return slot(hop_id).begin - fade_samples;
}

Status Grid::validate() const {
  if (sample_rate < 1 || frame_samples < 1) {
    return Status::invalid("grid: sample rate " + number(sample_rate) + " and frame " +
                           number(frame_samples) + " samples: both must be at least 1");
  }
  if (hop_frames < 1) {
    return Status::invalid("hop " + number(hop_frames) + ": needs at least 1 frame");
  }
  if (window_frames < hop_frames) {
    return Status::invalid("hop " + number(hop_frames) + ": is longer than the window of " +
                           number(window_frames) + " frames; choose a shorter hop");
  }
  if (reach_frames() > window_frames) {
    return Status::invalid("lead " + number(lead_frames) + " + hop " + number(hop_frames) +
                           " reach past the window of " + number(window_frames) +
                           " frames; choose lead " + number(window_frames - hop_frames) +
                           " at most");
  }
  if (-lead_frames > window_frames) {
    return Status::invalid("lead " + number(lead_frames) + ": lies before the window of " +
                           number(window_frames) + " frames");
  }
  return {};
}

Status Grid::validate_live(int64_t fade_samples) const {
  if (Status status = validate(); !status.ok()) return status;
  if (lead_samples() <= fade_samples) {
    return Status::invalid("lead " + number(lead_frames) + " (" + number(lead_samples()) +
                           " samples): a running stream needs more than its fade of " +
                           number(fade_samples) + " samples; choose a longer lead");
  }
  if (hop_samples() < 3 * fade_samples) {
    return Status::invalid("hop " + number(hop_frames) + " (" + number(hop_samples()) +
                           " samples): must hold three fades of " + number(fade_samples) +
                           " samples; choose a longer hop or a shorter fade");
  }
  return {};
}

}  // namespace sideman
