#pragma once
// How long a message takes there and back, how much that varies, and how far the other side's clock
// is from ours. Seconds. One thread at a time.
// Source: RFC 6298 (smoothed round trip and its variation); RFC 5905, section 8 (clock offset).

#include <algorithm>
#include <cmath>

namespace sideman::osc {

class RoundTrip {
 public:
  // A question sent at `sent` was answered at `answered`, our time; `there` is the other side's time
  // when it did.
  void measured(double sent, double answered, double there) {
    const double trip = answered - sent;
    if (!(trip >= 0.0 && trip < 60.0) || !std::isfinite(there)) return;
    if (!known_) {
      smooth_ = trip;
      varies_ = trip / 2;
      shortest_ = trip;
    } else {
      varies_ += (std::abs(smooth_ - trip) - varies_) / 4;
      smooth_ += (trip - smooth_) / 8;
      shortest_ += 0.01 * (smooth_ - shortest_);  // an old best is forgotten slowly
    }
    // The quicker the answer, the less the two ways can have differed.
    if (!known_ || trip <= shortest_) {
      offset_ = there - (sent + trip / 2);
      shortest_ = trip;
    }
    known_ = true;
  }

  bool known() const { return known_; }
  double seconds() const { return smooth_; }
  double varies() const { return varies_; }
  // The other side's clock minus ours.
  double offset() const { return offset_; }
  // How long to wait for a report, which its sender may put off a little, before sending again.
  double patience() const {
    return known_ ? std::min(smooth_ + std::max(0.01, 4 * varies_), 1.0) : 0.1;
  }

 private:
  bool known_ = false;
  double smooth_ = 0.0;
  double varies_ = 0.0;
  double shortest_ = 0.0;
  double offset_ = 0.0;
};

}  // namespace sideman::osc
