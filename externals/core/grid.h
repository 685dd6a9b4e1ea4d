#pragma once
// Grid is where every position comes from: integer arithmetic on samples at the model's rate,
// counted from the start of a stream. A plain value; any thread may use it.
//
//   hop n is heard during [n*hop, (n+1)*hop) and answered for its slot, which starts `lead` frames
//   after the end of the hop and is one hop long.

#include <cstdint>

#include "core/realtime.h"
#include "core/status.h"

namespace sideman {

struct Interval {
  int64_t begin = 0;
  int64_t end = 0;
  bool operator==(const Interval&) const = default;
};

struct Grid {
  int32_t sample_rate = 44100;
  int32_t frame_samples = 2048;
  int32_t hop_frames = 4;
  int32_t lead_frames = 3;
  int32_t window_frames = 128;

  bool operator==(const Grid&) const = default;

  int64_t hop_samples() const SIDEMAN_REALTIME { return int64_t{hop_frames} * frame_samples; }
  int64_t lead_samples() const SIDEMAN_REALTIME { return int64_t{lead_frames} * frame_samples; }
  int64_t window_samples() const SIDEMAN_REALTIME { return int64_t{window_frames} * frame_samples; }
  int32_t reach_frames() const SIDEMAN_REALTIME { return lead_frames + hop_frames; }
  // The longest time from a note to the first sound that can depend on it; also the echo's delay.
  int64_t reaction_samples() const SIDEMAN_REALTIME { return hop_samples() + lead_samples(); }

  Interval heard(int64_t hop_id) const SIDEMAN_REALTIME;
  Interval slot(int64_t hop_id) const SIDEMAN_REALTIME;
  // The first heard-sample count at which the hop is complete.
  int64_t hop_ready_at(int64_t hop_id) const SIDEMAN_REALTIME;
  // How many hops are complete once `samples` have been heard.
  int64_t hops_ready(int64_t samples) const SIDEMAN_REALTIME;
  // The last sample at which a result can arrive and still join without a dip.
  int64_t deadline(int64_t hop_id, int64_t fade_samples) const SIDEMAN_REALTIME;

  // Refuses what can never work, with the numbers. A negative lead (retrospective) is valid on
  // paper; `validate_live` also refuses a lead that a running stream cannot keep.
  Status validate() const;
  Status validate_live(int64_t fade_samples) const;
};

}  // namespace sideman
