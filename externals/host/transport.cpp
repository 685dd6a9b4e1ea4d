#include "host/transport.h"

#include <algorithm>

namespace sideman {

BeatPosition beat_position(const HostTransport& transport) {
  const long beats_per_bar = std::max(1L, transport.beats_per_bar);
  const double beats_per_quarter = static_cast<double>(std::max(1L, transport.beat_unit)) / 4.0;
  const double whole = static_cast<double>((transport.bar - 1) * beats_per_bar + transport.beat - 1);
  return {transport.quarters_per_minute * beats_per_quarter,
          whole + transport.ticks / transport.ticks_per_quarter * beats_per_quarter,
          static_cast<int>(beats_per_bar)};
}

}  // namespace sideman
