#pragma once
// TapTempo finds the tempo of beats that are told one by one, as by a foot. Moments in seconds, on
// any steady clock. A plain value.

#include <optional>
#include <vector>

namespace sideman {

class TapTempo {
 public:
  // A tap now, `beats` after the one before. From the second one on, the tempo: the mean of those of
  // the last four intervals that are near their median, since moments come in whole vectors of audio.
  // A pause begins a new series; a bounce does not count.
  std::optional<double> tap(double now, int beats);
  // Whether a tap now would come too soon after the last one to be meant.
  bool bounces(double now, int beats) const;
  void forget();
  // The clock of the moments has stood still for so long: what was told lies that much further back.
  void pass(double seconds);

 private:
  std::optional<double> last_;
  std::vector<double> intervals_;  // seconds per beat, the newest last
};

}  // namespace sideman
