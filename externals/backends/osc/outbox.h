#pragma once
// Sends bodies as fragments until the other side has them all or their deadline is over: everything
// once, a few at a time; then what was overtaken (a report has what was sent well after it), and what
// no report had while none brought anything new for a `patience`. One thread at a time. Allocates when a body is put in. Times in seconds.

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "backends/osc/fragment.h"
#include "backends/osc/round_trip.h"

namespace sideman::osc {

class Outbox {
 public:
  struct Counts {
    int64_t sent = 0;
    int64_t sent_again = 0;
    int64_t given_up = 0;  // bodies whose deadline came first
  };

  // Send a body; when too many are under way the oldest gives place. `deadline`: no longer then.
  void put(int64_t hop, int64_t position, std::vector<uint8_t> bytes, double now, double deadline);
  // The other side has these.
  void got(const Got& report, double now, const RoundTrip& trip);
  // The next fragment that is due, valid until the next call of anything; empty when none is.
  std::optional<Fragment> next(double now, const RoundTrip& trip);
  // When to ask again; a long time from now when nothing is under way.
  double next_due(double now) const;
  const Counts& counts() const { return counts_; }

 private:
  static constexpr size_t hops = 8;
  static constexpr int burst = 8;              // fragments at once,
  static constexpr double breath = 0.001;      // then so many seconds without
  static constexpr double never = 1e18;

  struct Slot {
    bool used = false;
    int64_t hop = 0;
    int64_t position = 0;
    uint32_t checksum = 0;
    double deadline = 0.0;
    int32_t left = 0;                // fragments that were not reported yet
    std::vector<uint8_t> bytes;
    std::vector<double> due;         // when each is to be sent; `never` once it arrived
    std::vector<double> sent;        // when each was sent last; below 0: not yet
    std::vector<int> tries;
  };

  static double overtaken_before(const Slot& slot, const Got& report, const RoundTrip& trip);
  Slot& place();
  void expire(double now);

  std::array<Slot, hops> slots_;
  Counts counts_;
  int in_burst_ = 0;
  double rest_until_ = 0.0;
};

}  // namespace sideman::osc
