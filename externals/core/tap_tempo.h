#pragma once
// TapTempo finds the tempo of beats that are told one by one, as by a foot. Moments in seconds, on
// any steady clock. A plain value.

#include <optional>
#include <vector>

namespace sideman {

class TapTempo {
 public:
  // A tap now, `beats` after the one before. From the second one on, the tempo: the median of up to
  // four intervals. A pause begins a new series; a tap too soon after the last one is a bounce.
  std::optional<double> tap(double now, int beats);
  void forget();

 private:
  std::optional<double> last_;
  std::vector<double> intervals_;  // seconds per beat, the newest last
};

}  // namespace sideman
